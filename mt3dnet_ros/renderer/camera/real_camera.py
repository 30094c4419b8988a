"""A real camera around the video chain of ``lens.py``: what lies before it, its sensor and its recorder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.camera.air import smoke
from mt3dnet_ros.renderer.camera.dirt import soil
from mt3dnet_ros.renderer.camera.optics import defocus, fringe
from mt3dnet_ros.renderer.camera.recorder import record
from mt3dnet_ros.renderer.camera.sensor import expose, flare
from mt3dnet_ros.renderer.camera.shutter import MOMENT, Timing, blur, interlace
from mt3dnet_ros.renderer.camera.view import window
from mt3dnet_ros.renderer.domains.camera import CameraEffects
from mt3dnet_ros.renderer.flow import Moments


@dataclass(frozen=True)
class RealCamera:
    """One shot of a real camera; its methods stand in the order in which a frame goes through them.

    :param rng: its seed, not its state, tells what is drawn
    :param grain: the same for noise alone
    :param camera: of the frame
    :param depth: (H, W) float32 metres of the frame, 0 where nothing was met
    :param flow: (H, W, 2) float32 pixels per ``MOMENT``; None where nothing moves
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
    def seen(self) -> np.ndarray:
        """How much of each pixel is seen, (H, W) float32 in [0, 1]."""
        height, width = self.depth.shape
        return window(self.rng, height, width, self.effects.view)

    @cached_property
    def _moments(self) -> Moments | None:
        return None if self.flow is None else Moments(self.flow, self.depth, self.timing.span / MOMENT)

    def focused(self, radiance: np.ndarray) -> np.ndarray:
        """Return the radiance (H, W, 3) that falls on the sensor while the shutter is open."""
        sharp = defocus(self.rng, radiance, self.depth, self.camera, self.effects.lens)
        return blur(sharp, self._moments, self.timing) if self._moments else sharp

    def through_the_lens(self, image: np.ndarray) -> np.ndarray:
        """Return a linear picture (H, W, 3) behind smoke and a soiled lens, with the glass's own errors."""
        hazy = smoke(self.rng, image, self.depth, self.effects.air, self.time)
        soiled = soil(self.rng, hazy, self.effects.dirt)
        return fringe(self.rng, flare(self.rng, soiled, self.effects.sensor), self.effects.lens)

    def sensed(self, image: np.ndarray) -> np.ndarray:
        """Return the sensor's reading of a linear picture (H, W, 3)."""
        return expose(self.rng, self.grain, image, self.effects.sensor)

    def played(self, picture: np.ndarray) -> np.ndarray:
        """Return a developed picture (H, W, 3) uint8 as a recording of it is played."""
        if self._moments:
            picture = interlace(picture, self._moments, self.timing)
        if self.seen.min() < 1:
            picture = (picture * self.seen[..., None] + 0.5).astype(np.uint8)
        return record(self.rng, picture, self.effects.recorder)
