"""A server of this machine alone, which knows whether it is watched, and ends while a browser hangs."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

import numpy as np
import pytest

pytest.importorskip('rerun', reason="needs the extra 'view'")

import rerun
from support.listening import LOOPBACK_ONLY, addresses_of
from support.perceived import image, whole_scene
from support.rerun_client import watching

from mt3dnet_ros.viewer.messages import read_picture
from mt3dnet_ros.viewer.ports import PortError
from mt3dnet_ros.viewer.rerun_server import RerunServer
from mt3dnet_ros.viewer.scene_log import APPLICATION, SceneLog
from mt3dnet_ros.viewer.settings import ServerSettings

Started = tuple[RerunServer, SceneLog]


@pytest.fixture
def start() -> Iterator[Callable[..., Started]]:
    servers: list[RerunServer] = []

    def make(memory: int = 64, data_port: int = ServerSettings.data_port) -> Started:
        stream = rerun.RecordingStream(APPLICATION, recording_id=str(uuid.uuid4()))
        servers.append(RerunServer(stream, ServerSettings(data_port=data_port, memory=memory)))
        return servers[-1], SceneLog(stream, read_picture)

    yield make
    for server in servers:
        server.close()


def wait_until(condition: Callable[[], bool], timeout: float = 10.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_its_data_are_served_on_this_machine_alone(start: Callable[..., Started]) -> None:
    server, _ = start()
    assert addresses_of(server.data_port) == LOOPBACK_ONLY


def test_two_servers_take_different_ports(start: Callable[..., Started]) -> None:
    (one, _), (other, _) = start(), start()
    assert one.data_port != other.data_port
    assert one.url != other.url


def test_a_chosen_port_that_is_in_use_is_named(start: Callable[..., Started]) -> None:
    server, _ = start(data_port=19876)
    with pytest.raises(PortError, match='port 19876'):
        start(data_port=server.data_port)


def test_it_is_watched_while_a_browser_is_connected(start: Callable[..., Started]) -> None:
    server, _ = start()
    assert not server.is_watched()
    with watching(server.data_port):
        wait_until(server.is_watched)
    wait_until(lambda: not server.is_watched())


def test_a_browser_that_comes_later_gets_what_was_logged(start: Callable[..., Started]) -> None:
    server, log = start()
    for key, message in whole_scene().items():
        log.log(key, message)
    with watching(server.data_port) as client:
        wait_until(lambda: client.read() > 10_000)


def test_it_ends_while_a_browser_hangs(start: Callable[..., Started]) -> None:
    server, log = start(memory=16)
    noise = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    with watching(server.data_port):
        for index in range(40):
            log.log('image', image(noise, 'rgb8', index))
        begin = time.monotonic()
        server.close()
        assert time.monotonic() - begin < 5.0
