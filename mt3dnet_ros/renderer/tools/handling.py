"""How tools meet each other and the tissue: crossing, pressing, lifting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.renderer.domains.tools import Handling
from mt3dnet_ros.renderer.meshes import Mesh
from mt3dnet_ros.renderer.tissue.ground import GRID, field_depth_at, grid_mesh
from mt3dnet_ros.renderer.tools.placed_tool import PlacedTool

MARGIN = 0.002  # metres by which tissue gives way to the middle of a tool
ALONG = np.linspace(0.0, 0.04, 6)  # metres from a tip up its tool at which tissue is pressed


@dataclass(frozen=True)
class Grip:
    """Tissue in a tool's jaws.

    :param tool: index of the tool
    :param anchor: (3,) where the tissue lies at rest, camera frame, metres
    """

    tool: int
    anchor: np.ndarray


@dataclass(frozen=True)
class Contacts:
    """What deforms the field: every tool that reaches into it presses it, and some lift it.

    :param reach: how far around a contact tissue gives way, metres
    """

    reach: float
    grips: tuple[Grip, ...] = ()

    def moved(self, pose: np.ndarray) -> Contacts:
        """Return the contacts after a rigid motion (4, 4) of the tissue."""
        grips = (replace(grip, anchor=pose[:3, :3] @ grip.anchor + pose[:3, 3]) for grip in self.grips)
        return replace(self, grips=tuple(grips))

    def deformed(self, field: Mesh, tools: Sequence[PlacedTool]) -> Mesh:
        """Return a height field as tools deform it."""
        points = field.vertices.copy()
        for grip in self.grips:
            away = np.hypot(*(points - grip.anchor)[:, :2].T)
            pull = tools[grip.tool].tip - grip.anchor
            points += np.exp(-np.hypot(away, 0.001) / self.reach)[:, None] * pull
        pressing = [tool for index, tool in enumerate(tools) if index not in {grip.tool for grip in self.grips}]
        if pressing:
            points[:, 2] += _indentation(points, np.concatenate([_axis(tool) for tool in pressing]), self.reach)
        return grid_mesh(points.reshape(GRID, GRID, 3))


def _axis(tool: PlacedTool) -> np.ndarray:
    back = (tool.port - tool.tip) / np.linalg.norm(tool.port - tool.tip)
    return tool.tip + ALONG[:, None] * back


def _indentation(field: np.ndarray, tools: np.ndarray, reach: float) -> np.ndarray:
    """Return how far (N,) points (M, 3) of tools push the points of a field (N, 3) along the optical axis, metres."""
    tools = tools[tools[:, 2] + MARGIN > field[:, 2].min()]  # the others cannot touch it
    if not len(tools):
        return np.zeros(len(field))
    away = ((field[:, None, :2] - tools[:, :2]) ** 2).sum(-1)  # (N, M)
    near = np.exp(-0.5 * (away - away.min(0)) / 0.002**2)
    depth = (near * field[:, 2:]).sum(0) / near.sum(0)
    gap = np.clip(tools[:, 2] + MARGIN - depth, 0, None) * (away.min(0) < 0.01**2)
    indentation: np.ndarray = (np.exp(-0.5 * away / reach**2) * gap).max(1)
    return indentation


def sample_handling(
    rng: np.random.Generator, tools: tuple[PlacedTool, ...], field: Mesh, handling: Handling
) -> tuple[tuple[PlacedTool, ...], Contacts | None]:
    """Let tools cross each other, press tissue and lift it; the contacts are None where all probabilities are 0."""
    if not (handling.crossing or handling.touching or handling.pulling):
        return tools, None
    placed: list[PlacedTool] = []
    grips: list[Grip] = []
    for index, tool in enumerate(tools):
        if placed and rng.random() < handling.crossing:
            tool = replace(tool, tip=_crossing(rng, placed[rng.integers(index)]))
        chance, depth = rng.random(), float(field_depth_at(field, tool.tip[None, :2])[0])
        if chance < handling.touching:
            tool = _with_depth(tool, depth + rng.uniform(*handling.press))
        elif chance < handling.touching + handling.pulling and 'jaw' in tool.joints:
            grips.append(Grip(index, np.array([*tool.tip[:2], depth])))
            tool = _with_depth(tool, depth - rng.uniform(*handling.lift))
            tool = replace(tool, joints={**tool.joints, 'jaw': rng.uniform(0.0, 0.15)})
        placed.append(tool)
    return tuple(placed), Contacts(rng.uniform(*handling.reach), tuple(grips))


def _crossing(rng: np.random.Generator, other: PlacedTool) -> np.ndarray:
    """Return a tip (3,) close over or under another tool."""
    back = (other.port - other.tip) / np.linalg.norm(other.port - other.tip)
    point = other.tip + rng.uniform(0.0, 0.025) * back + 0.004 * rng.standard_normal(3)
    point[2] += rng.choice([-1.0, 1.0]) * rng.uniform(0.005, 0.012)
    return _in_front(point)


def _with_depth(tool: PlacedTool, depth: float) -> PlacedTool:
    return replace(tool, tip=_in_front(np.array([*tool.tip[:2], depth])))


def _in_front(point: np.ndarray) -> np.ndarray:
    return np.array([*point[:2], max(point[2], 0.02)])
