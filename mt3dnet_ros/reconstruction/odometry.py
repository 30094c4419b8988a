"""The camera's motion from what it sees: a frame against the surface as it was seen last."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.reconstruction.surface import SurfaceLook
from mt3dnet_ros.reconstruction.tissue_view import TissueView

with needs_extra('render'):
    import open3d as o3d
    import open3d.core as o3c

_ITERATIONS = 20, 10, 6  # from the coarse to the fine
_MILLIMETRE = 1e-3
_NEIGHBOURHOOD = 0.17  # of the width: the window in which brightness is judged
_CONTRAST = 0.12  # what one standard deviation of the neighbourhood becomes, of the range of brightness
_LEAST_DEVIATION = 0.01  # of brightness, below which there is only noise
_LEAST_SHARE = 1e-3


@dataclass(frozen=True, eq=False)
class Motion:
    """A camera's pose by odometry.

    :param pose: (4, 4) from the optical frame to the fixed frame
    :param fitness: share of the tissue in the frame that lies on the surface there
    :param error: its root mean square, metres
    """

    pose: np.ndarray
    fitness: float
    error: float


def follow(view: TissueView, seen: SurfaceLook, pose: np.ndarray, reach: float) -> Motion | None:
    """Return where the camera is now, by texture and depth together (Park et al., ICCV 2017); None where it is lost.

    An endoscope carries its light: tissue becomes brighter as it comes nearer, and as it comes to the middle. So
    brightness is compared with that around it.

    :param seen: the surface from ``pose``, by the same camera
    :param pose: of a moment ago, (4, 4) from the optical frame to the fixed frame
    :param reach: metres, beyond which depth is not taken
    """
    odometry = o3d.t.pipelines.odometry
    criteria = [odometry.OdometryConvergenceCriteria(count) for count in _ITERATIONS]
    losses = odometry.OdometryLossParams(5.0 * _MILLIMETRE, 2.0 * _MILLIMETRE, 0.1)
    try:
        found = odometry.rgbd_odometry_multi_scale(
            _rgbd(view.depth, view.rgb),
            _rgbd(seen.depth, seen.rgb),
            o3c.Tensor(view.camera.matrix),
            o3c.Tensor(np.eye(4)),
            1.0,
            reach,
            criteria,
            odometry.Method.Hybrid,
            losses,
        )
    except RuntimeError:  # a system of equations without a solution: too little is seen
        return None
    motion = found.transformation.numpy()
    if not np.isfinite(motion).all():
        return None
    fitness = float(found.fitness) / max(_LEAST_SHARE, float(view.known.mean()))  # open3d counts all pixels
    return Motion(pose @ motion, fitness, float(found.inlier_rmse))


def _rgbd(depth: np.ndarray, rgb: np.ndarray) -> o3d.t.geometry.RGBDImage:
    texture = np.repeat(_texture(rgb, depth > 0.0)[..., None], 3, axis=-1)
    images = (o3d.t.geometry.Image(o3c.Tensor(np.ascontiguousarray(each))) for each in (texture, depth))
    return o3d.t.geometry.RGBDImage(*images)


def _texture(rgb: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return how much brighter each pixel is than its neighbourhood, in the deviations of that, (h, w) float32 0 to 1.

    :param known: (h, w) bool; others, as where there are instruments, do not count
    """
    brightness = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255.0
    share = np.maximum(_around(known.astype(np.float32)), _LEAST_SHARE)
    difference = np.where(known, brightness - _around(brightness * known) / share, 0.0)
    deviation = np.sqrt(np.maximum(0.0, _around(difference**2)) / share)
    return np.clip(0.5 + _CONTRAST * difference / np.maximum(deviation, _LEAST_DEVIATION), 0.0, 1.0).astype(np.float32)


def _around(values: np.ndarray) -> np.ndarray:
    side = max(3, round(_NEIGHBOURHOOD * values.shape[1]))
    return cv2.blur(values, (side, side))
