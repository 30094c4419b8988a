"""Training and judging on data of one's own: a folder, and a reader."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.examples import BRIEFLY, EXAMPLES, run_example

import mt3dnet_ros
from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.registry import open_frames


def check_training(output: Path, steps: int) -> None:
    """Check that losses were finite to the last step and that the network runs."""
    with (output / 'log' / 'metrics.csv').open() as table:
        losses = [float(row['loss']) for row in csv.DictReader(table) if row.get('loss')]
    assert losses and all(map(math.isfinite, losses))
    scene = mt3dnet_ros.load(output / 'mt3dnet.safetensors', 'cpu')(np.zeros((96, 128, 3), np.uint8))
    assert scene.labels is not None and scene.labels.shape == (96, 128)
    assert read_step(output) == steps


def read_step(output: Path) -> int:
    from mt3dnet_ros.perception.checkpoint_header import read_metadata

    return int(read_metadata(output / 'mt3dnet.safetensors')['step'])


def check_report(folder: Path, frames: int) -> None:
    """Check that all frames were judged, by their types."""
    report = json.loads((folder / 'report.json').read_text())
    assert report['setting']['frames'] == f'{frames} of {frames}'
    types = report['types']
    assert 0.0 <= types['metrics']['dice_micro']['value'] <= 1.0


def test_frames_of_a_data_set_become_a_folder_of_images_and_masks(rendered: Path, folder: Path) -> None:
    for split in ('train', 'val', 'test'):
        frames, files = open_frames('rendered', rendered, split), open_frames('masks_folder', folder, split)
        assert len(frames) == len(files) and files.taxonomy == frames.taxonomy
        for frame, file in zip(frames, files, strict=True):
            assert np.array_equal(frame.image, file.image) and np.array_equal(frame.types, file.types)


def test_a_folder_trains_a_network_that_is_judged(folder: Path, tmp_path: Path) -> None:
    printed = run_example('train_on_folder.py', folder, tmp_path / 'run', *BRIEFLY)
    assert 'mt3dnet.safetensors' in printed and 'types dice_micro' in printed
    check_training(tmp_path / 'run', steps=10)
    check_report(tmp_path / 'run' / 'report', frames=2)


@pytest.fixture
def coco(folder: Path, tmp_path: Path) -> Path:
    """Return the frames of the folder with polygons; the bars of one class are called something unknown."""
    (tmp_path / 'images').mkdir()
    for split in ('train', 'val'):
        write_coco(open_frames('masks_folder', folder, split), tmp_path, split)
    return tmp_path


def write_coco(frames, folder: Path, split: str) -> None:
    categories = [{'id': 10 * label.id, 'name': label.name} for label in frames.taxonomy.classes if label.id]
    images, annotations = [], []
    for number, frame in enumerate(frames):
        name = f'{split}_{frame.name}.png'
        images.append({'id': number, 'file_name': name})
        cv2.imwrite(str(folder / 'images' / name), frame.image[..., ::-1])
        for instance in range(1, frame.instances.max() + 1):
            mask = frame.instances == instance
            outlines = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
            kind = int(frame.types[mask][0])
            polygons = [outline.ravel().tolist() for outline in outlines]
            annotations.append({'image_id': number, 'category_id': 10 * kind, 'segmentation': polygons})
    content = {'images': images, 'categories': categories, 'annotations': annotations}
    (folder / f'{split}.json').write_text(json.dumps(content))


def test_a_reader_of_ones_own_gives_frames_for_training_and_judging(
    coco: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    reader = 'own_dataset:CocoFrames'
    for frame, drawn in zip(open_frames('masks_folder', folder, 'val'), open_frames(reader, coco, 'val'), strict=True):
        assert (frame.types == drawn.types).mean() > 0.99
        assert frame.instances.max() == drawn.instances.max()
    recipe, run = str(EXAMPLES / 'train_on_folder.yaml'), tmp_path / 'run'
    assert main(['train', '--config', recipe, f'dataset={reader}', f'data={coco}', f'output={run}', *BRIEFLY]) == 0
    check_training(run, steps=10)
    which = ['--dataset', reader, '--data', str(coco), '--split', 'val', '--checkpoint']
    assert main(['evaluate', *which, str(run / 'mt3dnet.safetensors'), '--output', str(run / 'report')]) == 0
    check_report(run / 'report', frames=2)


def test_the_reader_says_what_it_reads(coco: Path) -> None:
    printed = run_example('own_dataset.py', coco)
    assert 'train: 4 frames; background in 4' in printed
    assert 'val: 2 frames' in printed
