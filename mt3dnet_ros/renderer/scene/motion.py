"""How a scene moves: tools at work, a slow camera and tissue that breathes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.domains import Range
from mt3dnet_ros.renderer.scene.world import World
from mt3dnet_ros.renderer.streams import stream
from mt3dnet_ros.renderer.tools.actions import Action, Pace, sample_actions
from mt3dnet_ros.renderer.tools.placed_tool import PlacedTool
from mt3dnet_ros.renderer.tools.withdrawals import Withdrawal, sample_withdrawals

with needs_extra('render'):
    from scipy.spatial.transform import Rotation

_JAW = 'jaw'
_GOAL_SPREAD = 0.12  # of goals about the optical axis, relative to their distance
_DESCENT = (-0.1, 0.3)  # slope of the path to a goal; steeper ones would end in the tissue


@dataclass(frozen=True)
class MotionRanges:
    """What motion is drawn from: amplitudes in metres and radians, periods in seconds.

    :param drift: of the tip of a tool at rest, along each axis
    :param camera_shift: of the camera along each axis, and ``camera_turn`` about each axis
    :param breath: of the tissue along the optical axis
    :param leaving: probability that a tool leaves the view, time after time, and ``away`` how long
    """

    pace: Pace = field(default_factory=Pace)
    drift: Range = (0.0003, 0.0015)
    drift_period: Range = (3.0, 7.0)
    camera_shift: Range = (0.0, 0.002)
    camera_turn: Range = (0.0, 0.015)
    camera_period: Range = (5.0, 10.0)
    breath: Range = (0.0, 0.0012)
    breath_period: Range = (3.0, 5.0)
    leaving: float = 0.0
    away: Range = (0.5, 3.0)


@dataclass(frozen=True)
class Oscillation:
    """A slow oscillation about nothing, with a period of its own along each of n axes."""

    amplitudes: np.ndarray
    periods: np.ndarray
    phases: np.ndarray

    def at(self, time: float) -> np.ndarray:
        """Return the deviation (n,) at a time in seconds."""
        return self.amplitudes * np.sin(2 * math.pi * time / self.periods + self.phases)


@dataclass(frozen=True)
class MovingWorld:
    """A scene over time.

    :param rest: the scene without any motion
    :param drifts: of each tool's tip
    :param camera: six axes: shift in metres and turn in radians
    :param breath: one axis
    :param withdrawals: of the tools that leave the view
    """

    rest: World
    actions: tuple[Action, ...]
    drifts: tuple[Oscillation, ...]
    camera: Oscillation
    breath: Oscillation
    withdrawals: tuple[Withdrawal, ...] = ()

    def at(self, time: float) -> World:
        """Return the scene at a time in seconds, in the camera's frame at that time."""
        camera_from_rest = _camera_from_rest(self.camera.at(time))
        breathing = np.eye(4)
        breathing[2, 3] = self.breath.at(time)[0]
        tools = (self._tool(index, time) for index in range(len(self.rest.tools)))
        with_tissue = camera_from_rest @ breathing
        return replace(
            self.rest,
            tissue=self.rest.tissue.moved(with_tissue),
            tools=tuple(_in_camera_frame(tool, camera_from_rest) for tool in tools),
            props=tuple(prop.moved(with_tissue) for prop in self.rest.props),
            contacts=self.rest.contacts and self.rest.contacts.moved(with_tissue),
        )

    def camera_pose(self, time: float) -> np.ndarray:
        """Return the pose (4, 4) of the camera at a time in seconds, in the frame that it has at rest."""
        return np.linalg.inv(_camera_from_rest(self.camera.at(time)))

    def _tool(self, index: int, time: float) -> PlacedTool:
        tool = self.rest.tools[index]
        tip, joints = tool.tip + self.drifts[index].at(time), dict(tool.joints)
        for action in (action for action in self.actions if action.tool == index):
            progress = action.progress(time)
            tip = tip + progress * action.displacement
            for name, change in action.joint_changes.items():
                joints[name] += progress * change
            if _JAW in joints:
                joints[_JAW] *= 1 - action.jaw_closure(time)
        for withdrawal in (withdrawal for withdrawal in self.withdrawals if withdrawal.tool == index):
            tip = tip + withdrawal.progress(time) * withdrawal.displacement
        limits = tool.instrument.limits()
        return replace(tool, tip=tip, joints={name: float(np.clip(v, *limits[name])) for name, v in joints.items()})


def sample_motion(rng: np.random.Generator, world: World, seconds: float, motion: MotionRanges) -> MovingWorld:
    """Sample how a scene moves from 0 to some seconds; a longer time begins with the motion of a shorter one."""
    camera = Oscillation(
        np.concatenate([_amplitudes(rng, motion.camera_shift), _amplitudes(rng, motion.camera_turn)]),
        rng.uniform(*motion.camera_period, 6),
        rng.uniform(0, 2 * math.pi, 6),
    )
    breath = _oscillation(rng, motion.breath, motion.breath_period, 1)
    drifts = tuple(_oscillation(rng, motion.drift, motion.drift_period, 3) for _ in world.tools)
    directions = [_goal_direction(rng, tool) for tool in world.tools]
    joints = [[name for name in tool.joints if name != _JAW] for tool in world.tools]
    actions = sample_actions(rng, directions, joints, seconds, motion.pace)
    withdrawals = sample_withdrawals(
        stream(rng, 'withdrawals'), world.tools, world.camera, seconds, motion.leaving, motion.away
    )
    return MovingWorld(world, actions, drifts, camera, breath, withdrawals)


def _goal_direction(rng: np.random.Generator, tool: PlacedTool) -> np.ndarray:
    """Return the direction of a tool's goals: along the tissue towards the middle of the view, and a little into it."""
    goal = rng.normal(0.0, _GOAL_SPREAD * tool.tip[2], 2)
    across = (goal - tool.tip[:2]) / np.linalg.norm(goal - tool.tip[:2])
    direction = np.array([*across, rng.uniform(*_DESCENT)])
    return direction / np.linalg.norm(direction)


def _amplitudes(rng: np.random.Generator, span: Range) -> np.ndarray:
    return rng.uniform(*span) * rng.uniform(-1.0, 1.0, 3)


def _oscillation(rng: np.random.Generator, amplitude: Range, period: Range, axes: int) -> Oscillation:
    return Oscillation(rng.uniform(*amplitude, axes), rng.uniform(*period, axes), rng.uniform(0, 2 * math.pi, axes))


def _camera_from_rest(deviation: np.ndarray) -> np.ndarray:
    """Return the pose (4, 4) that brings points from the resting camera's frame into the moved one's."""
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_rotvec(deviation[3:]).as_matrix()
    pose[:3, 3] = deviation[:3]
    return pose


def _in_camera_frame(tool: PlacedTool, camera_from_rest: np.ndarray) -> PlacedTool:
    tip, port = (camera_from_rest[:3, :3] @ point + camera_from_rest[:3, 3] for point in (tool.tip, tool.port))
    return replace(tool, tip=tip, port=port)
