"""Things in the field that are neither tissue nor tools; they lie on the tissue, or a tool holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.renderer.meshes import TISSUE, Mesh
from mt3dnet_ros.renderer.swept import curve, swept
from mt3dnet_ros.renderer.tools.finishes import Finish

LinkPose = Callable[[int, str], np.ndarray]  # of a tool's link: its pose (4, 4) in the camera frame, metres


@dataclass(frozen=True)
class Hold:
    """Where a tool holds something.

    :param tool: index of the tool
    :param link: the link that it moves with
    """

    tool: int
    link: str


@dataclass(frozen=True)
class RigidProp:
    """A rigid thing.

    :param mesh: in the camera frame, or in that of the link which holds it, metres
    :param local: (V, 3) metres, its vertices in a frame of its own, for its texture
    :param texture_size: width of a texture in metres
    :param wrap: light that bleeds round its edges, see ``shading.WRAP``
    """

    mesh: Mesh
    local: np.ndarray
    finish: Finish
    texture_size: float = 0.02
    wrap: float = 0.0
    hold: Hold | None = None

    def placed(self, link_pose: LinkPose) -> Mesh:
        """Return its surface in the camera frame."""
        return self.mesh if self.hold is None else self.mesh.moved(link_pose(self.hold.tool, self.hold.link))

    def moved(self, pose: np.ndarray) -> RigidProp:
        """Return it after a rigid motion (4, 4) of the tissue."""
        return self if self.hold else replace(self, mesh=self.mesh.moved(pose))


@dataclass(frozen=True)
class Thread:
    """A thread between two points, of which a tool may hold the first.

    :param start: (3,) in the camera frame, or in that of the link which holds it, metres
    :param end: (3,) camera frame, metres
    :param knots: (K, 3) how far points at equal distances on the way stray from the straight line, metres
    """

    start: np.ndarray
    end: np.ndarray
    knots: np.ndarray
    radius: float
    finish: Finish
    texture_size: float = 0.02
    wrap: float = 0.0
    hold: Hold | None = None
    points: int = 48
    sides: int = 5

    @property
    def local(self) -> np.ndarray:
        """Texture coordinates: none, a thread is plain."""
        return np.zeros((self.points * self.sides + 2, 3))

    def placed(self, link_pose: LinkPose) -> Mesh:
        """Return its surface in the camera frame."""
        start = self.start
        if self.hold:
            pose = link_pose(self.hold.tool, self.hold.link)
            start = pose[:3, :3] @ start + pose[:3, 3]
        share = np.linspace(0, 1, len(self.knots) + 2)[:, None]
        way = start + share * (self.end - start)
        way[1:-1] += self.knots
        return swept(curve(way, self.points), self.radius, self.sides, TISSUE)

    def moved(self, pose: np.ndarray) -> Thread:
        """Return it after a rigid motion (4, 4) of the tissue."""
        rotation, shift = pose[:3, :3], pose[:3, 3]
        start = self.start if self.hold else rotation @ self.start + shift
        return replace(self, start=start, end=rotation @ self.end + shift, knots=self.knots @ rotation.T)


Prop = RigidProp | Thread
