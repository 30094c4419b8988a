"""A short video of moving tools, with its calibration: the demo's input."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import yaml
from tqdm import tqdm

from mt3dnet_ros.datasets.renderer.domain import Domain
from mt3dnet_ros.datasets.renderer.domain_camera import CameraEffects
from mt3dnet_ros.datasets.renderer.domain_file import load_domain
from mt3dnet_ros.datasets.renderer.instruments import instruments_of_class
from mt3dnet_ros.datasets.renderer.kinematics import Instrument
from mt3dnet_ros.datasets.renderer.materials import sample_finishes
from mt3dnet_ros.datasets.renderer.render import RenderedFrame, Shot, render
from mt3dnet_ros.datasets.renderer.tissue import load_photographs, sample_tissue
from mt3dnet_ros.datasets.renderer.world import PlacedTool, World, sample_lighting
from mt3dnet_ros.datasets.renderer.write import DATA_HELP, DOMAIN_HELP
from mt3dnet_ros.geometry.camera import Camera

FOCAL_PER_WIDTH = 0.81  # SCARED's left camera: 1035 pixels of 1280


@dataclass(frozen=True)
class ClipPlan:
    """What the video shows.

    :param data: folder that holds ``dvrk_model/``
    :param domain: what the looks of tissue, tools and light are drawn from
    :param classes: class ids of the tools, one from the left, one from the right and so on
    :param depth: distance of the tissue in metres
    :param seconds: length of the video
    """

    data: Path
    domain: Domain
    classes: tuple[int, ...] = (1, 3)
    depth: float = 0.095
    seconds: float = 8.0
    rate: float = 25.0
    width: int = 640
    height: int = 512
    oversampling: float = 1.25
    seed: int = 0

    @property
    def frames(self) -> int:
        """Number of frames."""
        return round(self.seconds * self.rate)

    def camera(self, oversampling: float = 1.0) -> Camera:
        """Return the ideal camera of the video."""
        width, height = round(oversampling * self.width), round(oversampling * self.height)
        focal = FOCAL_PER_WIDTH * width
        return Camera(width, height, focal, focal, 0.5 * (width - 1), 0.5 * (height - 1))


def _sway(time: float, periods: np.ndarray, phases: np.ndarray) -> np.ndarray:
    return np.sin(2 * math.pi * time / periods + phases)


def _joints(rng: np.random.Generator, instrument: Instrument, time: float) -> dict[str, float]:
    joints = {}
    for name, (lower, upper) in instrument.limits().items():
        period, phase = rng.uniform(2.5, 6.0), rng.uniform(0, 2 * math.pi)
        swing = float(np.sin(2 * math.pi * time / period + phase))
        joints[name] = 0.35 * upper * (1 + swing) if name == 'jaw' else float(np.clip(0.5 * swing, lower, upper))
    return joints


def clip_world(plan: ClipPlan, time: float) -> World:
    """Return the scene at a time in seconds; all but the tools' motion stays the same."""
    rng = np.random.default_rng(plan.seed)
    tissue = sample_tissue(rng, plan.depth, plan.domain.ground, plan.domain.skin, load_photographs(plan.data))
    lighting = sample_lighting(rng, plan.domain.lights)
    tools = []
    for number, class_id in enumerate(plan.classes):
        side = -1 if number % 2 == 0 else 1
        instrument = instruments_of_class(class_id, plan.data)[0]
        finishes, roll = sample_finishes(rng, plan.domain.finishes, class_id), rng.uniform(0, 2 * math.pi)
        periods, phases = rng.uniform(3.0, 7.0, 3), rng.uniform(0, 2 * math.pi, 3)
        sway = _sway(time, periods, phases) * [0.13, 0.14, 0.07]
        tip = plan.depth * (np.array([0.1 * side, 0.06 * (number - 0.5), 0.84]) + sway)
        port = np.array([0.13 * side, 0.06, -0.02])
        tools.append(PlacedTool(instrument, tip, port, roll, _joints(rng, instrument, time), finishes))
    return World(plan.camera(plan.oversampling), tissue, replace(lighting, gloss=80.0), tuple(tools))


def clip_frame(plan: ClipPlan, index: int) -> RenderedFrame:
    """Render one frame of the video."""
    world = clip_world(plan, index / plan.rate)
    ideal = replace(plan.domain, camera=CameraEffects())  # the calibration that goes with the video has no distortion
    return render(np.random.default_rng(plan.seed), world, ideal, Shot(plan.width, plan.height))


def clip_frames(plan: ClipPlan, processes: int = 1) -> Iterator[RenderedFrame]:
    """Render the video frame by frame."""
    with get_context('spawn').Pool(processes, cv2.setNumThreads, (1,)) as pool:
        yield from tqdm(
            pool.imap(partial(clip_frame, plan), range(plan.frames)), 'rendering', plan.frames, unit='frame'
        )


def calibration(plan: ClipPlan) -> dict[str, object]:
    """Return the camera in the layout of ROS camera_calibration."""
    camera = plan.camera()
    projection = np.hstack([camera.matrix, np.zeros((3, 1))])
    return {
        'image_width': plan.width,
        'image_height': plan.height,
        'camera_name': 'rendered_endoscope',
        'camera_matrix': {'rows': 3, 'cols': 3, 'data': camera.matrix.ravel().tolist()},
        'distortion_model': 'plumb_bob',
        'distortion_coefficients': {'rows': 1, 'cols': 5, 'data': [0.0] * 5},
        'rectification_matrix': {'rows': 3, 'cols': 3, 'data': np.eye(3).ravel().tolist()},
        'projection_matrix': {'rows': 3, 'cols': 4, 'data': projection.ravel().tolist()},
    }


def write_clip(plan: ClipPlan, output: Path, processes: int = 1) -> None:
    """Write ``clip.mp4`` and ``camera.yaml`` into a folder."""
    output.mkdir(parents=True, exist_ok=True)
    size = (plan.width, plan.height)
    writer = cv2.VideoWriter(str(output / 'clip.mp4'), cv2.VideoWriter.fourcc(*'mp4v'), plan.rate, size)
    for frame in clip_frames(plan, processes):
        picture = cv2.GaussianBlur(frame.image, (0, 0), 0.6)  # noise would double the file
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
    (output / 'camera.yaml').write_text(yaml.safe_dump(calibration(plan), sort_keys=False, default_flow_style=None))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `mt3dnet render-clip`."""
    parser.add_argument('--data', type=Path, required=True, help=DATA_HELP)
    parser.add_argument('--output', type=Path, required=True, help='folder to write clip.mp4 and camera.yaml into')
    parser.add_argument('--seconds', type=float, default=ClipPlan.seconds)
    parser.add_argument(
        '--classes', type=int, nargs='+', default=ClipPlan.classes, help='class ids of the tools, left first'
    )
    parser.add_argument('--domain', default='wide', help=DOMAIN_HELP)
    parser.add_argument('--seed', type=int, default=ClipPlan.seed)
    parser.add_argument('--processes', type=int, default=os.cpu_count())


def run(arguments: argparse.Namespace) -> int:
    """Render a video with its calibration."""
    plan = ClipPlan(
        arguments.data,
        load_domain(arguments.domain),
        tuple(arguments.classes),
        seconds=arguments.seconds,
        seed=arguments.seed,
    )
    write_clip(plan, arguments.output, arguments.processes)
    return 0
