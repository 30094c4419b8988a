"""Names of video sockets are read, translated or refused, and live ones are found in the kernel's table."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from mt3dnet_ros.gstreamer.sockets import (
    SocketNameError,
    VideoSocket,
    describe_live_sockets,
    live_sockets,
    parse_socket,
)

TABLE = """Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 20001 @dvrk:stereo_source:right
0000000000000000: 00000002 00000000 00010000 0001 01 20002 @dvrk:stereo_source:left@@@@@@
0000000000000000: 00000003 00000000 00000000 0001 03 20003 @dvrk:simulator:mono_source
0000000000000000: 00000002 00000000 00010000 0001 01 20004 /run/dvrk:a:b
0000000000000000: 00000002 00000000 00010000 0001 01 20005 @/tmp/.X11-unix/X0
0000000000000000: 00000003 00000000 00000000 0001 03 20006
"""


def test_a_name_has_a_role_and_a_name() -> None:
    found = parse_socket('@dvrk:stereo_source:left')
    assert found == VideoSocket('stereo_source', 'left')
    assert (str(found), found.path) == ('@dvrk:stereo_source:left', 'dvrk:stereo_source:left')
    assert (found.eye, found.is_side_by_side, found.remark) == ('left', False, '')
    assert str(found.of_eye('right')) == '@dvrk:stereo_source:right'


def test_the_at_sign_which_has_to_be_quoted_in_yaml_may_be_left_out() -> None:
    assert parse_socket('dvrk:stereo_source:left') == parse_socket('@dvrk:stereo_source:left')


@pytest.mark.parametrize('name', ['@dvrk:stereo_alignment:stereo', '@dvrk:simulator:stereo_source'])
def test_both_eyes_in_one_picture_are_known_by_the_name(name: str) -> None:
    found = parse_socket(name)
    assert found.is_side_by_side and not found.eye


def test_the_stale_prefix_is_translated_with_a_remark() -> None:
    found = parse_socket('@dvrk_gst:stereo_source:left')
    assert str(found) == '@dvrk:stereo_source:left'
    assert "'@dvrk_gst:stereo_source:left'" in found.remark and "'@dvrk:stereo_source:left'" in found.remark


@pytest.mark.parametrize(
    'text', ['', '@@dvrk:a:b', '@dvrk:a', '@dvrk:a:b:c', '@dvrk::b', '@dvrk:a: b', '@gst:a:b', '/dev/video0']
)
def test_other_names_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(SocketNameError, match=r'@dvrk:<role>:<name>, such as @dvrk:stereo_source:left'):
        parse_socket(text)


def test_a_name_that_no_socket_can_have_is_refused() -> None:
    assert parse_socket(f'@dvrk:a:{"b" * 100}').path == f'dvrk:a:{"b" * 100}'
    with pytest.raises(SocketNameError, match='longer than the 107 bytes'):
        parse_socket(f'@dvrk:a:{"b" * 101}')


def test_sockets_that_listen_are_live(tmp_path: Path) -> None:
    (tmp_path / 'unix').write_text(TABLE)
    assert live_sockets(tmp_path / 'unix') == ['@dvrk:stereo_source:left', '@dvrk:stereo_source:right']
    assert live_sockets(tmp_path / 'nothing') == []


def test_a_live_socket_of_this_machine_is_found_and_named() -> None:
    name = f'@dvrk:test:of_{id(object())}'
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f'\0{name[1:]}')
        assert name not in live_sockets()
        listener.listen()
        assert name in live_sockets()
        assert name in describe_live_sockets()
    assert name not in live_sockets()
