"""From nothing to a checkpoint by one command, which goes on where it was interrupted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from support.checkpoint_plan import STAGES, write_plan
from support.paths import ROOT

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.commands.making.journal import FILE
from mt3dnet_ros.perception.checkpoint_header import read_metadata

pytestmark = pytest.mark.timeout(600)
STATE = 'last.ckpt'


@pytest.fixture(scope='module')
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(tmp_path_factory.mktemp('plan'))


@pytest.fixture(scope='module')
def steady(plan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that nothing disturbed."""
    output = tmp_path_factory.mktemp('steady')
    assert main(['make-checkpoint', str(plan), '--output', str(output)]) == 0
    return output


@pytest.fixture
def copy(steady: Path, tmp_path: Path) -> Path:
    """Return a copy of what the undisturbed run made."""
    return Path(shutil.copytree(steady, tmp_path / 'copy'))


def start(plan: Path, output: Path) -> subprocess.Popen[str]:
    command = [sys.executable, '-m', 'mt3dnet_ros.commands', 'make-checkpoint', str(plan), '--output', str(output)]
    environment = os.environ | {'PYTHONPATH': os.pathsep.join([str(ROOT), os.environ.get('PYTHONPATH', '')])}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def end_after(state: Path, process: subprocess.Popen[str], send: Callable[[], None]) -> str:
    """Send a signal once a training has kept a state; return what was printed."""
    while not state.is_file() and process.poll() is None:
        time.sleep(0.01)
    send()
    return process.communicate(timeout=300)[0]


def done(output: Path) -> list[str]:
    """Return the stages that came to their end."""
    return [name for name, entry in json.loads((output / FILE).read_text()).items() if entry['done']]


def forget(output: Path, stages: list[str]) -> None:
    """Delete what some stages made, and that they did."""
    entries = json.loads((output / FILE).read_text())
    for name in stages:
        del entries[name]
        shutil.rmtree(output / name, ignore_errors=True)
        (output / f'{name}.safetensors').unlink(missing_ok=True)
    (output / FILE).write_text(json.dumps(entries))


def test_interrupted_and_killed_it_goes_on_and_makes_what_an_undisturbed_run_makes(
    plan: Path, steady: Path, copy: Path
) -> None:
    output = copy
    forget(output, ['network', 'saliency', 'calibrated', 'tiny'])
    process = start(plan, output)
    printed = end_after(output / 'network' / STATE, process, lambda: process.send_signal(signal.SIGINT))
    assert process.returncode == 130, printed
    assert "interrupted in stage 'network'; the same command goes on from here" in printed
    assert done(output) == ['frames', 'sequences', 'maps']

    process = start(plan, output)
    printed = end_after(output / 'saliency' / STATE, process, lambda: os.killpg(process.pid, signal.SIGKILL))
    assert '1/7 frames (render): there' in printed
    assert '4/7 network (train): goes on' in printed
    assert done(output) == ['frames', 'sequences', 'maps', 'network']

    assert main(['make-checkpoint', str(plan), '--output', str(output)]) == 0
    found, expected = (folder / 'tiny.safetensors' for folder in (output, steady))
    assert read_metadata(found) == read_metadata(expected)
    torch.testing.assert_close(load_file(found), load_file(expected), rtol=0, atol=0)


def test_the_file_is_trained_calibrated_and_carries_its_card(steady: Path) -> None:
    facts = read_metadata(steady / 'tiny.safetensors')
    assert facts['model_card'] == 'What to know of it.\n'
    assert json.loads(facts['calibration'])['dataset'] == 'rendered'
    assert json.loads(facts['recipe'])['stages'] == ['saliency', 'saliency_temporal']


def test_what_is_there_is_left_as_it_is(plan: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in copy.rglob('*') if path.is_file() and path.name != '.lock'}
    assert main(['make-checkpoint', str(plan), '--output', str(copy)]) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split(': ')[1] for line in lines] == len(STAGES) * ['there']
    assert last == f'checkpoint: {copy / "tiny.safetensors"}'


@pytest.mark.parametrize(
    ('stage', 'change', 'told'),
    [
        ('frames', {'seed': 3}, "stage 'frames' was made with seed as by default, not 3; --again deletes"),
        ('network', {'steps': 14}, "stage 'network' was made with steps 8, not 14; --again deletes"),
        ('calibrated', {'limit': 10}, "stage 'calibrated' was made with limit as by default, not 10; --again deletes"),
    ],
)
def test_a_changed_stage_is_refused(
    stage: str, change: dict[str, int], told: str, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = write_plan(tmp_path / 'changed', STAGES | {stage: STAGES[stage] | change})
    assert main(['make-checkpoint', str(changed), '--output', str(copy)]) == 1
    assert told in capsys.readouterr().err


def test_again_makes_what_changed_and_what_depends_on_it_and_nothing_else(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages = STAGES | {'calibrated': STAGES['calibrated'] | {'limit': 18}}
    changed = write_plan(tmp_path / 'changed', stages)
    assert main(['make-checkpoint', str(changed), '--output', str(copy), '--again']) == 0
    printed = capsys.readouterr().out
    assert '5/7 saliency (train-saliency): there' in printed
    assert '6/7 calibrated (calibrate): made in' in printed and '7/7 tiny (card): made in' in printed
    assert json.loads(read_metadata(copy / 'tiny.safetensors')['calibration'])['frames'] == 18


def test_two_runs_do_not_fill_one_folder(
    plan: Path, copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import fcntl

    with (copy / '.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main(['make-checkpoint', str(plan), '--output', str(copy)]) == 1
    assert f"another run fills '{copy}'" in capsys.readouterr().err
