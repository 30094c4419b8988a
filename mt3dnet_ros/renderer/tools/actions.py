"""What tools do over time: one after the other they approach, grasp and retreat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.renderer.domains import Range


@dataclass(frozen=True)
class Pace:
    """How tools work: durations in seconds, lengths in metres.

    :param approach: time from rest to the goal, and ``retreat`` the way back
    :param grasp: time at the goal, in which the jaws close
    :param gap: from the end of an action to the start of the next; negative where they overlap
    :param reach: distance from rest to the goal
    :param wrist_bend: standard deviation of a wrist's angles at the goal from those at rest, radians
    """

    approach: Range = (0.6, 1.3)
    grasp: Range = (0.3, 0.8)
    retreat: Range = (0.6, 1.3)
    gap: Range = (-0.4, 0.4)
    reach: Range = (0.010, 0.028)
    wrist_bend: float = 0.2


@dataclass(frozen=True)
class Action:
    """One tool's way to its goal and back.

    :param tool: index of the tool
    :param start: seconds, and ``approach``, ``grasp`` and ``retreat`` its phases' durations
    :param displacement: (3,) metres from rest to the goal
    :param joint_changes: change of the wrist's joints on the way, radians
    """

    tool: int
    start: float
    approach: float
    grasp: float
    retreat: float
    displacement: np.ndarray
    joint_changes: dict[str, float]

    @property
    def end(self) -> float:
        """When the tool is at rest again, seconds."""
        return self.start + self.approach + self.grasp + self.retreat

    def progress(self, time: float) -> float:
        """Return how far on its way the tool is at a time in seconds: 0 at rest, 1 at the goal."""
        there = minimum_jerk((time - self.start) / self.approach)
        back = minimum_jerk((time - self.end + self.retreat) / self.retreat)
        return there - back

    def jaw_closure(self, time: float) -> float:
        """Return how far the jaws are closed at a time in seconds: 0 as at rest, 1 shut."""
        arrival, departure = self.start + self.approach, self.end - self.retreat
        closing = minimum_jerk((time - arrival) / (0.5 * self.grasp))
        opening = minimum_jerk((time - departure - 0.5 * self.retreat) / (0.5 * self.retreat))
        return closing - opening


def minimum_jerk(share: float) -> float:
    """Return the share of a way that a hand has gone after a share of the time, held outside of [0, 1].

    The path of least jerk: Flash and Hogan, The coordination of arm movements, J. Neuroscience 5(7), 1985.
    """
    x = min(max(share, 0.0), 1.0)
    return x**3 * (10 - 15 * x + 6 * x**2)


def sample_actions(
    rng: np.random.Generator, directions: list[np.ndarray], joints: list[list[str]], seconds: float, pace: Pace
) -> tuple[Action, ...]:
    """Sample what the tools do: actions one after the other, each of a tool chosen at random.

    A longer time begins with the actions of a shorter one.

    :param directions: unit vectors (3,) from each tool's rest towards its goals
    :param joints: names of each tool's joints, without the jaws
    """
    actions: list[Action] = []
    time = -rng.uniform(0.0, pace.approach[1] + pace.grasp[1])  # in the midst of the work
    while directions and time < seconds:
        tool = int(rng.integers(len(directions)))
        approach, grasp, retreat = (float(rng.uniform(*span)) for span in (pace.approach, pace.grasp, pace.retreat))
        displacement = directions[tool] * rng.uniform(*pace.reach)
        joint_changes = {name: float(pace.wrist_bend * rng.standard_normal()) for name in joints[tool]}
        actions.append(Action(tool, time, approach, grasp, retreat, displacement, joint_changes))
        time = actions[-1].end + rng.uniform(*pace.gap)
    return tuple(actions)
