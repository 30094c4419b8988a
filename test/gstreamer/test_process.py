"""A program of ours in another interpreter: started, spoken to, ended, and judged where it does not work."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest
from support.video_sockets import CONNECTED, READY, fake_reader

from mt3dnet_ros.gstreamer.process import ProgramEndedError, SystemProcess
from mt3dnet_ros.gstreamer.system import INTERPRETER_VARIABLE, GStreamerError, interpreter

SOCKET = 'dvrk:s:left'


def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *steps: dict[str, object]) -> SystemProcess:
    for name, value in fake_reader(tmp_path, {SOCKET: [list(steps)]}).items():
        monkeypatch.setenv(name, value)
    return SystemProcess('reader.py', SOCKET)


def test_the_interpreter_is_the_systems_or_the_command_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(INTERPRETER_VARIABLE, raising=False)
    assert interpreter() == ['/usr/bin/python3']
    monkeypatch.setenv(INTERPRETER_VARIABLE, "chroot '/srv/debian 13' /usr/bin/python3")
    assert interpreter() == ['chroot', '/srv/debian 13', '/usr/bin/python3']


def test_messages_come_one_by_one_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = start(tmp_path, monkeypatch, READY, CONNECTED)
    assert process.receive(60.0).content == READY['say']
    assert process.receive(60.0).content == CONNECTED['say']
    assert process.receive(0.0) is None
    process.close()


def test_nothing_is_left_of_a_process_that_was_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(os.listdir('/proc/self/fd'))
    process = start(tmp_path, monkeypatch, READY)
    process.receive(60.0)
    process.close()
    assert not psutil.pid_exists(process.pid)
    assert len(os.listdir('/proc/self/fd')) == before


def test_a_program_that_finds_no_gstreamer_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(tmp_path, monkeypatch, {'say': {'is': 'unusable', 'problem': 'GStreamer 1.22.0 is too old'}})
    with pytest.raises(GStreamerError) as error:
        process.receive(60.0)
    process.close()
    for words in ('GStreamer 1.22.0 is too old', '1.24 or newer', 'sudo apt install python3-gi', INTERPRETER_VARIABLE):
        assert words in str(error.value)


def test_a_program_that_dies_is_said_to_with_what_it_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = start(tmp_path, monkeypatch, READY, {'print': 'a plug-in is broken'}, {'die': 7})
    assert process.receive(60.0) is not None
    with pytest.raises(ProgramEndedError, match='process ended with status 7 and printed: a plug-in is broken'):
        process.receive(60.0)
    with pytest.raises(ProgramEndedError):
        process.send({'is': 'next'})
    process.close()


def test_an_interpreter_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, '/nowhere/python3')
    with pytest.raises(ProgramEndedError, match=r'\(/nowhere/python3\): No such file or directory'):
        SystemProcess('reader.py', SOCKET)


def test_a_python_without_gstreamer_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the tests has no module gi; nor does it see what is installed for the user."""
    monkeypatch.setenv(INTERPRETER_VARIABLE, f'{sys.executable} -S')
    process = SystemProcess('reader.py', SOCKET)
    with pytest.raises(GStreamerError, match=r'it has no GStreamer for Python \(No module named .gi.\)'):
        process.receive(60.0)
    process.close()
