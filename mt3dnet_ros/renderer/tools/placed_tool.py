"""Tools in the scene, and how they are sampled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.domains.domain import Domain
from mt3dnet_ros.renderer.domains.tools import Looks, Tools
from mt3dnet_ros.renderer.streams import stream
from mt3dnet_ros.renderer.tools.disposable_looks import bloodied, disposable_finishes
from mt3dnet_ros.renderer.tools.disposables import SLEEVES, cannulas, disposables, sleeved
from mt3dnet_ros.renderer.tools.finishes import Finish, sample_finishes
from mt3dnet_ros.renderer.tools.instruments import OTHER, Assets, instruments_of_class
from mt3dnet_ros.renderer.tools.kinematics import Instrument, pose_through_port
from mt3dnet_ros.renderer.tools.laparoscopic import hand_held
from mt3dnet_ros.renderer.tools.looks import with_looks
from mt3dnet_ros.renderer.tools.primitives import simple_instruments


@dataclass(frozen=True)
class PlacedTool:
    """A tool in the camera frame, placed by its tip and by the port that its shaft comes through.

    :param tip: (3,) metres
    :param port: (3,) a point far up the shaft, metres
    :param roll: turn about the shaft, radians
    :param joints: joint values, radians
    :param finishes: its look by material
    """

    instrument: Instrument
    tip: np.ndarray
    port: np.ndarray
    roll: float
    joints: Mapping[str, float]
    finishes: Mapping[int, Finish]

    @cached_property
    def pose(self) -> np.ndarray:
        """Pose (4, 4) of its ``roll_link``, metres."""
        return pose_through_port(self.tip, self.port, self.roll, self.instrument.tip_position(self.joints))

    @cached_property
    def link_poses(self) -> dict[str, np.ndarray]:
        """Pose (4, 4) of each of its links in the frame of ``roll_link``, metres."""
        return self.instrument.link_poses(self.joints)


def sample_joints(rng: np.random.Generator, instrument: Instrument, tools: Tools) -> dict[str, float]:
    """Sample joint values: how far the wrist is bent and the jaws are open."""
    joints = {}
    for name, (lower, upper) in instrument.limits().items():
        bend = float(np.clip(tools.wrist_bend * rng.standard_normal(), lower, upper))
        joints[name] = rng.uniform(*tools.jaw_opening) * upper if name == 'jaw' else bend
    return joints


def sample_port(rng: np.random.Generator, tools: Tools) -> np.ndarray:
    """Sample where a shaft comes from: beside the endoscope, more often left and right than above."""
    side = rng.choice([0.0, math.pi]) + rng.normal(0, tools.port_spread)
    reach = rng.uniform(*tools.port_reach)
    return np.array([reach * math.cos(side), reach * math.sin(side), rng.uniform(*tools.port_ahead)])


def sample_tip(rng: np.random.Generator, camera: Camera, distance: float, port: np.ndarray, tools: Tools) -> np.ndarray:
    """Sample a tip in or just outside the view, for tissue at a distance in metres."""
    lean = tools.tip_lean * port[:2] / np.linalg.norm(port[:2])
    u, v = rng.normal(0.5 + lean, tools.tip_spread)
    z = distance * rng.uniform(*tools.tip_depth)
    return np.array(
        [(u * camera.width - camera.cx) * z / camera.fx, (v * camera.height - camera.cy) * z / camera.fy, z]
    )


def _draw(rng: np.random.Generator, frequencies: Mapping[int, float]) -> int:
    weights = np.array(list(frequencies.values()), float)
    return int(rng.choice(list(frequencies), p=weights / weights.sum()))


def sample_instrument(
    rng: np.random.Generator, own: np.random.Generator, class_id: int, looks: Looks, assets: Assets
) -> Instrument:
    """Sample a tool of a class: of meshes, or by the chances of ``looks`` of simple shapes."""
    tools = instruments_of_class(class_id, assets.data, assets.dvrk_model)
    chosen = tools[rng.integers(len(tools))]
    if own.random() < looks.primitive:
        tools = simple_instruments(class_id) or tools
        chosen = tools[own.integers(len(tools))]
    if class_id == OTHER and own.random() < looks.laparoscopic:
        tools = hand_held()
        chosen = tools[own.integers(len(tools))]
    return _disposable(stream(own, 'disposable'), class_id, looks) or chosen


def _disposable(rng: np.random.Generator, class_id: int, looks: Looks) -> Instrument | None:
    """Return a large or disposable tool of a class, or a cannula, by their chances; None in all other cases."""
    if class_id == OTHER and rng.random() < looks.cannulas:
        return cannulas()[rng.integers(len(cannulas()))]
    tools = disposables(class_id)
    if not tools or rng.random() >= looks.disposable:
        return None
    chosen = tools[rng.integers(len(tools))]
    return sleeved(chosen, int(rng.integers(SLEEVES))) if rng.random() < looks.sleeved else chosen


def sample_tool(
    rng: np.random.Generator, number: int, camera: Camera, distance: float, domain: Domain, assets: Assets
) -> PlacedTool:
    """Sample one tool of a random class; ``number`` tells it from the scene's others."""
    own = stream(rng, f'tool {number}')
    class_id = _draw(rng, domain.tools.classes)
    instrument = sample_instrument(rng, own, class_id, domain.looks, assets)
    port = sample_port(rng, domain.tools)
    return PlacedTool(
        instrument,
        sample_tip(rng, camera, distance, port, domain.tools),
        port,
        rng.uniform(0, 2 * math.pi),
        sample_joints(rng, instrument, domain.tools),
        _sample_looks(own, sample_finishes(rng, domain.finishes, class_id), domain.looks, instrument),
    )


def _sample_looks(
    own: np.random.Generator, plain: Mapping[int, Finish], looks: Looks, instrument: Instrument
) -> dict[int, Finish]:
    finishes = with_looks(own, plain, looks, instrument.wristed)
    if instrument.disposable:
        finishes = disposable_finishes(stream(own, 'disposable look'), finishes, looks, instrument.radius)
    return bloodied(stream(own, 'blood'), finishes, looks)


def sample_tools(
    rng: np.random.Generator, camera: Camera, distance: float, domain: Domain, assets: Assets
) -> tuple[PlacedTool, ...]:
    """Sample a scene's tools before tissue at a distance in metres."""
    count = _draw(rng, domain.tools.counts)
    return tuple(sample_tool(rng, number, camera, distance, domain, assets) for number in range(count))
