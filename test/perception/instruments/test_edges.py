"""Outlines are drawn to the edges of the picture, and rest where it has none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.drawing import CONFIG, NETWORK, Drawing

from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.instruments.edges import follow_edges
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings


def tool(edge, size=(64, 96)):
    """Return a picture of tissue, red, and right of a column a grey tool; both have grain."""
    picture = np.full((*size, 3), (150, 60, 50), np.uint8)
    picture[:, edge:] = (110, 112, 115)
    grain = np.random.default_rng(0).normal(0, 3, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def cells(edge, size=(16, 24)):
    """Return a probability that steps between two columns of cells."""
    probability = np.full(size, 0.02, np.float32)
    probability[:, edge:] = 0.98
    return probability


def outline(probability):
    """Return the first column of each row, away from the corners, in which a tool is more likely than not."""
    return (probability > 0.5).argmax(axis=1)[8:-8]


@pytest.mark.parametrize('edge', [46, 47, 48, 49, 50])
def test_a_step_between_cells_goes_to_the_edge_of_the_picture(edge):
    scaled = follow_edges(cells(12), tool(edge))
    assert scaled.shape == (64, 96) and scaled.dtype == np.float32
    assert np.abs(outline(scaled) - edge).max() <= 1


def test_in_a_flat_picture_the_step_stays():
    scaled = follow_edges(cells(12), np.full((64, 96, 3), 120, np.uint8))
    assert np.abs(outline(scaled) - 48).max() <= 1


def test_edges_far_from_a_step_make_none():
    picture = tool(48)
    picture[:, 10:20] = (230, 220, 200)
    scaled = follow_edges(cells(12), picture)
    assert (scaled[:, :32] < 0.2).all() and (scaled[:, 64:] > 0.8).all()


def test_the_filter_is_that_of_the_paper():
    """The fit in a square is that of least squares, with a penalty on the factors: solved here one by one."""
    rng = np.random.default_rng(1)
    picture = cv2.GaussianBlur(rng.integers(0, 255, (10, 12, 3), np.uint8), (0, 0), 1.0)
    probability = rng.random((10, 12)).astype(np.float32)
    colours = picture / 255.0
    lines = np.zeros((10, 12, 4))
    for row in range(1, 9):
        for column in range(1, 11):
            square = slice(row - 1, row + 2), slice(column - 1, column + 2)
            x, y = colours[square].reshape(-1, 3), probability[square].ravel()
            centred = x - x.mean(axis=0)
            factors = np.linalg.solve(centred.T @ centred / 9 + 0.01 * np.eye(3), centred.T @ (y - y.mean()) / 9)
            lines[row, column] = *factors, y.mean() - factors @ x.mean(axis=0)
    averaged = cv2.blur(lines, (3, 3))[2:-2, 2:-2]
    expected = (averaged[..., :3] * colours[2:-2, 2:-2]).sum(axis=-1) + averaged[..., 3]
    np.testing.assert_allclose(follow_edges(probability, picture, 1, 0.01)[2:-2, 2:-2], expected, atol=2e-3)


def test_masks_follow_the_picture_where_it_is_given():
    prediction = Drawing().tool((40, 10, 80, 50), 4).prediction
    letterbox = Letterbox(NETWORK, NETWORK)
    picture = tool(158, NETWORK)
    without = Interpretation(prediction, letterbox, None, CONFIG, Settings()).labels
    within = Interpretation(prediction, letterbox, None, CONFIG, Settings(), NumPyCanvas(letterbox, picture)).labels
    assert (without[100] > 0).argmax() == 160
    assert abs(int((within[100] > 0).argmax()) - 158) <= 1
