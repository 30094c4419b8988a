"""How far tissue has moved as one against its surface: it breathes under a camera whose pose is known."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.reconstruction.tissue_view import TissueView

_MOST = 0.015  # metres: what moves farther is no breath, but a wrong pose
_MOST_AT_ONCE = 0.004  # metres from one view to the next
_NOISE = 0.0004  # metres, of odometry against tissue that stands still


def shift_between(
    view: TissueView, factor: float, given: np.ndarray, before: np.ndarray, found: np.ndarray
) -> np.ndarray | None:
    """Return what a camera's pose has to be shifted by so that it sees the tissue where the surface has it.

    Only a shift is taken: the pose is known, and odometry can hardly tell a turn from a shift across. The shift is that
    of what is in the middle of the view, where the two agree.

    Of a change that is as small as odometry's noise little is taken.

    :param view: of the tissue
    :param factor: on its depth
    :param given: pose (4, 4) from the optical frame to the fixed frame
    :param before: shift of the view before, (3,) metres
    :param found: pose by odometry, (4, 4)
    :returns: (3,) metres in the surface's frame; None where it is too far for a breath
    """
    rows, columns = np.nonzero(view.known)
    depth = factor * float(np.median(view.depth[rows, columns]))
    camera = view.camera
    across = (columns.mean() - camera.cx) / camera.fx, (rows.mean() - camera.cy) / camera.fy
    shift: np.ndarray = ((found - given) @ (depth * np.array([*across, 1.0, 1.0 / depth])))[:3]
    change = float(np.linalg.norm(shift - before))
    if np.linalg.norm(shift) > _MOST or change > _MOST_AT_ONCE:
        return None
    return before + change**2 / (change**2 + _NOISE**2) * (shift - before)


def shifted(pose: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return a pose (4, 4) whose place is shifted by (3,) metres."""
    moved = pose.copy()
    moved[:3, 3] += shift
    return moved
