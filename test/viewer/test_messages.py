"""Fields of messages are read as the definitions of ROS say, padding and byte order included."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.perceived import Fields, cloud, header, image, plane

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.viewer.messages import level_of, read_picture, read_plain_image, read_points, stamp_of

RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize('padding', [0, 12])
@pytest.mark.parametrize('big', [False, True])
@pytest.mark.parametrize(
    ('encoding', 'kind', 'channels'),
    [('rgb8', np.uint8, 3), ('mono8', np.uint8, 1), ('16UC1', np.uint16, 1), ('32FC1', np.float32, 1)],
)
def test_pixels_come_back(encoding: str, kind: type, channels: int, big: bool, padding: int) -> None:
    shape = (5, 8, 3) if channels == 3 else (5, 8)
    pixels = RANDOM.integers(0, 250, shape).astype(kind)
    assert np.array_equal(read_plain_image(image(pixels, encoding, padding=padding, big=big)), pixels)


def test_bgr_is_turned_round() -> None:
    pixels = RANDOM.integers(0, 250, (4, 6, 3), np.uint8)
    assert np.array_equal(read_picture(image(pixels, 'bgr8')), pixels[..., ::-1])


def test_a_compressed_picture_is_decoded() -> None:
    pixels = np.full((16, 24, 3), (200, 30, 90), np.uint8)
    data = cv2.imencode('.png', pixels[..., ::-1])[1]
    assert np.array_equal(read_picture(Fields(format='png', data=data)), pixels)


@pytest.mark.parametrize('data', [np.zeros(0, np.uint8), np.arange(9, dtype=np.uint8)])
def test_a_damaged_picture_is_refused(data: np.ndarray) -> None:
    with pytest.raises(InputError, match="format 'jpeg' cannot be decoded"):
        read_picture(Fields(format='jpeg', data=data))


def test_an_image_that_contradicts_itself_is_refused() -> None:
    message = image(np.zeros((4, 6), np.uint8), 'mono8')
    message.height = 5
    with pytest.raises(InputError, match="'mono8' of 6 x 5 pixels"):
        read_plain_image(message)


def test_unknown_points_are_left_out_and_the_rest_keeps_its_colours() -> None:
    points = plane(4)
    points[3] = np.nan
    colors = RANDOM.integers(0, 255, (16, 3), np.uint8)
    xyz, rgb = read_points(cloud(points, colors), most=100)
    assert np.array_equal(xyz, np.delete(points, 3, 0))
    assert rgb is not None
    assert np.array_equal(rgb, np.delete(colors, 3, 0))


def test_a_dense_cloud_is_thinned_evenly() -> None:
    points = plane(100)
    xyz, _ = read_points(cloud(points), most=1000)
    assert 800 <= len(xyz) <= 1000
    assert np.allclose(np.median(xyz, 0), np.median(points, 0), atol=0.0025)


def test_a_cloud_without_coordinates_is_refused() -> None:
    message = cloud(plane(2))
    message.fields = message.fields[1:]
    with pytest.raises(InputError, match='has the fields y, z, rgb, label, not x, y and z'):
        read_points(message, 10)


def test_stamps_and_levels() -> None:
    assert stamp_of(Fields(header=header(13))) == 1_700_000_001_300_000_000
    assert [level_of(Fields(level=level)) for level in (b'\x02', 2)] == [2, 2]
