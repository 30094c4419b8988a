"""The camera's motion from what it sees: a frame against the surface as it was seen last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.reconstruction.surface import SurfaceLook
from mt3dnet_ros.reconstruction.tissue_view import TissueView

with needs_extra('render'):
    import open3d as o3d
    import open3d.core as o3c

_ITERATIONS = 20, 10, 6  # from the coarse to the fine
_MILLIMETRE = 1e-3


@dataclass(frozen=True, eq=False)
class Motion:
    """A camera's pose by odometry.

    :param pose: (4, 4) from the optical frame to the fixed frame
    :param fitness: share of the frame's pixels that lie on the surface there
    :param error: their root mean square, metres
    """

    pose: np.ndarray
    fitness: float
    error: float


def follow(view: TissueView, seen: SurfaceLook, pose: np.ndarray, reach: float) -> Motion | None:
    """Return where the camera is now, by colour and depth together (Park et al., ICCV 2017); None where it is lost.

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
    return Motion(pose @ motion, float(found.fitness), float(found.inlier_rmse))


def _rgbd(depth: np.ndarray, rgb: np.ndarray) -> o3d.t.geometry.RGBDImage:
    color = o3d.t.geometry.Image(o3c.Tensor(rgb.astype(np.float32) / 255.0))
    return o3d.t.geometry.RGBDImage(color, o3d.t.geometry.Image(o3c.Tensor(np.ascontiguousarray(depth))))
