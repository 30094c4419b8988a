"""What motion does to a frame: blur over the exposure, and the two fields of an interlaced video."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.renderer.domains.camera_effects import Shutter
from mt3dnet_ros.renderer.flow import FlowWarp
from mt3dnet_ros.renderer.scene.motion import MovingWorld, Oscillation
from mt3dnet_ros.renderer.scene.world import World
from mt3dnet_ros.renderer.streams import stream

FLOW_INTERVAL = 0.01  # seconds over which motion is taken for straight
_SAMPLES = 5  # instants of an exposure that are averaged
_PERIOD = 10.0  # seconds; of a sway that is straight over that interval
_FIELDS = ('woven', 'blended', 'doubled')


@dataclass(frozen=True)
class Timing:
    """When a frame's light is caught.

    :param exposure: seconds
    :param fields: how two fields are shown, one of ``_FIELDS``, or none
    :param gap: seconds between two fields
    """

    exposure: float
    fields: str | None
    gap: float

    @property
    def span(self) -> float:
        """Time before and after the middle of the exposure that a frame shows, seconds."""
        return 0.5 * max(self.exposure, self.gap if self.fields else 0.0)


def sample_timing(rng: np.random.Generator, shutter: Shutter) -> Timing:
    """Sample how long the shutter is open, and whether the video is interlaced."""
    rng = stream(rng, 'shutter')
    moving, fields, exposure = rng.random(), rng.random(), rng.uniform(*shutter.exposure)
    bounds = np.cumsum([getattr(shutter, name) for name in _FIELDS])
    chosen = next((name for name, bound in zip(_FIELDS, bounds, strict=True) if fields < bound), None)
    return Timing(exposure if moving < shutter.moving else 0.0, chosen, shutter.field)


def after_random_motion(rng: np.random.Generator, world: World, shutter: Shutter) -> World:
    """Return a still scene as it would be ``FLOW_INTERVAL`` later, its camera and tools moving at random speeds."""
    rng = stream(rng, 'nudge')
    camera = np.concatenate([_velocity(rng, shutter.camera_speed), _velocity(rng, shutter.camera_turn)])
    tools = tuple(_oscillation_from(_velocity(rng, shutter.tool_speed)) for _ in world.tools)
    return MovingWorld(world, (), tools, _oscillation_from(camera), _oscillation_from(np.zeros(1))).at(FLOW_INTERVAL)


def _velocity(rng: np.random.Generator, speed: tuple[float, float]) -> np.ndarray:
    return rng.uniform(*speed) * rng.uniform(-1.0, 1.0, 3)


def _oscillation_from(velocity: np.ndarray) -> Oscillation:
    """Return a sway that starts from its middle with a velocity."""
    still = np.zeros(len(velocity))
    return Oscillation(velocity * _PERIOD / (2 * math.pi), still + _PERIOD, still)


def motion_blur(image: np.ndarray, warp: FlowWarp, timing: Timing) -> np.ndarray:
    """Average a linear image (H, W, 3) over the exposure."""
    if not timing.exposure:
        return image
    times = np.linspace(-0.5, 0.5, _SAMPLES) * timing.exposure / FLOW_INTERVAL
    return np.stack([warp.at(image, time) for time in times]).mean(axis=0)


def interlace(picture: np.ndarray, warp: FlowWarp, timing: Timing) -> np.ndarray:
    """Return a picture (H, W, 3) uint8 made of the even lines of one instant and the odd lines of a later one."""
    if timing.fields is None:
        return picture
    half = 0.5 * timing.gap / FLOW_INTERVAL
    shown = warp.at(picture, -half)
    if timing.fields == 'doubled':
        return np.repeat(shown[::2], 2, axis=0)[: len(picture)]
    shown[1::2] = warp.at(picture, half)[1::2]
    if timing.fields == 'woven':
        return shown
    above, below = np.vstack([shown[:1], shown[:-1]]), np.vstack([shown[1:], shown[-1:]])
    return (shown // 2 + above // 4 + below // 4 + 2).astype(np.uint8)
