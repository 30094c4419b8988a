"""A frame with the view of a second eye, as an estimator of scale sees it, and a network of known error."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
from support.stereo_scene import render_pair, squinting_cameras

from mt3dnet_ros.geometry.rays import rays
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scale.evidence import Evidence, RightEye
from mt3dnet_ros.perception.scale.view import ScaleView
from mt3dnet_ros.perception.settings import Settings

NETWORK = (128, 160)  # height and width of the input
STAMP = 10_000_000_000


def view_of(
    left: np.ndarray,
    right: np.ndarray,
    depth: np.ndarray,
    pair: StereoCamera,
    *,
    calibrated: bool = True,
    stamp: int = STAMP,
    right_stamp: int | None = None,
    instances: np.ndarray | None = None,
    **settings: Any,
) -> ScaleView:
    """Return what an estimator looks at.

    :param left: (H, W, 3) uint8, as is ``right``
    :param depth: (H, W) metres, as the network says
    :param right_stamp: nanoseconds; None for that of the frame
    :param instances: per cell, (h, w) uint8; None for none
    """
    letterbox = Letterbox(left.shape[:2], NETWORK)
    shown = SimpleNamespace(
        cell_depth=cv2.resize(depth.astype(np.float32), letterbox.cells[::-1], interpolation=cv2.INTER_NEAREST),
        cell_rays=rays(pair.left, letterbox.cell_centers()).astype(np.float32),
        cell_instances=np.zeros(letterbox.cells, np.uint8) if instances is None else instances,
    )
    eye = RightEye(right, stamp if right_stamp is None else right_stamp, pair if calibrated else None)
    frame = Frame(left, stamp)
    evidence = Evidence(right=eye)
    return ScaleView(frame, pair.left, letterbox, cast(Interpretation, shown), Settings(**settings), evidence)


def squinting_view(factor: float = 1.0, pair: StereoCamera | None = None, **other: Any) -> ScaleView:
    """Return a view whose network's depth needs a factor to be right."""
    pair = pair or squinting_cameras()
    left, right, depth = render_pair(pair)
    return view_of(left, right, depth / factor, pair, **other)
