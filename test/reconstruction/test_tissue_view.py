"""A view of tissue has no instrument, no lens, and depth only where it is known."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import rays
from mt3dnet_ros.reconstruction.tissue_view import view_tissue

CAMERA = Camera(200, 160, 180.0, 180.0, 99.5, 79.5)
RGB = np.full((160, 200, 3), 90, np.uint8)
DEPTH = np.full((160, 200), 0.1, np.float32)


def test_instruments_are_cut_out_with_a_margin() -> None:
    labels = np.zeros((160, 200), np.uint8)
    labels[60:100, 80:120] = 3
    view = view_tissue(RGB, DEPTH, labels, CAMERA, 200, 0.02)
    assert not view.known[56:104, 80:120].any() and view.known[:54].all() and view.known[:, :74].all()


def test_unknown_depth_stays_unknown_and_a_large_view_is_made_small() -> None:
    depth = DEPTH.copy()
    depth[:, :100] = np.nan
    view = view_tissue(RGB, depth, np.zeros((160, 200), np.uint8), CAMERA, 100, 0.02)
    assert view.depth.shape == (80, 100) == (view.camera.height, view.camera.width) and view.rgb.shape == (80, 100, 3)
    assert not view.known[:, :49].any() and view.known[:, 51:].all()
    assert view_tissue(RGB, depth, np.zeros((160, 200), np.uint8), CAMERA, 999, 0.02).depth.shape == (160, 200)


def test_the_lens_is_undone() -> None:
    bent = Camera(200, 160, 180.0, 180.0, 99.5, 79.5, 'plumb_bob', (-0.3, 0.05, 0.0, 0.0, 0.0))
    rgb = RGB.copy()
    rgb[28:33, 38:43] = 255  # a mark
    view = view_tissue(rgb, DEPTH, np.zeros((160, 200), np.uint8), bent, 200, 0.02)
    row, column = (float(np.mean(places)) for places in np.nonzero(view.rgb[..., 0] > 200))
    x, y, _ = rays(bent, np.array([40.0, 30.0]))
    assert np.hypot(column - (180.0 * x + 99.5), row - (180.0 * y + 79.5)) < 0.7
