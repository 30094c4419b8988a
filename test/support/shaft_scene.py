"""A rendered shaft before tissue, and what a network that errs by a factor says of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid, rays
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scale.evidence import NO_EVIDENCE, Evidence
from mt3dnet_ros.perception.scale.shaft.cylinder import Cylinder
from mt3dnet_ros.perception.scale.view import ScaleView
from mt3dnet_ros.perception.scene import Box, Detection
from mt3dnet_ros.perception.settings import Settings

WIDTH, HEIGHT = 640, 512
CAMERA = Camera(WIDTH, HEIGHT, 560.0, 560.0, 322.0, 250.0)
LENS = replace(CAMERA, distortion_model='plumb_bob', distortion=(-0.25, 0.08, 0.001, -0.001))
NETWORK = 256, 320
DIAMETER = 0.0086
SHAFT, WRIST = 1, 2
_WRIST = 0.012  # metres
_TISSUE = 0.1  # metres


def cylinder_through(point: tuple[float, float, float], direction: tuple[float, float, float]) -> Cylinder:
    """Return a cylinder of ``DIAMETER`` by any point of its axis, metres, and any vector along it."""
    along = np.array(direction) / np.linalg.norm(direction)
    return Cylinder(np.array(point) - (np.array(point) @ along) * along, along, 0.5 * DIAMETER)


@dataclass(frozen=True)
class ShaftScene:
    """A tool that comes from the side, its shaft followed by a wrist.

    :param cylinder: its shaft, whose direction leads to the tip
    :param tip: end of the shaft along the axis from the cylinder's nearest point, metres
    :param contrast: grey of the shaft against tissue of about 150
    """

    cylinder: Cylinder = field(default_factory=lambda: cylinder_through((0.0, 0.0, 0.07), (1.0, 0.25, 0.5)))
    tip: float = 0.045
    camera: Camera = CAMERA
    grey: float = 30.0

    def truth(self) -> tuple[np.ndarray, np.ndarray]:
        """Return depth, (H, W) metres, and parts, (H, W) uint8."""
        seen = ray_grid(self.camera).reshape(-1, 3).astype(np.float64)
        depth, _ = self.cylinder.front(seen)
        along = (seen * depth[:, None]) @ self.cylinder.direction
        parts = np.where(along < self.tip, SHAFT, np.where(along < self.tip + _WRIST, WRIST, 0))
        parts = np.where(np.isfinite(depth) & (depth > 0), parts, 0).astype(np.uint8)
        depth = np.where(parts > 0, depth, _TISSUE)
        return depth.reshape(HEIGHT, WIDTH), parts.reshape(HEIGHT, WIDTH)

    def image(self) -> np.ndarray:
        """Return the picture, (H, W, 3) uint8: noisy, its edges as sharp as those of a camera."""
        fine = self.camera.resized(3 * WIDTH, 3 * HEIGHT)
        seen = rays(fine, np.stack(np.meshgrid(np.arange(3 * WIDTH), np.arange(3 * HEIGHT)), axis=-1)).reshape(-1, 3)
        depth, off_axis = self.cylinder.front(seen)
        along = (seen * depth[:, None]) @ self.cylinder.direction
        hit = np.isfinite(depth) & (along < self.tip + _WRIST)
        rng = np.random.default_rng(0)
        mottled = cv2.resize(rng.normal(1.0, 0.15, (20, 25)), (3 * WIDTH, 3 * HEIGHT), interpolation=cv2.INTER_CUBIC)
        tissue = mottled.reshape(-1, 1) * np.array([190.0, 90.0, 80.0])
        grey = np.where(along < self.tip, self.grey, 200.0) * (1.0 - 0.4 * off_axis)
        light = (np.where(hit[:, None], grey[:, None], np.clip(tissue, 0, 255)) / 255.0) ** 2.2
        light = light.reshape(HEIGHT, 3, WIDTH, 3, 3).mean(axis=(1, 3))
        values = 255.0 * light ** (1.0 / 2.2) + rng.normal(0.0, 2.0, light.shape)
        return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def shaft_view(
    scene: ShaftScene | None = None,
    factor: float = 1.0,
    name: str = 'large needle driver',
    settings: Settings | None = None,
    evidence: Evidence = NO_EVIDENCE,
    **changes: Any,
) -> ScaleView:
    """Return what an estimator looks at, where all depths of the network times a factor are true.

    :param changes: of the frame's ``rgb`` or what is shown, by functions of it, such as ``instances=lambda ids: ...``
    """
    scene = scene or ShaftScene()
    depth, parts = scene.truth()
    camera, letterbox = scene.camera, Letterbox((HEIGHT, WIDTH), NETWORK)
    shown = {'rgb': scene.image(), 'instances': (parts > 0).astype(np.uint8), 'parts': parts, 'depth': depth / factor}
    shown = {key: changes.get(key, lambda value: value)(value) for key, value in shown.items()}
    size = letterbox.cells[::-1]
    cells = {key: cv2.resize(shown[key], size, interpolation=cv2.INTER_NEAREST) for key in ('instances', 'parts')}
    numbers = [int(number) for number in np.unique(shown['instances']) if number]
    detections = [Detection(3, name, 0.9, number, Box(0, 0, WIDTH, HEIGHT)) for number in numbers]
    frame = Frame(shown.pop('rgb'))
    said = SimpleNamespace(
        **shown,
        instruments=detections,
        cell_instances=cells['instances'],
        cell_parts=np.maximum(cells['parts'], SHAFT),
        cell_rays=rays(camera, letterbox.cell_centers()).astype(np.float32),
        cell_depth=cv2.resize(shown['depth'].astype(np.float32), size, interpolation=cv2.INTER_NEAREST),
    )
    return ScaleView(frame, camera, letterbox, cast(Interpretation, said), settings or Settings(), evidence)
