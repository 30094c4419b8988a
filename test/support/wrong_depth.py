"""Views whose depth is wrong as a network's, and how far off it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from support.bumpy_tissue import CAMERA, shot

from mt3dnet_ros.reconstruction.tissue_view import TissueView

LARGE = replace(CAMERA, width=320, height=256, fx=300.0, fy=300.0, cx=159.5, cy=127.5)


def detailed_shot(pose: np.ndarray, lift: float = 0.0) -> TissueView:
    """Return bumpy tissue with veins, as a large camera sees it."""
    return shot(pose, LARGE, lift, detail=0.1)


def wrong(view: TissueView, factor: float = 1.1) -> TissueView:
    """Return a view whose depth is off as a network's: by a factor, and tilted."""
    tilt = np.linspace(-0.06, 0.06, view.camera.width)
    return replace(view, depth=(view.depth * factor * np.exp(tilt)).astype(np.float32))


def off(depth: np.ndarray, view: TissueView) -> float:
    """Return how far depth is from that of a view in the mean, millimetres."""
    both = (depth > 0.0) & view.known
    return 1e3 * float(np.abs(depth - view.depth)[both].mean())
