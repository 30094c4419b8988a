"""The outline of a view that is not a rectangle: an ellipse, or a rectangle whose corners are cut."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import cv2
import numpy as np

_TOLERANCE = 1.5  # samples, between a place where the surround ends and the outline
_LEAST_EXPLAINED = 0.5  # of these places: shafts and dark tissue hide the others, and print lies outside
_WELL_EXPLAINED = 0.88  # likewise, with which no other outline is tried
_TRIALS = np.random.default_rng(0).random((48, 3))  # the same in every frame: what is found must not flicker
_MOST_VOTERS = 100  # points that a trial is judged by
_LARGEST_SHIFT = 0.25  # of a view's middle from that of the box, in sizes of the box
_RATIO = (0.75, 1.33)  # of the axes: pixels need not be square
_SHIFT = 4  # bits behind the point in OpenCV's drawing


class EdgePoints(NamedTuple):
    """Where lines followed inwards first show something, apart from those on straight sides.

    :param places: (n, 2) x and y, samples
    :param plain: (n,) whether the picture is plainly there
    :param at_border: (n,) whether that is at the picture's border: there is no surround
    """

    places: np.ndarray
    plain: np.ndarray
    at_border: np.ndarray

    @property
    def trusted(self) -> np.ndarray:
        """Places of those at which a surround plainly ends, (m, 2)."""
        return self.places[self.plain & ~self.at_border]


class Outline(Protocol):
    """A closed convex line."""

    def outside(self, places: np.ndarray) -> np.ndarray:
        """Return how far places (n, 2) lie outside, negative inside."""

    def scaled(self, step: int) -> Outline:
        """Return the outline in pixels, from samples that are ``step`` pixels apart."""

    def draw(self, mask: np.ndarray) -> None:
        """Set to 255 what lies inside, (H, W) uint8."""


class Ellipse(NamedTuple):
    """An ellipse along the picture's axes; all (2,), x and y."""

    center: np.ndarray
    axes: np.ndarray

    def outside(self, places: np.ndarray) -> np.ndarray:
        """Return how far places (n, 2) lie outside, to first order."""
        return (np.hypot(*((places - self.center) / self.axes).T) - 1.0) * float(np.sqrt(self.axes.prod()))

    def scaled(self, step: int) -> Ellipse:
        """Return the ellipse in pixels."""
        return Ellipse(self.center * step + step // 2, self.axes * step)

    def draw(self, mask: np.ndarray) -> None:
        """Set to 255 what lies inside."""
        center, axes = (np.round(value * (1 << _SHIFT)).astype(int).tolist() for value in self)
        cv2.ellipse(mask, center, axes, 0.0, 0.0, 360.0, 255, cv2.FILLED, cv2.LINE_8, _SHIFT)


class Polygon(NamedTuple):
    """What lies on the inner side of lines: normals (n, 2) that point outwards, and distances (n,) from the origin."""

    normals: np.ndarray
    distances: np.ndarray

    def outside(self, places: np.ndarray) -> np.ndarray:
        """Return how far places (n, 2) lie outside."""
        return (places @ self.normals.T - self.distances).max(axis=1)

    def scaled(self, step: int) -> Polygon:
        """Return the polygon in pixels."""
        return Polygon(self.normals, self.distances * step + self.normals.sum(axis=1) * (step // 2))

    def draw(self, mask: np.ndarray) -> None:
        """Set to 255 what lies inside."""
        height, width = mask.shape
        corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], float)
        for normal, distance in zip(self.normals, self.distances, strict=True):
            corners = _clip(corners, corners @ normal - distance)
        if len(corners):
            cv2.fillConvexPoly(mask, np.round(corners * (1 << _SHIFT)).astype(np.int32), 255, cv2.LINE_8, _SHIFT)


def find_outline(points: EdgePoints, low: np.ndarray, high: np.ndarray) -> Outline | None:
    """Return the outline on which most points lie; None where none explains them.

    :param low: (2,) x and y of the first sample inside the straight sides; ``high`` of the last
    """
    if len(points.trusted) < 12:
        return None
    best, most = None, _LEAST_EXPLAINED
    for fit in (_fit_ellipse, _fit_corners):
        outline = fit(points.trusted, low, high)
        if outline is not None and (explained := _explained(outline, points)) >= most:
            best, most = outline, explained
        if most >= _WELL_EXPLAINED:
            break
    return best


def _explained(outline: Outline, points: EdgePoints) -> float:
    """Return the share of points that lie on an outline, less the farther; none at the border may lie outside."""
    outside = outline.outside(points.places)
    nearness = np.maximum(1.0 - (outside / _TOLERANCE) ** 2, 0.0)
    counted = ~points.at_border | (outside > _TOLERANCE)
    return float(nearness[points.plain & ~points.at_border].sum() / max(counted.sum(), 1))


def _fit_ellipse(places: np.ndarray, low: np.ndarray, high: np.ndarray) -> Ellipse | None:
    """Fit an ellipse by consensus: the best circle through three points, and from there by least squares."""
    some = places[:: -(-len(places) // _MOST_VOTERS)]
    circles = _circles(some[(_TRIALS * len(some)).astype(int)])
    shift = np.abs(circles[:, :2] - 0.5 * (low + high)) / (high - low)
    circles = circles[np.isfinite(circles).all(axis=1) & (shift <= _LARGEST_SHIFT).all(axis=1)]
    if not len(circles):
        return None
    distances = np.abs(np.hypot(some[:, :1] - circles[:, 0], some[:, 1:] - circles[:, 1]) - circles[:, 2])
    best = circles[(distances <= 2.0 * _TOLERANCE).sum(axis=0).argmax()]
    found = Ellipse(best[:2], best[[2, 2]])
    for tolerance in (2.5, 1.5, 1.0):
        near = places[np.abs(found.outside(places)) <= tolerance * _TOLERANCE]
        found = _least_squares(near) or found
    return found if _in_corners(places[np.abs(found.outside(places)) <= _TOLERANCE], found.center) else None


def _circles(triples: np.ndarray) -> np.ndarray:
    """Return x, y and radius, (n, 3), of the circles through three points each, (n, 3, 2); not finite where none."""
    a, b, c = triples.transpose(1, 0, 2)
    u, v = b - a, c - a
    with np.errstate(divide='ignore', invalid='ignore'):
        factor = 0.5 / (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])
        x = (v[:, 1] * (u**2).sum(axis=1) - u[:, 1] * (v**2).sum(axis=1)) * factor
        y = (u[:, 0] * (v**2).sum(axis=1) - v[:, 0] * (u**2).sum(axis=1)) * factor
        return np.stack([a[:, 0] + x, a[:, 1] + y, np.hypot(x, y)], axis=1)


def _least_squares(places: np.ndarray) -> Ellipse | None:
    """Return the ellipse x^2 + p y^2 = q x + r y + s nearest to places; a circle where its axes differ too much."""
    if len(places) < 8:
        return None
    origin = places.mean(axis=0)
    x, y = (places - origin).T
    ones = np.ones_like(x)
    p, q, r, s = _solve(np.stack([-y * y, x, y, ones]), x * x)
    if not _RATIO[0] ** 2 <= p <= _RATIO[1] ** 2:
        p, (q, r, s) = 1.0, _solve(np.stack([x, y, ones]), x * x + y * y)
    center = np.array([0.5 * q, 0.5 * r / p])
    square = s + center[0] ** 2 + p * center[1] ** 2
    return Ellipse(center + origin, np.sqrt([square, square / p])) if square > 0.0 else None


def _solve(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the coefficients (k,) with which rows (k, n) are nearest to values (n,)."""
    return np.linalg.solve(rows @ rows.T + 1e-9 * np.eye(len(rows)), rows @ values)


def _in_corners(places: np.ndarray, center: np.ndarray) -> bool:
    """Return whether points lie on at least three sides of a middle: what a shaft or a shadow cuts off is on one."""
    right, below = (places > center).T
    return bool((np.bincount(2 * right + below, minlength=4) >= 4).sum() >= 3)


def _fit_corners(places: np.ndarray, low: np.ndarray, high: np.ndarray) -> Polygon | None:
    """Fit a slanting line to each corner of a box; None where fewer than three are cut."""
    signs = np.where(places > 0.5 * (low + high), 1.0, -1.0)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    fits = (_fit_line(places[(signs == corner).all(axis=1)], corner) for corner in corners)
    lines = [line for line in fits if line]
    return Polygon(*map(np.array, zip(*lines, strict=True))) if len(lines) >= 3 else None


def _fit_line(places: np.ndarray, corner: np.ndarray) -> tuple[np.ndarray, float] | None:
    """Return outward normal and distance of the line on which most points of a corner lie."""
    if len(places) < 6:
        return None
    first, second = places[(_TRIALS[::2, :2] * len(places)).astype(int)].transpose(1, 0, 2)
    along = second - first
    normals = np.abs(along[:, ::-1]) / np.maximum(np.hypot(*along.T), 1e-9)[:, None] * corner
    fits = (np.abs(normals) >= 0.35).all(axis=1) & ((along * normals).sum(axis=1) == 0.0)
    distances = places @ normals[fits].T - (first[fits] * normals[fits]).sum(axis=1)
    if not fits.any():
        return None
    near = np.abs(distances) <= _TOLERANCE
    best = near.sum(axis=0).argmax()
    inliers = places[near[:, best]]
    if len(inliers) < max(6, 0.4 * len(places)):
        return None
    middle = inliers.mean(axis=0)
    x, y = (inliers - middle).T
    angle = 0.5 * np.arctan2(2.0 * (x @ y), x @ x - y @ y)  # of the line
    normal = np.array([-np.sin(angle), np.cos(angle)])
    normal *= np.sign(normal @ corner)
    return normal, float(normal @ middle)


def _clip(corners: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Return the part of a convex polygon (n, 2) where a linear function, (n,) at its corners, is not positive."""
    kept = []
    for index, value in enumerate(outside):
        previous, before = corners[index - 1], outside[index - 1]
        if (value > 0.0) != (before > 0.0):
            kept.append(previous + (corners[index] - previous) * before / (before - value))
        if value <= 0.0:
            kept.append(corners[index])
    return np.array(kept)
