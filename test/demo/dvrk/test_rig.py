"""The rig, with the real nodes in processes of their own, on topics: no GStreamer is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from support.paths import ROOT
from support.small_network import save_small_checkpoint

from mt3dnet_ros.demo.dvrk.command import parse, rig_settings
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.gstreamer.system import INTERPRETER_VARIABLE
from mt3dnet_ros.media.open_source import open_source

NOWHERE = {INTERPRETER_VARIABLE: '/nowhere/python3'}


def test_without_gstreamer_it_runs_on_topics_and_says_why(tmp_path: Path) -> None:
    checkpoint = save_small_checkpoint(tmp_path / 'small.safetensors', saliency=True)
    words = ['--eyes', 'left', '--rate', '50', '--checkpoint', str(checkpoint), '--output', str(tmp_path / 'results')]
    done = subprocess.run(
        [sys.executable, '-m', 'mt3dnet_ros.demo.dvrk', *words],
        cwd=ROOT,
        env={**os.environ, **NOWHERE},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'video travels by topics' in done.stdout and '/nowhere/python3' in done.stdout
    assert 'video and overlay travelled by topics' in done.stdout
    (video,) = (line for line in done.stdout.splitlines() if 'video, left eye' in line)
    assert int(video.split()[-1]) > 100  # of 200 pictures
    film = open_source(str(tmp_path / 'results' / 'console.mp4'))
    assert film.count > 50 and film.size[0] == 480
    assert (tmp_path / 'results' / 'console.png').stat().st_size > 10_000
    started = [process for process in psutil.process_iter(['cmdline']) if str(tmp_path) in str(process.info['cmdline'])]
    assert started == []


@pytest.mark.parametrize('rate', ['0.5', '1000'])
def test_a_rate_that_makes_no_sense_is_refused(rate: str) -> None:
    with pytest.raises(InputError, match='between 1 and 100 pictures per second'):
        rig_settings(parse(['--rate', rate]))


def test_both_eyes_are_slower_on_few_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, 'cpu_count', lambda: 2)
    both, left = (rig_settings(parse(['--topics', *words])) for words in ([], ['--eyes', 'left']))
    assert (both.sides, both.rate, both.threads, both.sockets) == (('left', 'right'), 12.5, 1, False)
    assert (left.sides, left.rate, left.threads) == (('left',), 25.0, 1)
    monkeypatch.setattr(os, 'cpu_count', lambda: 16)
    assert rig_settings(parse(['--topics'])).rate == 25.0
