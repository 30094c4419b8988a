"""What smoothing masks over time (``mask_time_constant``) gains, costs and delays.

    python benchmark/mask_smoothing.py --data ../shared/data/real_val/robotic_ex_vivo [--noise 36] [--frames 370]

``--data`` is a folder of part masks with a video beside them whose frames the labels are named by (``frame040``). The
network runs once per frame; all time constants smooth the same predictions. Dice is that of the labelled frames, as
they are seen in the course of the video: smoothing that lags loses it. ``--noise`` darkens the video and adds grain of
that many grey values, smoothed over a pixel, as a camera has it whose gain is turned up.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch

from mt3dnet_ros.datasets.parts_folder import PartsFolder
from mt3dnet_ros.evaluation.scorers.flicker import FlickerScorer
from mt3dnet_ros.evaluation.scorers.instrument import true_foreground
from mt3dnet_ros.media.open_source import open_video
from mt3dnet_ros.metrics.confusion import count_pairs
from mt3dnet_ros.metrics.dice import dice_binary
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.registry import make_back_end
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT
from mt3dnet_ros.perception.over_time.mask_filter import MaskFilter
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.resources import package_file

TIME_CONSTANTS = (0.0, 0.06, 0.12, 0.24)
DARKER = 0.6


class Run:
    """One time constant, over a video."""

    def __init__(self, time_constant: float) -> None:
        self.time_constant = time_constant
        self.filter = MaskFilter()
        self.flicker = FlickerScorer()
        self.dice: list[float] = []
        self.seconds: list[float] = []


def noisy(images: Iterator[np.ndarray], noise: float) -> Iterator[np.ndarray]:
    """Darken pictures and add grain, the same in every run."""
    rng = np.random.default_rng(0)
    for image in images:
        grain = cv2.GaussianBlur(rng.normal(0.0, noise, image.shape).astype(np.float32), (0, 0), 1.0)
        yield np.clip(DARKER * image + grain, 0, 255).astype(np.uint8)


def judge(network: MT3DNet, images: Iterator[np.ndarray], rate: float, frames: PartsFolder) -> list[Run]:
    """Run every time constant over a video, (H, W, 3) uint8 RGB each, at a rate in frames per second."""
    runs, config = [Run(value) for value in TIME_CONSTANTS], network.config
    back_end = make_back_end('torch', network, torch.device('cpu'))
    numbers = {int(found[0]): index for index, name in enumerate(frames.names) if (found := re.search(r'\d+$', name))}
    for number, image in enumerate(images):
        letterbox = Letterbox(image.shape[:2], config.input_size)
        canvas = NumPyCanvas(letterbox, image)
        prediction = back_end(canvas.normalized(config.mean, config.std))
        truth = true_foreground(frames[numbers[number]]) if number in numbers else None
        for run in runs:
            start = time.perf_counter()
            smooth = run.filter(prediction, canvas, round(1e9 * (number + 1) / rate), run.time_constant)
            run.seconds.append(time.perf_counter() - start)
            mask = Interpretation(smooth, letterbox, None, config, Settings()).labels > 0
            run.flicker.update(mask)
            if truth is not None:
                run.dice.append(dice_binary(count_pairs(mask.astype(np.uint8), truth, 2)))
    return runs


def main() -> None:
    """Print a row per time constant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--checkpoint', type=Path, default=package_file(*SHIPPED_CHECKPOINT))
    parser.add_argument('--noise', type=float, default=0.0)
    parser.add_argument('--frames', type=int)
    arguments = parser.parse_args()
    (path,) = arguments.data.glob('video.*')
    video = open_video(path)
    images: Iterator[np.ndarray] = (picture.image for picture in islice(video, arguments.frames))
    images = noisy(images, arguments.noise) if arguments.noise else images
    print('seconds  IoU of consecutive masks  lowest 5 %  Dice  worst  median ms')
    for run in judge(load_checkpoint(arguments.checkpoint), images, video.rate, PartsFolder(arguments.data)):
        flicker = [metric.value for metric in run.flicker.section().metrics.values()]
        dice = f'{np.mean(run.dice):.4f} {min(run.dice):.4f}'
        cost = 1e3 * np.median(run.seconds)
        print(f'{run.time_constant:7.2f} {flicker[0]:25.4f} {flicker[1]:11.4f} {dice} {cost:10.2f}')


if __name__ == '__main__':
    main()
