"""How well a second eye tells the scale and the shape of a network's depth, and what it costs.

    python benchmark/second_eye.py --data RENDERED_IN_STEREO --checkpoint FILE [--split val] [--frames 40]

The scale's error is log(factor / true factor), where the true factor makes the median depth of the frame right.
`within 95 %` is the share of frames whose true factor lies in the interval. MAE is over all pixels of known depth: as
each use gives it (off: the network's own scale; sparse: that of the second eye; dense: its shape as well), and with the
true scale of each frame. Cost is the least of three runs on one thread, the median over frames.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch

from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.evaluation.order import spread
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scale.depth_scale import NORMAL_95, DepthScale
from mt3dnet_ros.perception.scale.evidence import Evidence, RightEye
from mt3dnet_ros.perception.settings import Settings

USES = 'off', 'sparse', 'dense'
_RUNS = 3


class Row(NamedTuple):
    """What one frame gives with one use of the second eye."""

    error: float
    deviation: float
    mae: float
    mae_of_true_scale: float
    cost: float


def parallel(camera: Camera, baseline: float) -> StereoCamera:
    """Return the pair of cameras of rendered frames."""
    return StereoCamera(camera, camera, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), (-baseline, 0.0, 0.0))


def judge(perceiver: Perceiver, frames: RenderedFrames, index: int, use: str) -> Row | str:
    """Return what a frame gives with a use of the second eye, or why it gives nothing."""
    frame, pair = frames[index], frames.pair(index)
    assert frame.depth is not None and frame.camera is not None
    camera = frame.camera
    evidence = Evidence(RightEye(pair.right, 0, parallel(camera, pair.baseline)))
    seen = replace(perceiver.run(Frame(frame.image), camera), settings=_settings(use))
    own = perceiver.interpret(seen, camera, {'depth'}).depth
    scale, cost = _timed(lambda: perceiver.measure(seen, camera, evidence))
    if use != 'off' and not scale.sources:
        return scale.rejections[0].reason if scale.rejections else seen.verdict.nothing
    depth = perceiver.interpret(seen, camera, {'depth'}, scale).depth
    assert own is not None and depth is not None
    known = (frame.depth > 0) & np.isfinite(own) & np.isfinite(depth)
    if not known.any():
        return 'the network knows no depth'
    true, own, depth = frame.depth[known], own[known], depth[known]
    factor = float(np.median(true / own))
    mae, of_true_scale = (1e3 * float(np.abs(found - true).mean()) for found in (depth, factor * own))
    return Row(math.log(scale.factor / factor), scale.deviation, mae, of_true_scale, 1e3 * cost)


def _settings(use: str) -> Settings:
    return Settings(max_depth=10.0, shaft_scale=False, second_eye=use)


def _timed(measure: Callable[[], DepthScale]) -> tuple[DepthScale, float]:
    """Return the scale and the least seconds of the processor that it took."""
    times = []
    for _ in range(_RUNS):
        start = time.thread_time()
        scale = measure()
        times.append(time.thread_time() - start)
    return scale, min(times)


def main() -> None:
    """Print a line per use of the second eye, and what it refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='folder written by mt3dnet render --stereo')
    parser.add_argument('--checkpoint', type=Path, required=True)
    parser.add_argument('--split', default='val')
    parser.add_argument('--frames', type=int, default=40)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    frames = RenderedFrames(arguments.data, arguments.split)
    perceiver = make_perceiver(load_checkpoint(arguments.checkpoint), torch.device('cpu'), _settings('off'))
    print(
        f'{"use":>6} {"frames":>6} {"|error| 50 %":>12} {"90 %":>6} {"max":>6} {"deviation":>9} {"error / dev.":>12} '
        f'{"within 95 %":>11} {"MAE mm":>7} {"true scale":>10} {"ms":>5}'
    )
    for use in USES:
        found = [judge(perceiver, frames, index, use) for index in spread(len(frames), arguments.frames)]
        _print(use, [row for row in found if isinstance(row, Row)])
        for reason, count in Counter(row for row in found if isinstance(row, str)).items():
            print(f'       {count} x {reason}')


def _print(use: str, rows: list[Row]) -> None:
    table = np.array(rows)
    error, deviation, mae, of_true_scale, cost = table.T
    middle, most = np.quantile(np.abs(error), (0.5, 0.9))
    ratio = error / deviation
    print(
        f'{use:>6} {len(rows):6d} {middle:12.4f} {most:6.3f} {np.abs(error).max():6.3f} {np.median(deviation):9.4f} '
        f'{ratio.std():12.2f} {(np.abs(ratio) < NORMAL_95).mean():11.2f} {mae.mean():7.2f} '
        f'{of_true_scale.mean():10.2f} {np.median(cost):5.1f}'
    )


if __name__ == '__main__':
    main()
