"""A cylinder from the two lines of its silhouette, and its surface along the rays of a camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cylinder:
    """A cylinder that is seen from the origin.

    :param nearest: point of the axis that is nearest to the camera's centre, (3,) metres, optical frame
    :param direction: unit vector along the axis, (3,)
    :param radius: metres
    """

    nearest: np.ndarray
    direction: np.ndarray
    radius: float

    def point_seen_at(self, ray: np.ndarray) -> np.ndarray:
        """Return the point of the axis, (3,) metres, that is nearest to a ray, (3,)."""
        across = _cross(_cross(ray, self.direction), ray)
        return self.nearest - self.direction * (across @ self.nearest) / (across @ self.direction)

    def front(self, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where rays meet the surface that faces the camera.

        :param rays: (N, 3), z = 1
        :returns: (N,) depth in metres, NaN where the ray passes by; and (N,) how far from the axis they pass, 0 in the
            middle, 1 at the edge of the silhouette
        """
        across = rays - np.outer(rays @ self.direction, self.direction)
        squared, along = np.einsum('ij,ij->i', across, across), across @ self.nearest
        miss = np.maximum(self.nearest @ self.nearest - along**2 / squared, 0.0)
        inside = self.radius**2 - miss
        depth = (along - np.sqrt(squared * np.where(inside > 0.0, inside, np.nan))) / squared
        return depth, np.sqrt(miss) / self.radius


def cylinder_of(low: np.ndarray, high: np.ndarray, radius: float) -> Cylinder:
    """Return the cylinder between two planes that pass through the camera's centre and touch it.

    Both planes lie at the distance r from its axis: with inward normals n1, n2 the axis has the direction n1 x n2, and
    passes through r (n1 + n2) / (1 + n1 n2).

    :param low: unit normal, (3,), of the plane through one line of the silhouette, pointing inwards; ``high`` likewise
    :param radius: metres
    """
    direction = _cross(low, high)
    return Cylinder(radius * (low + high) / (1.0 + low @ high), direction / np.linalg.norm(direction), radius)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cross product of (3,) and (3,); numpy's takes longer than all else here."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])
