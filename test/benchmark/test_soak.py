"""What endurance finds in minutes of a running node."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.paths import ROOT
from support.small_network import save_small_checkpoint

from speed.faults import FAULTS, KILLED
from speed.measurement import Measurement
from speed.process_use import ProcessUse
from speed.soak import Minute, faults_of, judge

USE = ProcessUse(memory=500_000_000, processor=1.0, descriptors=25, threads=23, shared_files=16)


def minute(number: int, arrived: int = 1500, latency: float = 0.03, life: int = 1, **use: int) -> Minute:
    return Minute(number, life, Measurement(60.0, 1500, [latency] * arrived, 1.0, replace(USE, **use)))


def test_a_node_that_stays_as_it_was_is_steady() -> None:
    assert judge([minute(number, arrived=1500 - number, memory=500_000_000 + number) for number in range(1, 11)]) == []


def test_a_minute_that_drops_images_is_named() -> None:
    assert judge([minute(1), minute(2, arrived=1469), minute(3, arrived=1471)]) == [
        'minute 2: 2.1 % of the images dropped, more than 2 %'
    ]


def test_a_minute_without_an_output_is_not_steady() -> None:
    assert any(text.startswith('minute 2: 100.0 %') for text in judge([minute(1), minute(2, arrived=0)]))


def test_latency_that_grows_is_named() -> None:
    (text,) = judge([minute(number, latency=0.03 + 0.002 * number) for number in range(1, 10)])
    assert 'from 34.0 to 46.0 ms' in text


@pytest.mark.parametrize('name', ['memory', 'descriptors', 'threads', 'shared_files'])
def test_what_grows_is_named(name: str) -> None:
    before = getattr(USE, name)
    (text,) = judge([minute(1), minute(2), minute(3, **{name: before + before // 50 + 1})])
    assert text.startswith(name.replace('_', ' ')) and text.endswith('from minute 1 to 3')


def test_another_life_of_the_node_is_judged_by_itself() -> None:
    grown = {'memory': 600_000_000}
    assert judge([minute(1), minute(2), minute(3, life=2, **grown), minute(4, life=2, **grown)]) == []
    (text,) = judge([minute(1), minute(2, life=2), minute(3, life=2, **grown)])
    assert 'from minute 2 to 3' in text


def test_the_node_is_killed_twice_and_all_else_goes_wrong_in_between() -> None:
    names = list(faults_of(random.Random(0), 60))
    assert len(names) == 59 and [minute for minute, name in enumerate(names, 2) if name == KILLED] == [21, 41]
    for life in (names[:19], names[20:39], names[40:]):
        assert set(life) == set(FAULTS) - {KILLED}


@pytest.mark.timeout(600)
def test_a_node_recovers_from_every_fault(tmp_path: Path) -> None:
    """The bounds are not judged here: a busy machine drops images."""
    checkpoint = save_small_checkpoint(tmp_path / 'small.safetensors')
    script = ROOT / 'benchmark' / 'endurance.py'
    done = subprocess.run(
        [sys.executable, str(script), '--minutes', '5', '--minute', '2', '--faults']
        + ['--rate', '5', '--size', '160x128', '--output', str(tmp_path)]
        + ['--parameters', f"checkpoint:='{checkpoint}'", 'device:=cpu'],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or 'minute ' in done.stderr, done.stdout + done.stderr
    rows = done.stdout.splitlines()[2:7]
    assert {row.split('|')[-2].split(',')[0].strip() for row in rows} == {
        '', 'node killed', 'camera paused', 'other size', 'bad messages',
    }  # fmt: skip
    page = (tmp_path / 'notebook' / 'faults.md').read_text()
    assert all(row in page for row in rows) and (tmp_path / 'images' / 'faults.png').is_file()
