"""A socket, an eye and a layout say which sockets are read, and which part of their pictures an eye sees."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.gstreamer.eyes import EyeSocket, sockets_of_eyes
from mt3dnet_ros.gstreamer.sockets import SocketNameError, parse_socket


def read(socket: str, eye: str, layout: str = 'auto') -> list[tuple[str, tuple[str, ...], bool]]:
    found = sockets_of_eyes(parse_socket(socket), eye, layout)
    return [(str(each.socket), each.eyes, each.side_by_side) for each in found]


@pytest.mark.parametrize(
    ('socket', 'eye', 'layout', 'expected'),
    [
        ('@dvrk:s:left', 'left', 'auto', [('@dvrk:s:left', ('left',), False)]),
        ('@dvrk:s:right', 'right', 'auto', [('@dvrk:s:right', ('right',), False)]),
        (
            '@dvrk:s:left',
            'both',
            'auto',
            [('@dvrk:s:left', ('left',), False), ('@dvrk:s:right', ('right',), False)],
        ),
        ('@dvrk:s:mono_source', 'right', 'auto', [('@dvrk:s:mono_source', ('right',), False)]),
        ('@dvrk:s:stereo', 'both', 'auto', [('@dvrk:s:stereo', ('left', 'right'), True)]),
        ('@dvrk:s:stereo_source', 'right', 'auto', [('@dvrk:s:stereo_source', ('right',), True)]),
        ('@dvrk:s:stereo', 'left', 'separate', [('@dvrk:s:stereo', ('left',), False)]),
        ('@dvrk:s:grabber', 'both', 'side_by_side', [('@dvrk:s:grabber', ('left', 'right'), True)]),
    ],
)
def test_sockets_with_their_eyes(
    socket: str, eye: str, layout: str, expected: list[tuple[str, tuple[str, ...], bool]]
) -> None:
    assert read(socket, eye, layout) == expected


@pytest.mark.parametrize(
    ('socket', 'eye', 'layout', 'reason'),
    [
        ('@dvrk:s:left', 'right', 'auto', "carries the left eye: name '@dvrk:s:right' for the right one"),
        ('@dvrk:s:mono_source', 'both', 'auto', "'@dvrk:s:left', or set layout to side_by_side"),
        ('@dvrk:s:stereo', 'both', 'separate', "'@dvrk:s:left', or set layout to side_by_side"),
    ],
)
def test_an_eye_that_is_not_there_is_refused_with_the_remedy(socket: str, eye: str, layout: str, reason: str) -> None:
    with pytest.raises(SocketNameError) as error:
        read(socket, eye, layout)
    assert reason in str(error.value)


def test_halves_are_the_eyes_without_a_copy() -> None:
    picture = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    views = EyeSocket(parse_socket('@dvrk:s:stereo'), ('left', 'right'), side_by_side=True).views(picture)
    assert list(views) == ['left', 'right']
    np.testing.assert_array_equal(np.concatenate([views['left'], views['right']], axis=1), picture)
    assert all(np.shares_memory(view, picture) for view in views.values())


def test_a_picture_of_one_eye_is_whole() -> None:
    picture = np.zeros((4, 5, 3), np.uint8)
    assert EyeSocket(parse_socket('@dvrk:s:left'), ('left',)).views(picture)['left'] is picture


def test_an_odd_width_cannot_hold_two_eyes() -> None:
    source = EyeSocket(parse_socket('@dvrk:s:stereo'), ('left',), side_by_side=True)
    with pytest.raises(InputError, match=r'5 x 4 pixels, .* the width is odd; set layout to separate'):
        source.views(np.zeros((4, 5, 3), np.uint8))
