"""Training gives the losses that it gave before, step by step.

``fixtures/NAME.csv`` are the logs of three runs of 50 steps (``support/recorded_runs.py``): ST-MTL through six stages
and the saliency branch of MT3DNet through two, both by the loop that ``train-saliency`` had to itself, and all frame
tasks of MT3DNet. They were recorded at revision f79eafa, before there was one engine, on one CPU thread, by

    PYTHONPATH=.:test python -m support.recorded_runs FOLDER

with ``log_every_n_steps=1`` in ``training/train.py``, as recipes of MT3DNet had no key ``log_every`` yet, and rounded
to 8 digits. With the instructions of other CPUs the same code deviates by up to 3e-5.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from support.recorded_runs import RUNS, STEPS, run, write_data

TOLERANCE = 1e-4
EXPECTED = {'st_mtl': ('loss_', 'val_'), 'branch': ('loss_', 'val_'), 'mt3dnet': ('loss', 'weight_')}

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures('one_thread')]


def columns(rows, prefixes):
    """Return the columns whose names begin with a prefix: their values by step."""
    names = [name for name in rows[0] if name.startswith(prefixes)]
    return {name: {int(row['step']): float(row[name]) for row in rows if row[name]} for name in names}


def recorded(name):
    with (Path(__file__).parent / 'fixtures' / f'{name}.csv').open(newline='') as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return write_data(tmp_path_factory.mktemp('recorded') / 'data')


@pytest.mark.parametrize('name', RUNS)
def test_losses_of_every_step_are_those_that_were_recorded(data, tmp_path, name):
    found = columns(run(name, data, tmp_path / name), EXPECTED[name])
    expected = columns(recorded(name), EXPECTED[name])
    assert set().union(*expected.values()) == set(range(STEPS))
    assert found.keys() >= expected.keys()
    for column, values in expected.items():
        assert found[column] == pytest.approx(values, abs=TOLERANCE), column
