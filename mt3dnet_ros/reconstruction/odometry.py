"""The camera's motion from what it sees: a frame against the surface as it was seen last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.reconstruction.surface import SurfaceLook
from mt3dnet_ros.reconstruction.texture import texture
from mt3dnet_ros.reconstruction.tissue_view import TissueView

with needs_extra('render'):
    import open3d as o3d
    import open3d.core as o3c

_ITERATIONS = 20, 10, 6  # from the coarse to the fine
_MILLIMETRE = 1e-3
_NEIGHBOURHOOD = 0.17  # of the width: the window in which brightness is judged
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
    shades = np.repeat(texture(rgb, depth > 0.0, _NEIGHBOURHOOD)[..., None], 3, axis=-1)
    images = (o3d.t.geometry.Image(o3c.Tensor(np.ascontiguousarray(each))) for each in (shades, depth))
    return o3d.t.geometry.RGBDImage(*images)
