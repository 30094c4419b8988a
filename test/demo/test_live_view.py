"""The demo with a viewer: shown while it runs, and until Ctrl-C when all is written."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.listening import LOOPBACK_ONLY, addresses_of
from support.paths import ROOT
from support.small_network import save_small_checkpoint, tissue

pytest.importorskip('rerun', reason="needs the extra 'view'")


def write_clip(path: Path) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 10.0, (160, 128))
    for index in range(8):
        writer.write(np.roll(tissue(128, 160), 4 * index, axis=1))
    writer.release()
    return path


def test_the_demo_is_shown_until_ctrl_c(tmp_path: Path) -> None:
    checkpoint = save_small_checkpoint(tmp_path / 'small.safetensors', saliency=True)
    output = tmp_path / 'results'
    options = ['--video', write_clip(tmp_path / 'clip.avi'), '--checkpoint', checkpoint, '--output', output]
    command = [sys.executable, '-m', 'mt3dnet_ros.demo', '--view', '--device', 'cpu', *map(str, options)]
    log = tmp_path / 'demo.log'
    with log.open('wb') as stream:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True, env=None
        )
    try:
        deadline = time.monotonic() + 120.0
        while 'still shown at' not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        port = int(re.search(r'shown live at http://127\.0\.0\.1:(\d+)', log.read_text())[1])
        assert addresses_of(port) == LOOPBACK_ONLY
        assert (output / 'overview.mp4').stat().st_size
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    assert 'Traceback' not in log.read_text()
    assert addresses_of(port) == set()
    assert 'refused' not in (output / 'logs' / 'viewer.log').read_text()


@pytest.mark.parametrize(('setting', 'shown'), [([], False), (['VIEW=1'], True)])
def test_make_demo_takes_the_viewer_where_it_is_asked_for(setting: list[str], shown: bool) -> None:
    command = ['make', '--no-print-directory', '-n', 'demo', *setting]
    outside = {name: value for name, value in os.environ.items() if not name.startswith('MAKE')}  # of `make test`
    recipe = subprocess.run(command, cwd=ROOT, env=outside, capture_output=True, text=True, check=True)
    set_up, run = recipe.stdout.splitlines()[:2]
    assert ('view' in set_up.split()) == shown
    assert ('--view' in run.split()) == shown
