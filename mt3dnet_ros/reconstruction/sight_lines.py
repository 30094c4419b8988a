"""How far each pixel's place is, by where the same place is seen from elsewhere: the two lines of sight cross there."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.reconstruction.texture import texture
from mt3dnet_ros.reconstruction.tissue_view import TissueView

_NEIGHBOURHOOD = 0.04  # of the width, in which brightness is judged
_HIGHLIGHT = 200  # brightness: reflections travel with the light
_EDGE = np.ones((7, 7), np.uint8)  # around highlights
_SMOOTH = 0.0125  # of the width: how smooth the depth is with which the search begins
_FINEST, _STRIDE, _REFINEMENTS = 0, 4, 1  # of the optical flow: at full resolution; more smoothing is less exact
_WINDOW, _LEAST_DETAIL = 7, 2e-4  # pixels, and the least of the smaller eigenvalue in it: what is smooth tells nothing
_CLOSES = 0.6  # pixels by which a place may be missed on the way back
_CROSSES = 0.5  # pixels by which lines of sight may miss each other
_PARALLAX = 3.0, 30.0  # pixels: less tells nothing, more no more
_TURN_PIXELS, _TURN_STEPS = 3000, 5
_TURN_SAY = 60.0  # independent pixels that all of them are worth
_TURN_DEVIATION, _MOST_TURN = 0.001, 0.01  # radians, by which poses may be wrong
_LEAST_FOUND = 0.05  # of the pixels, for which it can be told whether lines of sight cross
_NOWHERE = 1e3  # pixels


@dataclass(frozen=True, eq=False)
class Sighting:
    """What a camera saw, and from where.

    :param texture: (h, w) uint8
    :param pose: (4, 4) from the camera's optical frame to the fixed frame
    """

    texture: np.ndarray
    pose: np.ndarray

    @classmethod
    def of(cls, view: TissueView, pose: np.ndarray) -> Sighting:
        """Return that of a view; instruments, which move by themselves, have no texture."""
        return cls(np.round(255.0 * texture(view.rgb, view.known, _NEIGHBOURHOOD)).astype(np.uint8), pose)

    def distance(self, pose: np.ndarray) -> float:
        """Return the metres to the place of another pose (4, 4)."""
        return float(np.linalg.norm(self.pose[:3, 3] - pose[:3, 3]))


@dataclass(frozen=True, eq=False)
class Crossings:
    """What another sighting tells of a view's depth.

    :param log_ratio: (h, w) logarithm of the depth that was measured over that of the view
    :param weight: (h, w) 0 where nothing was measured, else the square of the parallax, up to 1
    :param share: of the places that were found there, how many have lines of sight that cross, 0 to 1; NaN where too
        few were found
    """

    log_ratio: np.ndarray
    weight: np.ndarray
    share: float


@dataclass(frozen=True, eq=False)
class _Crossing:
    """Where pixels' lines of sight cross others: (h, w) each.

    :param depth: metres along the optical axis
    :param misses: pixels by which they miss each other
    :param parallax: pixels between where the place is seen and where it would be seen if it were infinitely far
    """

    depth: np.ndarray
    misses: np.ndarray
    parallax: np.ndarray


def telling_pixels(view: TissueView, here: Sighting) -> np.ndarray:
    """Return where a view shows tissue that can be found again, (h, w) bool: with detail, and no highlight."""
    return np.asarray(view.known & _detailed(here.texture) & ~_shining(view.rgb))


def cross(view: TissueView, here: Sighting, there: Sighting, guess: np.ndarray, telling: np.ndarray) -> Crossings:
    """Return what an earlier sighting tells of a view's depth.

    :param here: of the view
    :param there: by the same camera from another place
    :param guess: (h, w) depth in metres near which the search begins
    :param telling: (h, w) bool, of ``telling_pixels``
    """
    camera, motion = view.camera, np.linalg.inv(there.pose) @ here.pose
    pixels = np.stack(np.meshgrid(np.arange(camera.width), np.arange(camera.height)), axis=-1).astype(np.float32)
    rays = _bearings(camera, pixels) @ motion[:3, :3].T
    places, returns = _follow(here.texture, there.texture, pixels, _seen(camera, rays, motion[:3, 3], guess))
    seen = returns & telling
    rays = rays @ _turn(camera, rays[seen], motion[:3, 3], _bearings(camera, places)[seen]).T
    crossing = _crossing(camera, rays, motion[:3, 3], places)
    found = seen & (crossing.depth > 0.0) & (crossing.parallax > _PARALLAX[0])
    crosses = crossing.misses < _CROSSES
    share = float(crosses[found].mean()) if found.mean() > _LEAST_FOUND else float('nan')
    measured = found & crosses
    ratio = np.zeros(view.depth.shape, np.float32)
    ratio[measured] = np.log(crossing.depth[measured] / view.depth[measured])
    weight = np.where(measured, np.minimum(crossing.parallax / _PARALLAX[1], 1.0) ** 2, 0.0).astype(np.float32)
    return Crossings(ratio, weight, share)


def smooth_guess(view: TissueView, correction: np.ndarray | None) -> np.ndarray:
    """Return a view's depth everywhere and smooth, (h, w) metres.

    :param correction: (h, w) of the logarithm of depth
    """
    depth = np.where(view.known, view.depth, np.median(view.depth[view.known])).astype(np.float32)
    corrected = depth if correction is None else depth * np.exp(correction)
    return np.asarray(cv2.GaussianBlur(corrected, (0, 0), _SMOOTH * view.camera.width))


def _bearings(camera: Camera, pixels: np.ndarray) -> np.ndarray:
    """Return where pixels look, (h, w, 3), one ahead."""
    across = (pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    return np.concatenate([across, np.ones((*across.shape[:2], 1))], axis=-1)


def _seen(camera: Camera, rays: np.ndarray, shift: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return the pixels at which places along rays are seen, (h, w, 2)."""
    places = depth[..., None] * rays + shift
    seen: np.ndarray = places[..., :2] / np.maximum(places[..., 2:], 1e-6) * (camera.fx, camera.fy)
    return np.clip(seen + (camera.cx, camera.cy), -_NOWHERE, _NOWHERE)


