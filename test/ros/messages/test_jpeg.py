"""Pictures as JPEG, as image_transport's subscribers read them."""

from __future__ import annotations

import numpy as np
import pytest
from std_msgs.msg import Header
from support.small_network import tissue

from mt3dnet_ros.ros.messages.images import decode_compressed
from mt3dnet_ros.ros.messages.jpeg import fill_jpeg


def test_a_picture_comes_back_with_its_colours_in_their_places() -> None:
    picture = tissue(96, 128)
    message = fill_jpeg(picture, 95, Header(frame_id='optical'))
    assert message.format == 'rgb8; jpeg compressed bgr8'  # the words of compressed_image_transport
    assert message.header.frame_id == 'optical'
    assert bytes(message.data[:2]) == b'\xff\xd8'
    assert np.abs(decode_compressed(message).astype(int) - picture).mean() < 3.0


@pytest.mark.parametrize(('lower', 'higher'), [(10, 50), (50, 95)])
def test_quality_costs_bytes(lower: int, higher: int) -> None:
    picture = tissue(200, 300)
    assert len(fill_jpeg(picture, lower, Header()).data) < len(fill_jpeg(picture, higher, Header()).data)


def test_a_view_with_strides_is_taken() -> None:
    picture = tissue(96, 128)[::2, ::-1]
    assert np.abs(decode_compressed(fill_jpeg(picture, 95, Header())).astype(int) - picture).mean() < 5.0
