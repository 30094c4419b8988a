"""What ground truth looks like: ``python -m mt3dnet_ros.datasets.saliency.picture DIR SPLIT picture.jpg FRAME ...``."""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.datasets.saliency.scanpath import LabelledFixation
from mt3dnet_ros.datasets.saliency.truth import AttentionRules, attention
from mt3dnet_ros.datasets.sequences import require_sequences_of, windows
from mt3dnet_ros.perception.taxonomy import load_taxonomy

_WHITE, _BLACK, _PATH = (255, 255, 255), (0, 0, 0), (250, 220, 60)


def attention_picture(frame: LabelledFrame, before: LabelledFrame, rules: AttentionRules) -> np.ndarray:
    """Show a frame, its fixations on its parts, its map and its scanpath side by side, (H, 4 W, 3) uint8 RGB."""
    truth = attention(frame, before, rules)
    panels = [
        frame.image.copy(),
        _fixated(frame, truth.fixations),
        _heated(frame.image, truth.saliency),
        _numbered(frame.image, truth.scanpath),
    ]
    return np.hstack(panels)


def _fixated(frame: LabelledFrame, fixations: tuple[np.ndarray, ...]) -> np.ndarray:
    assert frame.parts is not None
    colors = load_taxonomy('parts').palette()[frame.parts]
    picture = np.where(frame.parts[..., None] > 0, frame.image // 2 + colors // 2, frame.image // 2).astype(np.uint8)
    for x, y in (point.tolist() for points in fixations for point in points):
        cv2.circle(picture, (x, y), 3, _BLACK, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(picture, (x, y), 2, _WHITE, cv2.FILLED, cv2.LINE_AA)
    return picture


def _heated(image: np.ndarray, saliency: np.ndarray) -> np.ndarray:
    heat = cv2.applyColorMap(saliency, cv2.COLORMAP_INFERNO)[..., ::-1]
    return np.maximum(image // 3, heat)


def _numbered(image: np.ndarray, path: tuple[LabelledFixation, ...]) -> np.ndarray:
    picture = image // 2
    for first, second in pairwise(path):
        cv2.arrowedLine(picture, first.pixel, second.pixel, _PATH, 2, cv2.LINE_AA, tipLength=0.06)
    for stop in path:
        cv2.circle(picture, stop.pixel, 11, _PATH, cv2.FILLED, cv2.LINE_AA)
        x, y = stop.pixel
        cv2.putText(picture, str(stop.order), (x - 6, y + 6), cv2.FONT_HERSHEY_SIMPLEX, 0.6, _BLACK, 2, cv2.LINE_AA)
        _write(picture, f'w = {stop.weight:.2f}', (x + 14, y + 5))
    return picture


def _write(picture: np.ndarray, text: str, place: tuple[int, int]) -> None:
    for ink, thickness in ((_BLACK, 3), (_WHITE, 1)):
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, ink, thickness, cv2.LINE_AA)


def main() -> None:
    """Write the picture of some rendered frames, one below the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path, help='folder that `mt3dnet render --frames-per-sequence` has written')
    parser.add_argument('split', help='train, val or test')
    parser.add_argument('output', type=Path, help='picture to write')
    parser.add_argument('frames', nargs='+', help='such as test/s0003/f0007')
    arguments = parser.parse_args()
    frames = RenderedFrames(arguments.folder, arguments.split)
    before = {frames.names[second]: first for first, second in windows(require_sequences_of(frames.names), 2)}
    if unknown := [name for name in arguments.frames if name not in before]:
        raise SystemExit(f'frames {", ".join(unknown)} are not there, or the first of their sequence')
    rules = AttentionRules(ids_persist=True)
    pairs = [(frames[frames.names.index(name)], frames[before[name]]) for name in arguments.frames]
    rows = [attention_picture(frame, earlier, rules) for frame, earlier in pairs]
    if not cv2.imwrite(str(arguments.output), np.vstack(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80]):
        raise SystemExit(f'{arguments.output} cannot be written; does its folder exist?')


if __name__ == '__main__':
    main()
