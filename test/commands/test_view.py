"""`mt3dnet view` writes or serves what a recording holds, and tells what it does not show."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT
from support.recordings import film, write_bag, write_mcap

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.media.recordings.reader import RecordingReader

pytest.importorskip('rerun', reason="needs the extra 'view'")

FRAMES = 12
PICTURES = [np.full((48, 64, 3), 20 * index, np.uint8) for index in range(FRAMES)]
COMMAND = [sys.executable, '-m', 'mt3dnet_ros.commands', 'view']


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write_mcap(tmp_path / 'a.mcap', list(film(PICTURES)))


@pytest.mark.parametrize('kind', ['mcap', 'bag'])
def test_a_recording_is_written_for_rerun(tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    entries = list(film(PICTURES))
    path = write_mcap(tmp_path / 'a.mcap', entries) if kind == 'mcap' else write_bag(tmp_path / 'bag', entries)
    saved = tmp_path / 'shown.rrd'
    assert main(['view', str(path), '--save', str(saved)]) == 0
    assert f'image: {FRAMES} messages of /camera/image_raw' in capsys.readouterr().out
    described = subprocess.run(
        [sys.executable, '-m', 'rerun_cli', 'rrd', 'print', str(saved)], capture_output=True, text=True, check=True
    ).stdout
    assert '/image' in described
    assert '/scene/camera' in described


def test_a_rate_skips_and_says_how_many(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['view', str(recording), '--save', str(tmp_path / 'a.rrd'), '--rate', '5']) == 0
    assert 'image: 6 messages of /camera/image_raw, 6 skipped at --rate 5' in capsys.readouterr().out


def test_an_existing_file_is_kept(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / 'a.rrd'
    saved.write_text('precious')
    assert main(['view', str(recording), '--save', str(saved)]) == 1
    assert saved.read_text() == 'precious'
    assert 'add --overwrite' in capsys.readouterr().err


def test_what_cannot_be_shown_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = list(film(PICTURES))
    for entry in entries[1:6:2]:
        if hasattr(entry.content, 'encoding'):
            object.__setattr__(entry.content, 'encoding', 'nonsense')
    path = write_mcap(tmp_path / 'a.mcap', entries)
    assert main(['view', str(path), '--save', str(tmp_path / 'a.rrd')]) == 1
    told = capsys.readouterr()
    assert re.search(r"\d messages could not be shown: '/camera/image_raw': .*'nonsense'", told.err)


def test_a_node_that_is_not_there_is_named(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['view', str(recording), '--save', str(tmp_path / 'a.rrd'), '--perception', '/left']) == 1
    assert "node '/left' has no detections in the recording (nodes: none)" in capsys.readouterr().err


def test_it_is_served_until_interrupted(recording: Path) -> None:
    command = [*COMMAND, str(recording), '--no-browser']
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    first = process.stdout.readline()
    assert re.match(r'open http://127\.0\.0\.1:\d+ in a browser; Ctrl-C ends', first)
    assert 'image: 12 messages' in process.stdout.readline() + process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert 'Traceback' not in errors


def test_the_reader_needs_no_ros(recording: Path) -> None:
    with RecordingReader(recording) as reader:
        assert reader.counts['/camera/image_raw'] == FRAMES
    found = subprocess.run(
        [sys.executable, '-c', 'import sys, mt3dnet_ros.commands.view; print(*sys.modules)'],
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout.split()  # fmt: skip
    assert not {'rclpy', 'sensor_msgs'} & set(found)
