"""A contact sheet of rendered frames: ``python -m mt3dnet_ros.renderer.writing.sheet DIR SPLIT sheet.jpg``.

It shows one frame for each class, or, with ``--varied N``, the N frames that differ most from each other.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.perception.taxonomy import Taxonomy

COLUMNS = 4
VARIED_COLUMNS = 6
SEARCHED = 100  # frames
THUMBNAIL = (8, 6)  # columns and rows by which frames are compared
WIDEST = 1080  # columns of a sheet


def contact_sheet(frames: RenderedFrames) -> np.ndarray:
    """Show one frame for each class, (H, W, 3) uint8: the picture, its types with their names, its depth."""
    taxonomy = frames.taxonomy
    assert taxonomy is not None
    tiles = [_tile(frames[index], taxonomy) for index in _clearest(frames)]
    if not tiles:
        raise DatasetError(f"the first {SEARCHED} frames of '{frames.folder}' show no tool; render more")
    return _grid(tiles, COLUMNS)


def varied_sheet(frames: RenderedFrames, count: int) -> np.ndarray:
    """Show the frames that differ most from each other, (H, W, 3) uint8: the pictures and, below, their types."""
    taxonomy = frames.taxonomy
    assert taxonomy is not None
    chosen = [frames[index] for index in _varied(frames.images[:SEARCHED], count)]
    return _grid([np.vstack([frame.image, _named(frame, taxonomy)]) for frame in chosen], VARIED_COLUMNS)


def _varied(images: np.ndarray, count: int) -> list[int]:
    """Return frames of which each is as far as can be from those before it, by their thumbnails."""
    thumbnails = np.stack([cv2.resize(image, THUMBNAIL, interpolation=cv2.INTER_AREA) for image in images])
    points = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    chosen, gaps = [0], np.linalg.norm(points - points[0], axis=1)
    while len(chosen) < min(count, len(points)):
        chosen.append(int(gaps.argmax()))
        gaps = np.minimum(gaps, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return chosen


def _grid(tiles: list[np.ndarray], columns: int) -> np.ndarray:
    tiles = tiles + [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)])


def _clearest(frames: RenderedFrames) -> list[int]:
    """Return for each class a frame of its own that shows few other classes."""
    shown = [set(np.unique(types)) - {0} for types in frames.labels[0][:SEARCHED]]
    chosen: list[int] = []
    for class_id in sorted(set().union(*shown)):
        with_it = [i for i, kinds in enumerate(shown) if class_id in kinds and i not in chosen]
        chosen += [min(with_it, key=lambda i: len(shown[i]))] if with_it else []
    return chosen


def _tile(frame: LabelledFrame, taxonomy: Taxonomy) -> np.ndarray:
    assert frame.depth is not None
    near, far = np.percentile(frame.depth, [1, 99])
    shade = np.clip(255 * (far - frame.depth) / (far - near + 1e-6), 0, 255).astype(np.uint8)
    depth = cv2.applyColorMap(shade, cv2.COLORMAP_TURBO)[..., ::-1]
    return np.vstack([frame.image, _named(frame, taxonomy), _captioned(depth, f'{1e3 * near:.0f}-{1e3 * far:.0f} mm')])


def _named(frame: LabelledFrame, taxonomy: Taxonomy) -> np.ndarray:
    assert frame.types is not None
    colors = taxonomy.palette()[frame.types]
    shown = np.where(frame.types[..., None] > 0, frame.image // 4 + colors // 4 * 3, frame.image // 2)
    shown = np.ascontiguousarray(shown, np.uint8)
    for row, class_id in enumerate(np.unique(frame.types[frame.types > 0])):
        label = taxonomy.by_id(int(class_id))
        _write(shown, label.name, row, label.color)
    return shown


def _captioned(picture: np.ndarray, text: str) -> np.ndarray:
    picture = np.ascontiguousarray(picture)
    _write(picture, text, 0, (255, 255, 255))
    return picture


def _write(picture: np.ndarray, text: str, row: int, color: tuple[int, int, int]) -> None:
    for ink, thickness in (((0, 0, 0), 4), (color, 1)):
        cv2.putText(picture, text, (6, 18 + 20 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.55, ink, thickness, cv2.LINE_AA)


def main() -> None:
    """Write the sheet of one split."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path, help='folder that `mt3dnet render` has written')
    parser.add_argument('split', help='train, val or test')
    parser.add_argument('output', type=Path, help='picture to write')
    parser.add_argument('--varied', type=int, metavar='N', help='show N frames that differ, in place of all classes')
    arguments = parser.parse_args()
    frames = RenderedFrames(arguments.folder, arguments.split)
    sheet = varied_sheet(frames, arguments.varied) if arguments.varied else contact_sheet(frames)
    scale = min(0.75, WIDEST / sheet.shape[1])
    small = cv2.resize(sheet[..., ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if not cv2.imwrite(str(arguments.output), small, [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise SystemExit(f'{arguments.output} cannot be written; does its folder exist?')


if __name__ == '__main__':
    main()
