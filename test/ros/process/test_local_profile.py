"""Where only this machine is to be reached, a node's ports are open to this machine alone."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

rclpy = pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from support.paths import ROOT  # noqa: E402
from support.ros_processes import NodeProcess  # noqa: E402

from mt3dnet_ros.ros.process.local_profile import PROFILES, use_local_profile  # noqa: E402

CONFIG = ROOT / 'config'
LOOPBACK = '127.0.0.1'


@pytest.mark.parametrize('name', ['fastdds', 'fastdds_viewer'])
def test_a_local_profile_differs_by_its_interface_alone(name: str) -> None:
    def settings(path: Path) -> list[tuple[str, str]]:
        return [(element.tag, (element.text or '').strip()) for element in ElementTree.parse(path).getroot().iter()]

    plain, local = settings(CONFIG / f'{name}.xml'), settings(CONFIG / f'{name}_local.xml')
    added = [row for row in local if row not in plain]
    assert [text for _, text in added] == ['', LOOPBACK]
    assert [row for row in local if row not in added] == plain


@pytest.mark.parametrize(
    ('environment', 'expected'),
    [
        ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}, 'fastdds_local.xml'),
        ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET'}, 'fastdds.xml'),
        ({}, 'fastdds.xml'),
        ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', 'ROS_STATIC_PEERS': '10.0.0.2'}, 'fastdds.xml'),
        ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', 'ROS_DISCOVERY_SERVER': '10.0.0.2:11811'}, 'fastdds.xml'),
    ],
)
def test_it_is_taken_where_discovery_ends_at_this_machine(
    environment: Mapping[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ('ROS_AUTOMATIC_DISCOVERY_RANGE', 'ROS_STATIC_PEERS', 'ROS_DISCOVERY_SERVER'):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(PROFILES[0], str(CONFIG / 'fastdds.xml'))
    use_local_profile()
    assert os.environ[PROFILES[0]] == str(CONFIG / expected)


def test_a_profile_of_the_user_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'mine.xml').touch()
    (tmp_path / 'mine_local.xml').touch()
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    monkeypatch.setenv(PROFILES[0], str(tmp_path / 'mine.xml'))
    use_local_profile()
    assert os.environ[PROFILES[0]] == str(tmp_path / 'mine.xml')


class Port(NamedTuple):
    """An open port of a process."""

    protocol: str
    address: str
    number: int
    waiting: int  # bytes that nobody has read


def ports_of(process: int) -> list[Port]:
    """Return the internet ports that a process has open; of TCP those that listen."""
    links = [os.readlink(path) for path in Path(f'/proc/{process}/fd').iterdir() if path.is_symlink()]
    own = {link[8:-1] for link in links if link.startswith('socket:[')}
    found = []
    for protocol in ('tcp', 'tcp6', 'udp', 'udp6'):
        table = Path(f'/proc/net/{protocol}')
        rows = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
        for row in rows:
            if row[9] in own and (protocol.startswith('udp') or row[3] == '0A'):
                address, _, number = row[1].partition(':')
                dotted = socket.inet_ntoa(bytes.fromhex(address)[::-1]) if len(address) == 8 else address
                found.append(Port(protocol, dotted, int(number, 16), int(row[4].partition(':')[2], 16)))
    return found


@pytest.mark.skipif('fastrtps' not in rclpy.get_rmw_implementation_identifier(), reason='another middleware is in use')
def test_a_running_node_reads_from_no_port_but_those_of_dds_and_of_this_machine(
    start_node: Callable[..., NodeProcess],
) -> None:
    """Fast DDS has sockets to send from as well, from which it never reads: what comes there stays in the kernel."""
    environment = {PROFILES[0]: str(CONFIG / 'fastdds.xml'), 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}
    node = start_node('camera_info_source', {'vertical_fov': 60.0}, environment=environment)
    node.wait_for_output('fx =', 60.0)
    ports = ports_of(node.pid)
    assert {port.protocol for port in ports} == {'udp'}
    first = 7400 + 250 * int(os.environ['ROS_DOMAIN_ID'])
    own = [port for port in ports if first <= port.number < first + 250]
    assert len(own) >= 2 and {port.address for port in own} == {LOOPBACK}
    others = [port for port in ports if port.address != LOOPBACK]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for port in others:
            sender.sendto(b'RTPS', (LOOPBACK if port.address == '0.0.0.0' else port.address, port.number))
    time.sleep(0.5)
    still_there = {port.number: port.waiting for port in ports_of(node.pid)}
    assert all(still_there[port.number] > 0 for port in others), others
