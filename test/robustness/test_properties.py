"""What holds for whatever anybody sends or writes; hypothesis looks for the simplest exception."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest

pytest.importorskip('hypothesis', reason="needs hypothesis; `pip install '.[test]'`")
pytest.importorskip('sensor_msgs', reason='needs ROS 2; `source .venv/ros.sh`')

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from mt3dnet_ros.errors import shown
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.json_text import JsonError, parse_json
from mt3dnet_ros.media.codecs.picture_header import CODECS, has_whole_chunks, read_header
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError, camera_from_info
from mt3dnet_ros.ros.messages.encodings import PACKED, PLANAR, ImageError
from mt3dnet_ros.ros.messages.images import ImageDecoder
from mt3dnet_ros.yaml_text import YamlError, parse_yaml

STARTS = (b'', b'\x89PNG\r\n\x1a\n\0\0\0\rIHDR', b'\xff\xd8\xff\xe0', b'RIFF\0\0\0\0WEBPVP8 ', b'II*\0', b'BM', b'P6 ')
examples = settings(
    max_examples=100, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
sides = st.one_of(st.integers(0, 12), st.integers(0, 2**32 - 1))
floats = st.floats(allow_subnormal=False, width=64)


@examples
@given(
    encoding=st.one_of(st.sampled_from((*PACKED, *PLANAR)), st.text(max_size=20)),
    size=st.tuples(sides, sides, sides),
    data=st.binary(max_size=600),
    is_bigendian=st.integers(0, 255),
)
def test_an_image_is_decoded_in_its_size_or_refused(
    encoding: str, size: tuple[int, int, int], data: bytes, is_bigendian: int
) -> None:
    height, width, step = size
    message = Image(encoding=encoding, height=height, width=width, step=step, is_bigendian=is_bigendian)
    message.data.frombytes(data)
    try:
        rgb = ImageDecoder(max_pixels=10_000)(message)
    except ImageError:
        return
    assert (rgb.shape, rgb.dtype) == ((height, width, 3), np.uint8)
    assert step * height <= len(data)


@examples
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300), format=st.text(max_size=20))
def test_a_compressed_image_is_decoded_in_the_size_of_its_header_or_refused(
    start: bytes, rest: bytes, format: str
) -> None:
    message = CompressedImage(format=format)
    message.data.frombytes(start + rest)
    header = read_header(start + rest)
    has_whole_chunks(start + rest)
    try:
        rgb = ImageDecoder(max_pixels=10_000, codecs=CODECS)(message)
    except ImageError:
        return
    assert header is not None and rgb.shape == (header.height, header.width, 3)


@examples
@given(
    size=st.tuples(sides, sides),
    k=st.lists(floats, min_size=9, max_size=9),
    d=st.lists(floats, max_size=15),
    model=st.sampled_from(('', 'plumb_bob', 'rational_polynomial', 'equidistant', 'fisheye', 'nonsense')),
    binning=st.tuples(sides, sides),
)
def test_a_camera_can_be_computed_with_or_is_refused(
    size: tuple[int, int], k: list[float], d: list[float], model: str, binning: tuple[int, int]
) -> None:
    info = CameraInfo(width=size[0], height=size[1], distortion_model=model, k=k, d=d)
    info.binning_x, info.binning_y = binning
    try:
        camera = camera_from_info(info, 8, 6)
    except CameraInfoError:
        return
    assert ray_grid(camera).shape == (6, 8, 3)


@examples
@given(st.text(alphabet=st.sampled_from('ab01:-[]{},&*!#\'"|>%@`? \n\t.~<'), max_size=60))
def test_yaml_is_read_or_refused(text: str) -> None:
    with suppress(YamlError):
        parse_yaml(text)


@examples
@given(st.one_of(st.text(max_size=60), st.binary(max_size=60)))
def test_json_is_read_or_refused(text: str | bytes) -> None:
    with suppress(JsonError):
        parse_json(text)


@examples
@given(st.text(max_size=300), st.integers(10, 100))
def test_what_is_shown_is_short_and_printable(text: str, most: int) -> None:
    found = shown(text, most)
    assert len(found) <= most + 7 and all(letter.isprintable() or letter in '\n\t' for letter in found)
    assert found == text or len(text) > most or not text.isprintable()
