"""Tools that are drawn back out of the view, and come again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.renderer.domains import Range
from mt3dnet_ros.renderer.tools.actions import minimum_jerk
from mt3dnet_ros.renderer.tools.placed_tool import PlacedTool

_STAY: Range = (1.0, 5.0)  # seconds in the view before it leaves
_WAY: Range = (0.6, 1.2)  # seconds out, or back
_STEP = 0.002  # metres
_CLEAR = 0.01  # metres beyond the border of the view, so that nothing of the jaws is left in it


@dataclass(frozen=True)
class Withdrawal:
    """One tool's way out of the view and back.

    :param tool: index of the tool
    :param start: seconds, and ``out``, ``away`` and ``back`` its phases' durations
    :param displacement: (3,) metres from its place to where nothing of it is seen
    """

    tool: int
    start: float
    out: float
    away: float
    back: float
    displacement: np.ndarray

    @property
    def end(self) -> float:
        """When the tool is in its place again, seconds."""
        return self.start + self.out + self.away + self.back

    def progress(self, time: float) -> float:
        """Return how far out the tool is at a time in seconds: 0 in its place, 1 out of view."""
        return minimum_jerk((time - self.start) / self.out) - minimum_jerk((time - self.end + self.back) / self.back)


def sample_withdrawals(
    rng: np.random.Generator,
    tools: Sequence[PlacedTool],
    camera: Camera,
    seconds: float,
    leaving: float,
    away: Range,
) -> tuple[Withdrawal, ...]:
    """Sample which tools leave the view and when; a longer time begins with what a shorter one has.

    :param leaving: probability that a tool does, time after time
    :param away: seconds for which it is out of view
    """
    found: list[Withdrawal] = []
    for number, (tool, own) in enumerate(zip(tools, rng.spawn(len(tools)), strict=True)):
        if own.random() < leaving:
            found += _withdrawals_of(own, number, way_out(tool, camera), seconds, away)
    return tuple(found)


def _withdrawals_of(
    rng: np.random.Generator, number: int, displacement: np.ndarray, seconds: float, away: Range
) -> Iterator[Withdrawal]:
    time = 0.0
    while time < seconds:
        start = time + rng.uniform(*_STAY)
        out, gone, back = (float(rng.uniform(*span)) for span in (_WAY, away, _WAY))
        withdrawal = Withdrawal(number, start, out, gone, back, displacement)
        yield withdrawal
        time = withdrawal.end


def way_out(tool: PlacedTool, camera: Camera) -> np.ndarray:
    """Return by how much a tool must be drawn back along its shaft so that its tip is out of view, (3,) metres."""
    way = tool.port - tool.tip
    length = float(np.linalg.norm(way))
    for distance in np.arange(0.0, length, _STEP):
        if not _in_view(tool.tip + distance / length * way, camera):
            return np.asarray(min(distance + _CLEAR, length) / length * way)
    return way


def _in_view(point: np.ndarray, camera: Camera) -> bool:
    if point[2] <= 0.0:
        return False
    pixel = project(camera, point)
    return bool(((pixel > -0.5) & (pixel < [camera.width - 0.5, camera.height - 0.5])).all())
