"""A port in use is named, or gives way to the next; who is connected is counted."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from mt3dnet_ros.viewer.ports import LOOPBACK, PortError, choose_port, count_connections


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def test_a_free_port_is_taken_as_it_is(taken: socket.socket) -> None:
    port = port_of(taken)
    taken.close()
    assert choose_port(LOOPBACK, port, default=1) == port


def test_a_default_that_is_in_use_gives_way_to_a_later_one(taken: socket.socket) -> None:
    port = port_of(taken)
    assert port < choose_port(LOOPBACK, port, default=port) < port + 20


def test_a_chosen_port_that_is_in_use_is_named_with_what_to_do(taken: socket.socket) -> None:
    port = port_of(taken)
    with pytest.raises(PortError, match=rf'port {port} of 127.0.0.1 is in use; end the program .* choose another'):
        choose_port(LOOPBACK, port, default=port + 1)


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(PortError, match=r"'192\.0\.2\.1' port 9090 cannot be served on"):
        choose_port('192.0.2.1', 9090, default=9090)


def test_connections_are_counted_while_they_last(taken: socket.socket) -> None:
    port = port_of(taken)
    assert count_connections(port) == 0
    with socket.create_connection((LOOPBACK, port)):
        assert count_connections(port) == 1
    assert count_connections(port) == 0
