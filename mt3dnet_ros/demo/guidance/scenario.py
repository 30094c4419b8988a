"""What happens in the guidance demo: a target is centred, then followed, and one fault after the other is injected.

Nothing tells the scale of depth at first, so that the camera only turns; then a shaft of known diameter is seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.demo.guidance.steps import Centring, Step, judge_centring, stopping_time
from mt3dnet_ros.demo.guidance.world import GuidanceWorld
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.simulated_perception import SECOND_EYE, SHAFT
from mt3dnet_ros.guidance.simulated_scene import on_surface

FIRST_PLACE = (0.03, 0.012)  # metres
CENTRING = 3.5  # seconds that the target stays there
_RADIUS, _TURN = 0.012, 1.1  # metres and rad/s of the circle on which it moves from then on
_FOLLOWING = 0.9  # seconds before a fault
_CONFIRMING = 1.6  # seconds until the camera moves in depth by a scale that has become known
_FAULT = 0.4  # seconds that it lasts
_WRONG = 1.5  # the factor by which the second eye errs at the end


@dataclass(frozen=True)
class Fault:
    """A fault and what guidance made of it.

    :param begin: when it was injected, seconds (and ``end`` when it was repaired)
    :param stopping_time: seconds from then until nothing moved any more, or not in depth
    :param reason: that diagnostics gave
    :param of_advance: only the motion in depth stops
    """

    name: str
    begin: float
    end: float
    stopping_time: float
    reason: str
    of_advance: bool = False


@dataclass(frozen=True)
class _Disturbance:
    """A fault that is to be injected.

    :param cause: lets it begin (``repair`` ends it)
    :param following: seconds before it
    :param of_advance: it stops only the motion in depth
    """

    name: str
    cause: Callable[[], None]
    repair: Callable[[], None]
    following: float = _FOLLOWING
    of_advance: bool = False


@dataclass(frozen=True)
class ScenarioResult:
    """What happened, and how well guidance did.

    :param begin: when guidance was enabled, seconds
    """

    begin: float
    centring: Centring
    faults: tuple[Fault, ...]
    steps: tuple[Step, ...]


def target_path(start: float) -> Callable[[float], np.ndarray]:
    """Return the path of a target that leaves its first place at a time and moves on a circle."""
    x, y = FIRST_PLACE

    def place(time: float) -> np.ndarray:
        angle = _TURN * max(time - start, 0.0)
        return on_surface(x + _RADIUS * (math.cos(angle) - 1.0), y + _RADIUS * math.sin(angle))

    return place


def run_scenario(world: GuidanceWorld, camera: Camera) -> ScenarioResult:
    """Let everything happen, from the start of the nodes on.

    :raises NodeError: a node cannot go on
    """
    world.target = target_path(math.inf)
    world.wait_for_nodes()
    world.run(0.3)
    world.link.press_dead_man(True)
    world.link.enable(True)
    begin, first = world.now, len(world.steps)
    world.run(CENTRING)
    centring = judge_centring(world.steps[first:], camera)
    world.target = target_path(world.now)
    world.perception.sources = (SHAFT,)
    faults = tuple(_break(world, disturbance) for disturbance in _disturbances(world))
    world.run(_FOLLOWING)
    return ScenarioResult(begin, centring, faults, tuple(world.steps))


def _disturbances(world: GuidanceWorld) -> list[_Disturbance]:
    """Return how to cause and to repair each fault."""

    def lose_images() -> None:
        world.images_arrive = False

    def see() -> None:
        world.images_arrive = True

    def lose_depth() -> None:
        world.depth_is_known = False

    def know_depth() -> None:
        world.depth_is_known = True

    def lose_scale() -> None:
        world.scale_arrives = False

    def know_scale() -> None:
        world.scale_arrives = True

    def open_wrong_eye() -> None:
        world.perception.mislead(SECOND_EYE, _WRONG)
        world.perception.sources = (SHAFT, SECOND_EYE)

    def close_eye() -> None:
        world.perception.sources = (SHAFT,)

    def release_joints() -> None:
        world.link.freeze(False)
        world.link.enable(True)

    press = world.link.press_dead_man
    return [
        _Disturbance('scale is lost', lose_scale, know_scale, _CONFIRMING, of_advance=True),
        _Disturbance('images stop', lose_images, see),
        _Disturbance('depth is NaN', lose_depth, know_depth),
        _Disturbance('dead-man released', lambda: press(False), lambda: press(True)),
        _Disturbance('joints freeze', lambda: world.link.freeze(True), release_joints),
        _Disturbance('sources contradict', open_wrong_eye, close_eye, of_advance=True),
    ]


def _break(world: GuidanceWorld, disturbance: _Disturbance) -> Fault:
    world.run(disturbance.following)
    while not world.has_just_perceived:  # right after one, so that its effect takes longest
        world.step()
    begin, first = world.now, len(world.steps)
    disturbance.cause()
    world.run(_FAULT)
    steps = world.steps[first:]
    disturbance.repair()
    of_advance = disturbance.of_advance
    reason = steps[-1].advance if of_advance else steps[-1].reason
    stopped = stopping_time(steps, begin, of_advance)
    return Fault(disturbance.name, begin, world.now, stopped, reason, of_advance)
