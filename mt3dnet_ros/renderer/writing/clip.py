"""A short video of one rendered sequence, with its calibration: the demo's input."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import yaml
from tqdm import tqdm

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.video_writer import VideoWriter
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.render import RenderedFrame
from mt3dnet_ros.renderer.sequence import sequence_frame, sequence_world
from mt3dnet_ros.resources import package_file

WIDTH, HEIGHT, RATE = 640, 512, 25.0
SEQUENCE = ('test', 0)  # a clip is the first one of this split
_CHUNK = 10  # frames for which a process is handed the scene once


def clip_plan(data: Path | None, domain: str | Path | None, seconds: float, seed: int) -> RenderPlan:
    """Return what a video shows; without a domain it is that of the shipped one, ``config/demo/scene.yaml``.

    :raises ValueError: it is too short for two frames
    """
    if (frames := round(RATE * seconds)) < 2:
        raise InputError(f'{seconds} seconds are {max(frames, 0)} frames at {RATE:g} per second; give more than 0.06')
    drawn = load_domain(domain or package_file('config', 'demo', 'scene.yaml'))
    return RenderPlan(data, drawn, width=WIDTH, height=HEIGHT, seed=seed, frames_per_sequence=frames, rate=RATE)


def clip_frames(plan: RenderPlan, processes: int = 1) -> Iterator[RenderedFrame]:
    """Render a plan's first sequence, frame by frame."""
    frame = partial(sequence_frame, plan, *SEQUENCE, sequence_world(plan, *SEQUENCE))
    indices = range(plan.frames_per_sequence)
    if processes == 1:
        yield from map(frame, indices)
        return
    with get_context('spawn').Pool(processes, cv2.setNumThreads, (1,)) as pool:
        yield from pool.imap(frame, indices, _CHUNK)


def calibration(camera: Camera) -> dict[str, object]:
    """Return a camera, ideal or with Brown's distortion, in the layout of ROS camera_calibration."""
    distortion = [*camera.distortion, 0.0, 0.0, 0.0, 0.0, 0.0][:5]
    projection = np.hstack([camera.matrix, np.zeros((3, 1))])
    return {
        'image_width': camera.width,
        'image_height': camera.height,
        'camera_name': 'rendered_endoscope',
        'camera_matrix': {'rows': 3, 'cols': 3, 'data': camera.matrix.ravel().tolist()},
        'distortion_model': 'plumb_bob',
        'distortion_coefficients': {'rows': 1, 'cols': 5, 'data': distortion},
        'rectification_matrix': {'rows': 3, 'cols': 3, 'data': np.eye(3).ravel().tolist()},
        'projection_matrix': {'rows': 3, 'cols': 4, 'data': projection.ravel().tolist()},
    }


def write_clip(plan: RenderPlan, output: Path, processes: int = 1) -> None:
    """Write ``clip.mp4`` and ``camera.yaml`` into a folder."""
    output.mkdir(parents=True, exist_ok=True)
    frames = tqdm(clip_frames(plan, processes), 'rendering', plan.frames_per_sequence, unit='frame', disable=None)
    with VideoWriter(output / 'clip.mp4', plan.rate, (plan.height, plan.width)) as writer:
        for frame in frames:
            writer.write(frame.image)
    facts = calibration(frame.camera)  # the same in all frames
    (output / 'camera.yaml').write_text(yaml.safe_dump(facts, sort_keys=False, default_flow_style=None))
