"""Straight edges to a fraction of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mt3dnet_ros.perception.scale.shaft.edges import EdgeFinder, edge_images
from mt3dnet_ros.perception.scale.shaft.silhouette import UnfitSilhouetteError

ROWS, COLUMNS, FINE = 48, 41, 20
T = np.linspace(-100.0, 100.0, ROWS)
INSIDE, OUTSIDE = np.array([40.0, 40.0, 45.0]), np.array([180.0, 80.0, 70.0])


def picture(offset, slope, blur=0.6, noise=2.0, outside=OUTSIDE):
    """Return (N, M, 3) uint8 of light that changes at an offset from the middle column, in columns."""
    place = np.linspace(-COLUMNS / 2, COLUMNS / 2, COLUMNS * FINE, endpoint=False) + 0.5 / FINE
    share = (place >= offset + slope * T[:, None]).astype(np.float32)
    share = cv2.GaussianBlur(share, (0, 0), blur * FINE, sigmaY=0.01, borderType=cv2.BORDER_REPLICATE)
    share = share.reshape(ROWS, COLUMNS, FINE).mean(axis=2)[..., None]
    dark, bright = (INSIDE / 255.0) ** 2.2, (outside / 255.0) ** 2.2
    values = 255.0 * (dark + share * (bright - dark)) ** (1.0 / 2.2)
    values += np.random.default_rng(0).normal(0.0, noise, values.shape)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def find(colours, rows=ROWS):
    return EdgeFinder(edge_images(colours[None], T, 1.0)[0]).best(rows)


@pytest.mark.parametrize('offset', [-9.3, 0.0, 4.62])
@pytest.mark.parametrize('slope', [0.0, -0.05, 0.083])
def test_line_is_found_to_a_fraction_of_a_pixel(offset, slope):
    line = find(picture(offset, slope)).line
    assert line.offset == pytest.approx(offset, abs=0.1)
    assert line.slope == pytest.approx(slope, abs=0.002)


@pytest.mark.parametrize('blur', [0.6, 3.0])
def test_blur_does_not_move_an_edge(blur):
    assert find(picture(2.0, 0.02, blur)).line.offset == pytest.approx(2.0, abs=0.3)


def test_deviation_covers_the_noise():
    lines = [find(picture(offset, 0.03, noise=8.0)).line for offset in np.linspace(-3.0, 3.0, 30)]
    errors = np.array([line.offset for line in lines]) - np.linspace(-3.0, 3.0, 30)
    deviation = np.sqrt(np.mean([line.variance for line in lines]))
    assert 0.3 < np.sqrt((errors**2).mean()) / deviation < 2.0


def test_rows_off_the_line_do_not_count():
    colours = picture(0.0, 0.0)
    colours[30:] = picture(9.0, 0.1)[30:]
    found = find(colours)
    assert found.line.offset == pytest.approx(0.0, abs=0.2)
    assert not found.on_line[33:].any()
    assert found.on_line[:28].mean() > 0.9
    assert 0.5 < found.strength < 0.75


def test_first_rows_may_be_asked_for_alone():
    colours = picture(0.0, 0.0)
    colours[30:] = picture(9.0, 0.1)[30:]
    assert find(colours, 29).strength > 0.9 * find(picture(0.0, 0.0)).strength


def test_second_edge_is_a_rival_and_one_blurred_edge_is_none():
    double = picture(-6.0, 0.0)
    double[:, 26:] = picture(8.0, 0.0, outside=np.array([250.0, 120.0, 60.0]))[:, 26:]
    assert find(double).rival > 0.4
    assert find(picture(-6.0, 0.0, blur=3.0)).rival < 0.4


def test_flat_picture_has_no_edge():
    with pytest.raises(UnfitSilhouetteError, match='no straight edges'):
        find(np.full((ROWS, COLUMNS, 3), 90, np.uint8))
