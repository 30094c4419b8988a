"""One frame as a camera captures it: all that the effects of ``chain.py`` have to know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.camera.field_of_view import visible_share
from mt3dnet_ros.renderer.camera.shutter import FLOW_INTERVAL, Timing
from mt3dnet_ros.renderer.domains.camera_effects import CameraEffects
from mt3dnet_ros.renderer.flow import FlowWarp


@dataclass(frozen=True)
class Capture:
    """What one frame is captured of, and how.

    :param rng: the frame's generator; named streams depend on its seed, not on its state
    :param grain: draws the noise; it is ``rng`` itself unless frames that share everything else differ in their noise
    :param camera: of the frame
    :param depth: (H, W) float32 metres of the frame, 0 where nothing was hit
    :param flow: (H, W, 2) float32 pixels per ``FLOW_INTERVAL``; None where nothing moves
    :param time: seconds since a sequence's first frame
    """

    rng: np.random.Generator
    grain: np.random.Generator
    effects: CameraEffects
    camera: Camera
    depth: np.ndarray
    timing: Timing
    flow: np.ndarray | None = None
    time: float = 0.0

    @cached_property
    def visible(self) -> np.ndarray:
        """How much of each pixel the optics and the recorder show, (H, W) float32 in [0, 1]."""
        height, width = self.depth.shape
        return visible_share(self.rng, height, width, self.effects.view)

    @cached_property
    def warp(self) -> FlowWarp | None:
        """Pictures of shortly before and after; None where nothing moves."""
        return None if self.flow is None else FlowWarp(self.flow, self.depth, self.timing.span / FLOW_INTERVAL)
