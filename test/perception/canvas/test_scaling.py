"""Scaling in PyTorch, against OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from mt3dnet_ros.perception.canvas.scaling import average, enlarge, repeat, shrink
from mt3dnet_ros.perception.preprocess import Letterbox

NETWORK = (288, 352)
BY_NEIGHBOURS = [(512, 640), (1024, 1280), (480, 640), (288, 352), (333, 517), (200, 256)]
BY_AREAS = [(1080, 1920), (1079, 1919), (721, 577), (1023, 1279)]


def grain(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


def shrunk(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return shrink(torch.from_numpy(image).permute(2, 0, 1).float(), size).permute(1, 2, 0).numpy()


@pytest.mark.parametrize('size', [*BY_NEIGHBOURS, *BY_AREAS])
def test_images_are_scaled_to_the_network_to_the_bit(size):
    image, letterbox = grain(*size, 3), Letterbox(size, NETWORK)
    np.testing.assert_array_equal(shrunk(image, letterbox.content_size), letterbox.forward(image))


def test_cells_are_averaged_as_by_opencv():
    content = grain(280, 352, 3)
    expected = cv2.resize(content, (88, 70), interpolation=cv2.INTER_AREA)
    found = average(torch.from_numpy(content).permute(2, 0, 1).float(), 4).permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize('size', [*BY_NEIGHBOURS, *BY_AREAS])
def test_maps_are_enlarged_as_by_opencv(size):
    cells = np.random.default_rng(1).random(Letterbox(size, NETWORK).cells, np.float32)
    expected = cv2.resize(cells, size[::-1], interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(enlarge(torch.from_numpy(cells)[None], size)[0], expected, atol=1e-4)


@pytest.mark.parametrize('size', [*BY_NEIGHBOURS, *BY_AREAS])
def test_ids_are_repeated_as_by_opencv(size):
    ids = grain(*Letterbox(size, NETWORK).cells)
    expected = cv2.resize(ids, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    np.testing.assert_array_equal(repeat(torch.from_numpy(ids), size), expected)
