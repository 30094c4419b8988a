"""Policies of SROS 2: of every node, well formed, with the names that the command line makes."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from support.paths import ROOT

from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES
from mt3dnet_ros.ros.security.__main__ import main
from mt3dnet_ros.ros.security.names import NodeNames
from mt3dnet_ros.ros.security.wiring import _USED_WHERE, wiring_of
from mt3dnet_ros.ros.topics.nodes import NODE_TOPICS

Rules = dict[tuple[str, str], set[str]]


def policy(capsys: pytest.CaptureFixture[str], *words: str) -> ElementTree.Element:
    assert main(list(words)) == 0
    return ElementTree.fromstring(capsys.readouterr().out)


def rules(profile: ElementTree.Element) -> Rules:
    """Return the names by kind and right, such as ``('topics', 'publish')``."""
    found: Rules = {}
    for group in profile:
        ((right, value),) = group.attrib.items()
        assert value == 'ALLOW' and {entry.tag for entry in group} == {group.tag[:-1]}
        found[group.tag, right] = {entry.text or '' for entry in group}
    return found


def test_every_node_has_an_enclave_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    root = policy(capsys)
    assert (root.tag, root.attrib) == ('policy', {'version': '0.2.0'})
    (enclaves,) = root
    assert [enclave.attrib['path'] for enclave in enclaves] == [f'/{node}' for node in NODE_TOPICS]
    for profile in root.iter('profile'):
        found = rules(profile)
        assert set(found) <= {('services', 'reply'), ('topics', 'subscribe'), ('topics', 'publish')}
        assert {'/rosout', '/parameter_events'} <= found['topics', 'publish']
        names = set().union(*found.values())
        assert all(re.fullmatch(r'(/[A-Za-z_][A-Za-z0-9_]*)+', name) for name in names), names


def test_nobody_may_do_anything_with_any_topic(capsys: pytest.CaptureFixture[str]) -> None:
    text = ElementTree.tostring(policy(capsys), encoding='unicode')
    assert '*' not in text and '{' not in text and '~' not in text


def test_nodes_can_share_an_enclave(capsys: pytest.CaptureFixture[str]) -> None:
    root = policy(capsys, 'perception', 'camera_guidance', '--enclave', '/robot')
    (enclave,) = root.iter('enclave')
    assert enclave.attrib['path'] == '/robot'
    assert [profile.attrib['node'] for profile in enclave.iter('profile')] == ['perception', 'camera_guidance']


def test_names_are_those_of_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text('/**:\n  ros__parameters:\n    dvrk: {enabled: true, arm: /PSM9}\n    scale_required: false\n')
    root = policy(
        capsys, 'camera_guidance', '--namespace', 'jhu', '--name', 'eye', '--remap', 'gaze:=/left/gaze',
        '--params-file', str(file), '--parameter', 'dvrk.command:=move_jp', '--parameter', 'use_sim_time:=true',
    )  # fmt: skip
    (profile,) = root.iter('profile')
    found = rules(profile)
    assert profile.attrib == {'ns': '/jhu', 'node': 'eye'}
    assert {'/left/gaze', '/jhu/depth', '/PSM9/measured_js', '/clock'} <= found['topics', 'subscribe']
    assert not {'/jhu/scale', '/jhu/gaze', '/jhu/heartbeat'} & found['topics', 'subscribe']
    assert '/PSM9/move_jp' in found['topics', 'publish'] and '/PSM9/servo_jr' not in found['topics', 'publish']
    assert {'/jhu/eye/enable', '/jhu/eye/change_state', '/jhu/eye/set_parameters'} <= found['services', 'reply']


def test_compressed_images_follow_the_raw_ones(capsys: pytest.CaptureFixture[str]) -> None:
    words = ['perception', '--parameter', 'image_transport:=compressed', '--remap', 'image:=/camera/image_raw']
    (profile,) = policy(capsys, *words).iter('profile')
    assert '/camera/image_raw/compressed' in rules(profile)['topics', 'subscribe']
    assert '/camera/image_raw' not in rules(profile)['topics', 'subscribe']


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['perception', '--parameter', 'device'], "'device' must look like name:=value"),
        (['perception', '--parameter', 'image_transport:=smoke'], "'smoke' is not known"),
        (['perception', '--params-file', 'nowhere.yaml'], "parameter file 'nowhere.yaml' cannot be read"),
        (['--name', 'eye'], '--name is of one node'),
    ],
)
def test_what_cannot_be_is_named(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 1
    assert message in capsys.readouterr().err


def test_conditions_are_of_rows_that_there_are() -> None:
    for node, name in _USED_WHERE:
        table = NODE_TOPICS[node]
        assert name in {topic.name for topic in (*table.subscribes, *table.publishes)}


def test_every_node_has_a_wiring_by_its_defaults() -> None:
    for kind, table in NODE_TABLES.items():
        wiring = wiring_of(kind, NodeNames(kind), table())
        assert wiring.serves and wiring.publishes


SROS = """#!/bin/sh
printf '%s\\n' "$@" > "$TRACE"
env | grep -c ROS_SECURITY >> "$TRACE"
exit "$STATUS"
"""


@pytest.mark.parametrize('status', [0, 3])
def test_a_keystore_is_made_by_the_tools_of_ros(
    status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / 'bin/ros2'
    program.parent.mkdir()
    program.write_text(SROS)
    program.chmod(0o755)
    monkeypatch.setenv('PATH', f'{program.parent}:/usr/bin:/bin')
    monkeypatch.setenv('TRACE', str(tmp_path / 'trace'))
    monkeypatch.setenv('STATUS', str(status))
    monkeypatch.setenv('ROS_SECURITY_ENABLE', 'true')
    keystore = tmp_path / 'keys'
    assert main(['perception', '--keystore', str(keystore)]) == (1 if status else 0)
    called = (tmp_path / 'trace').read_text().split()
    assert called == ['security', 'generate_artifacts', '-k', str(keystore), '-p', f'{keystore}/policy.xml', '0']
    assert stat.S_IMODE(keystore.stat().st_mode) == 0o700
    assert ElementTree.parse(keystore / 'policy.xml').getroot().tag == 'policy'
    assert ('failed with status 3' in capsys.readouterr().err) == bool(status)


def test_without_the_tools_of_ros_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    assert main(['perception', '--keystore', str(tmp_path / 'keys')]) == 1
    assert 'source a ROS installation that has the package sros2' in capsys.readouterr().err
    assert not (tmp_path / 'keys').exists()


def test_the_guide_says_that_enforcement_was_not_run() -> None:
    assert 'was not run' in (ROOT / 'docs/robot/security.md').read_text()
