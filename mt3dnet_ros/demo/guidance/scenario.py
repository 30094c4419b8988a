"""What happens in the guidance demo: a target is centred, then followed, and one fault after the other is injected."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.demo.guidance.steps import Centring, Step, judge_centring, stopping_time
from mt3dnet_ros.demo.guidance.world import GuidanceWorld
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.simulated_scene import on_surface

FIRST_PLACE = (0.03, 0.012)  # metres
CENTRING = 3.5  # seconds that the target stays there
_RADIUS, _TURN = 0.012, 1.1  # metres and rad/s of the circle on which it moves from then on
_FOLLOWING = 0.9  # seconds before a fault
_FAULT = 0.4  # seconds that it lasts


@dataclass(frozen=True)
class Fault:
    """A fault and what guidance made of it.

    :param begin: when it was injected, seconds (and ``end`` when it was repaired)
    :param stopping_time: seconds from then until nothing moved any more
    :param reason: that diagnostics gave
    """

    name: str
    begin: float
    end: float
    stopping_time: float
    reason: str


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
    faults = tuple(_break(world, *fault) for fault in _faults(world))
    world.run(_FOLLOWING)
    return ScenarioResult(begin, centring, faults, tuple(world.steps))


def _faults(world: GuidanceWorld) -> list[tuple[str, Callable[[], None], Callable[[], None]]]:
    """Return names, and how to cause and to repair each fault."""

    def lose_images() -> None:
        world.images_arrive = False

    def see() -> None:
        world.images_arrive = True

    def lose_depth() -> None:
        world.depth_is_known = False

    def know_depth() -> None:
        world.depth_is_known = True

    def release_joints() -> None:
        world.link.freeze(False)
        world.link.enable(True)

    return [
        ('images stop', lose_images, see),
        ('depth is NaN', lose_depth, know_depth),
        ('dead-man released', lambda: world.link.press_dead_man(False), lambda: world.link.press_dead_man(True)),
        ('joints freeze', lambda: world.link.freeze(True), release_joints),
    ]


def _break(world: GuidanceWorld, name: str, cause: Callable[[], None], repair: Callable[[], None]) -> Fault:
    world.run(_FOLLOWING)
    while not world.has_just_perceived:  # right after one, so that its effect takes longest
        world.step()
    begin, first = world.now, len(world.steps)
    cause()
    world.run(_FAULT)
    steps = world.steps[first:]
    repair()
    return Fault(name, begin, world.now, stopping_time(steps, begin), steps[-1].reason)
