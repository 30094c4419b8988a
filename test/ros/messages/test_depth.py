"""Depth in metres and in millimetres (REP 118)."""

from __future__ import annotations

import numpy as np
import pytest
from std_msgs.msg import Header

from mt3dnet_ros.ros.messages.depth import bulk_depth, millimetres

DEPTH = np.array([[0.0314, 0.0316, np.nan, 65.535], [65.6, np.inf, -0.01, 0.0]], np.float32)


def test_millimetres_are_rounded_and_unknown_is_zero_and_what_does_not_fit_is_the_largest() -> None:
    with np.errstate(all='raise'):
        assert millimetres(DEPTH).tolist() == [[31, 32, 0, 65535], [65535, 65535, 0, 0]]


@pytest.mark.parametrize(('encoding', 'kind', 'step'), [('32FC1', np.float32, 16), ('16UC1', np.uint16, 8)])
def test_a_message_has_the_encoding_that_is_asked_for(encoding: str, kind: type, step: int) -> None:
    message = bulk_depth(DEPTH, encoding, Header(frame_id='optical')).whole()
    assert (message.encoding, message.height, message.width, message.step) == (encoding, 2, 4, step)
    assert message.header.frame_id == 'optical'
    expected = DEPTH if encoding == '32FC1' else millimetres(DEPTH)
    np.testing.assert_array_equal(np.frombuffer(message.data, kind).reshape(2, 4), expected)
