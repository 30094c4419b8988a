"""`make benchmark` runs through, prints every row, says what is missing, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.paths import ROOT
from support.small_network import save_small_checkpoint

from speed.node_under_load import START_TIMEOUT
from speed.tables import BACK_ENDS, BY_NAME, SECTIONS

BACK_END = 'torch'
pytestmark = pytest.mark.timeout(900)  # not measured: as long as a busy machine may take


def command(output: Path, *arguments: str) -> list[str]:
    checkpoint = save_small_checkpoint(output / 'small.safetensors')
    script = str(ROOT / 'benchmark' / 'report.py')
    return [sys.executable, script, '--quick', '--checkpoint', str(checkpoint), '--output', str(output), *arguments]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Return a benchmark of the running node that has started it."""
    process = subprocess.Popen(
        command(tmp_path, '--only', 'node', '--back-ends', BACK_END),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield process
    for child in [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []:
        child.kill()
    process.kill()
    process.communicate()


def cells(text: str, name: str) -> list[str]:
    """Return the cells of the row of a case."""
    line = next(line for line in text.splitlines() if line.startswith(f'| {name} |'))
    return [cell.strip() for cell in line.strip('| ').split(' | ')][1:]


def is_number(cell: str) -> bool:
    return re.match(r'(\*\*)?\d+(\.\d+)?\b', cell) is not None


def test_every_row_is_printed_with_its_goal_and_written_with_its_picture(tmp_path: Path) -> None:
    done = subprocess.run(command(tmp_path, '--back-ends', BACK_END), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / 'notebook' / 'speed.md').read_text()
    for section in SECTIONS:
        assert f'## {section.title}' in done.stdout
        for case in section.cases:
            shown = cells(done.stdout, case.name)
            assert shown == cells(page, case.name) and len(shown) == len(section.figures)
            for figure, cell in zip(section.figures, shown, strict=True):
                assert (f'(goal: {case.goals[figure.name]:g})' in cell) if figure.name in case.goals else True
    for name in ('demo', 'node', 'stages', 'start', 'single_task'):
        for case in BY_NAME[name].cases:
            if not any(f'`{other}`' in case.name for other in BACK_ENDS if other != BACK_END):
                assert is_number(cells(done.stdout, case.name)[0]), case.name
    for curve in BY_NAME['growth'].curves:
        rows = done.stdout.split(f'({curve.name})', 1)[1].split('\n\n', 1)[0].splitlines()[2:]
        assert len(rows) == 2 and is_number(rows[0].strip('| ')), curve.name
    assert 'no GPU here' in done.stdout or is_number(cells(done.stdout, BY_NAME['gpu'].cases[0].name)[0])
    assert (tmp_path / 'images' / 'speed_growth.png').stat().st_size > 10_000


def test_what_is_not_installed_is_named_with_its_remedy_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / 'hidden').mkdir()
    (tmp_path / 'hidden' / 'transformers.py').write_text("raise ModuleNotFoundError('no', name='transformers')")
    path = f'{tmp_path / "hidden"}:{os.environ.get("PYTHONPATH", "")}'
    done = subprocess.run(
        command(tmp_path, '--back-ends', BACK_END, '--only', 'single_task', 'gpu'),
        env={**os.environ, 'PYTHONPATH': path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "transformers is not installed: pip install 'mt3dnet_ros[depth]'" in done.stdout
    assert set(cells(done.stdout, BY_NAME['single_task'].cases[-1].name)) == {'-'}
    assert '## On a GPU' in done.stdout


def test_a_node_that_cannot_be_configured_says_why_and_is_not_waited_for(tmp_path: Path) -> None:
    words = command(tmp_path, '--back-ends', BACK_END, '--only', 'node')
    words[words.index('--checkpoint') + 1] = str(tmp_path / 'missing.safetensors')
    began = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'missing.safetensors' in done.stdout and 'not configured' in done.stdout
    assert time.monotonic() - began < START_TIMEOUT


def test_a_section_that_breaks_is_told_and_gives_the_status(tmp_path: Path) -> None:
    (tmp_path / 'broken').mkdir()
    (tmp_path / 'broken' / 'transformers.py').write_text('raise ZeroDivisionError')
    done = subprocess.run(
        command(tmp_path, '--back-ends', BACK_END, '--only', 'single_task', 'gpu'),
        env={**os.environ, 'PYTHONPATH': f'{tmp_path / "broken"}:{os.environ.get("PYTHONPATH", "")}'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f'its output is in {tmp_path / "single_task.log"}' in ' '.join(done.stdout.split())
    assert 'ZeroDivisionError' in (tmp_path / 'single_task.log').read_text()
    assert '## On a GPU' in done.stdout


def children_with_a_node(start: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return its processes once the node is among them."""
    own = psutil.Process(start.pid)

    def running() -> list[psutil.Process]:
        return [child for child in own.children(recursive=True) if child.is_running()]

    def has_node() -> bool:
        return any('perception' in ' '.join(child.cmdline()) for child in running()) and len(running()) >= 3

    wait_until(has_node, 60.0)
    return running()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_no_process_is_left_when_it_is_interrupted(start: subprocess.Popen[str], number: signal.Signals) -> None:
    children = children_with_a_node(start)
    os.kill(start.pid, number)
    printed, _ = start.communicate(timeout=60)
    wait_until(lambda: not any(map(lives, children)), 30.0)
    assert start.returncode == 130
    assert 'interrupted; all nodes are ended' in printed and 'Traceback' not in printed


def test_no_process_is_left_when_it_is_killed(start: subprocess.Popen[str]) -> None:
    children = children_with_a_node(start)
    start.kill()
    wait_until(lambda: not any(map(lives, children)), 60.0)


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(condition: object, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_documentation_takes_nothing_but_the_whole(tmp_path: Path) -> None:
    done = subprocess.run(command(tmp_path, '--docs'), capture_output=True, text=True, check=False)
    assert done.returncode == 1 and 'leave out --only, --back-ends and --quick' in done.stderr
