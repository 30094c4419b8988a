"""Small data sets of coloured bars, in the layout of rendered frames."""

from __future__ import annotations

import json

import numpy as np

FOCAL = 100.0


def write_shapes(folder, frames=6, size=(72, 90), seed=0):
    """Write all splits under a folder; every frame has one to three bars of known type, part and depth."""
    rng = np.random.default_rng(seed)
    for split in ('train', 'val', 'test'):
        (folder / split).mkdir(parents=True)
        drawn = [draw_frame(rng, *size) for _ in range(frames)]
        for name in drawn[0]:
            np.save(folder / split / f'{name}.npy', np.stack([frame[name] for frame in drawn]))
        intrinsics = {'fx': FOCAL, 'fy': FOCAL, 'cx': size[1] / 2, 'cy': size[0] / 2, 'boxes': []}
        (folder / split / 'frames.json').write_text(json.dumps([intrinsics] * frames))
    return folder


def write_sequences(folder, frames=4, per_sequence=2):
    """Write all splits; the frames of ``val`` are those of sequences."""
    return number_frames(write_shapes(folder, frames), per_sequence, ('val',))


def number_frames(folder, per_sequence, splits=('train', 'val', 'test')):
    """Turn the frames of some splits into sequences; return the folder."""
    for path in (folder / split / 'frames.json' for split in splits):
        facts = enumerate(json.loads(path.read_text()))
        path.write_text(
            json.dumps([fact | {'sequence': n // per_sequence, 'frame': n % per_sequence} for n, fact in facts])
        )
    return folder


def draw_frame(rng, height, width):
    frame = {
        'images': rng.integers(90, 130, (height, width, 3), dtype=np.uint8),
        'types': np.zeros((height, width), np.uint8),
        'parts': np.zeros((height, width), np.uint8),
        'instances': np.zeros((height, width), np.uint8),
        'depth': np.full((height, width), 0.1, np.float16),
    }
    for instance in range(1, rng.integers(1, 4) + 1):
        kind = int(rng.integers(1, 9))
        row, column = int(rng.integers(0, height - 16)), int(rng.integers(0, width - 40))
        bar = slice(row, row + 16), slice(column, column + 40)
        frame['images'][bar] = (30 * kind, 255 - 30 * kind, 70 * kind % 256)
        frame['types'][bar], frame['instances'][bar], frame['depth'][bar] = kind, instance, 0.07
        frame['parts'][bar] = 1 + np.arange(40) // 14
    return frame
