"""Draw what the shipped network sees in rendered test frames, beside the truth.

Use: python benchmark/draw_predictions.py rendered docs/images/predictions.jpg [--frames 8] [--checkpoint FILE]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.datasets.rendered import TAXONOMY, RenderedFrames
from mt3dnet_ros.evaluation.order import spread
from mt3dnet_ros.evaluation.scorers.objects import true_objects
from mt3dnet_ros.media.depth_colors import DepthColors
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.overlay import draw_overlay
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scene import Box, Detection
from mt3dnet_ros.perception.taxonomy import load_taxonomy

WIDTH = 1400  # pixels of the sheet
OPACITY = 0.55
OUTPUTS = frozenset({'labels', 'instances', 'detections', 'depth'})


def main() -> None:
    """Draw evenly spread frames of the split test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path, help='folder that `mt3dnet render` has written')
    parser.add_argument('picture', type=Path, help='picture to write')
    parser.add_argument('--frames', type=int, default=8)
    parser.add_argument('--checkpoint', default='')
    arguments = parser.parse_args()
    frames, perceiver = RenderedFrames(arguments.folder, 'test'), load(arguments.checkpoint)
    # Those in the middle of each stretch: the first frame is not more typical than others.
    chosen = spread(len(frames), 2 * arguments.frames + 1)[1::2]
    sheet = np.vstack([_row(frames[index], perceiver) for index in chosen])
    scale = WIDTH / sheet.shape[1]
    small = cv2.resize(sheet[..., ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if not cv2.imwrite(str(arguments.picture), small, [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise SystemExit(f'{arguments.picture} cannot be written; does its folder exist?')


def _row(frame: LabelledFrame, perceiver: Perceiver) -> np.ndarray:
    """Return the picture, types and depth as they are, and types and depth as they are seen, (H, 5 W, 3) uint8."""
    assert frame.types is not None and frame.instances is not None and frame.depth is not None
    taxonomy = load_taxonomy(TAXONOMY)
    seen = perceiver(Frame(frame.image, 0), frame.camera, OUTPUTS)
    assert seen.labels is not None and seen.instances is not None
    assert seen.detections is not None and seen.depth is not None
    truth = [
        Detection(thing.class_id, taxonomy.by_id(thing.class_id).name, 1.0, -1, Box(*map(int, thing.box)))
        for thing in true_objects(frame.instances, frame.types)
    ]
    depth = np.where(frame.depth > 0, frame.depth, np.nan)
    colors = DepthColors.of([depth])
    return np.hstack([
        frame.image,
        draw_overlay(frame.image, frame.types, frame.instances, truth, taxonomy, OPACITY),
        draw_overlay(frame.image, seen.labels, seen.instances, seen.detections, taxonomy, OPACITY),
        colors.draw(depth),
        colors.draw(seen.depth),
    ])  # fmt: skip


if __name__ == '__main__':
    main()