def _follow(
    here: np.ndarray, there: np.ndarray, pixels: np.ndarray, expected: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where pixels are in another picture, (h, w, 2), and whether the way back ends at them, (h, w)."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOpticalFlow_PRESET_MEDIUM)  # Kroeger et al., ECCV 2016
    flow.setFinestScale(_FINEST)
    flow.setPatchStride(_STRIDE)
    flow.setVariationalRefinementIterations(_REFINEMENTS)
    start = (expected - pixels).astype(np.float32)
    away = flow.calc(here, there, start.copy())
    back = flow.calc(there, here, -start)
    places = pixels + away
    columns, rows = np.moveaxis(places.astype(np.float32), -1, 0)
    returned = cv2.remap(back, columns, rows, cv2.INTER_LINEAR, borderValue=(_NOWHERE, _NOWHERE))
    return places, _length(away + returned) < _CLOSES


def _turn(camera: Camera, rays: np.ndarray, shift: np.ndarray, bearings: np.ndarray) -> np.ndarray:
    """Return the small turn (3, 3) of rays by which they miss the other lines of sight least.

    Poses are not given as exactly as lines of sight meet: a turn by 0.1 degrees is half a pixel, and so is a shift by a
    sixth of a millimetre. A turn about an axis that changes parallax alone is not seen by misses, and stays out.

    :param rays: (n, 3)
    :param bearings: (n, 3) where the places of the rays are seen
    """
    every = max(1, len(rays) // _TURN_PIXELS)
    rays, bearings, turn = rays[::every], bearings[::every], np.zeros(3)
    prior = np.eye(3) / _TURN_DEVIATION**2
    for _ in range(_TURN_STEPS):
        turned = rays @ cv2.Rodrigues(turn)[0].T
        line = np.cross(shift, turned)  # epipolar
        scale = camera.fx / np.maximum(np.linalg.norm(line[:, :2], axis=-1), 1e-12)
        misses = scale * _dot(bearings, line)
        slope = scale[:, None] * (bearings * (turned @ shift)[:, None] - shift * _dot(bearings, turned)[:, None])
        weight = _TURN_SAY / max(1, len(rays)) / np.maximum(np.abs(misses), _CROSSES)
        matrix = (weight[:, None] * slope).T @ slope + prior
        turn -= np.linalg.solve(matrix, slope.T @ (weight * misses) + prior @ turn)
    return cv2.Rodrigues(turn if np.linalg.norm(turn) < _MOST_TURN else np.zeros(3))[0]


def _crossing(camera: Camera, rays: np.ndarray, shift: np.ndarray, places: np.ndarray) -> _Crossing:
    """Return where lines of sight cross: a place at depth d is seen at (d * ray + shift), whose rows are linear in d.

    :param places: (h, w, 2) pixels at which the places of the rays are seen
    """
    bearings = _bearings(camera, places)[..., :2]
    along = bearings * rays[..., 2:] - rays[..., :2]
    across = shift[:2] - bearings * shift[2]
    depth = _dot(along, across) / np.maximum(_dot(along, along), 1e-12)
    ahead = np.maximum(depth * rays[..., 2] + shift[2], 1e-6)
    misses = _length(along * depth[..., None] - across) / ahead
    parallax = _length(along) * depth / ahead
    return _Crossing(depth, camera.fx * misses, camera.fx * parallax)


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum('...i,...i', one, other))  # several times as fast as a sum over so short an axis


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(_dot(vectors, vectors))


def _detailed(image: np.ndarray) -> np.ndarray:
    """Return where a picture has detail in every direction, (h, w) bool."""
    return np.asarray(cv2.cornerMinEigenVal(image, _WINDOW)) > _LEAST_DETAIL


def _shining(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.dilate((rgb.min(-1) > _HIGHLIGHT).astype(np.uint8), _EDGE)) > 0
