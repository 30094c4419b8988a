"""The entries of ``frames.json``: what is known of a rendered frame besides its picture and its maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.render import RenderedFrame


def frame_entry(plan: RenderPlan, index: int, frame: RenderedFrame) -> dict[str, Any]:
    """Return the entry of a frame; docs/train/rendering.md explains its keys."""
    camera = frame.camera
    entry: dict[str, Any] = {'fx': camera.fx, 'fy': camera.fy, 'cx': camera.cx, 'cy': camera.cy}
    if camera.distortion_model != 'none':
        entry |= {'distortion_model': camera.distortion_model, 'distortion': list(camera.distortion)}
    entry |= {'boxes': list(_boxes(frame)), 'tips': [asdict(tip) for tip in frame.tips]}
    entry['shaft_diameters'] = [round(diameter, 6) for diameter in frame.shaft_diameters]
    if frame.right is not None:
        entry['baseline'] = plan.baseline
    if plan.frames_per_sequence:
        entry['sequence'], entry['frame'] = divmod(index, plan.frames_per_sequence)
    if frame.pose is not None:
        entry['pose'] = frame.pose.tolist()
    return entry


def _boxes(frame: RenderedFrame) -> Iterator[list[int]]:
    for instance in np.unique(frame.instances[frame.instances > 0]):
        rows, columns = np.nonzero(frame.instances == instance)
        x, y = int(columns.min()), int(rows.min())
        yield [int(frame.types[rows[0], columns[0]]), x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1]
