"""Pictures in flat colours, as simulators draw them, are no view that the shipped network knows: nothing is there."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

import mt3dnet_ros
from mt3dnet_ros.perception.perceiver import Perceiver

SIZE = 720, 1280
TRAY = np.array([[200, 650], [400, 250], [900, 250], [1100, 650]])


@pytest.fixture(scope='module')
def perceiver() -> Perceiver:
    return mt3dnet_ros.load(device='cpu')


def empty_tray() -> np.ndarray:
    picture = np.full((*SIZE, 3), (120, 150, 190), np.uint8)
    cv2.fillPoly(picture, [TRAY], (230, 230, 230))
    cv2.polylines(picture, [TRAY], True, (90, 90, 90), 6)
    return picture


def table_under_a_sky() -> np.ndarray:
    rows = np.linspace(0.0, 1.0, SIZE[0])[:, None, None]
    sky = np.array([120, 150, 200]) + rows * np.array([60, 40, -20])
    picture = np.repeat(sky.astype(np.uint8), SIZE[1], axis=1)
    picture[400:] = 150, 110, 70
    cv2.rectangle(picture, (300, 350), (900, 600), (235, 235, 235), -1)
    return picture


@pytest.mark.parametrize('draw', [empty_tray, table_under_a_sky])
def test_an_empty_tray_is_no_instrument(perceiver: Perceiver, draw: Callable[[], np.ndarray]) -> None:
    scene = perceiver(draw())
    assert scene.labels is not None and scene.depth is not None
    assert 'no view that the network knows' in scene.nothing
    assert not scene.detections and not scene.labels.any() and np.isnan(scene.depth).all()
