"""Ten thousand things that are damaged, lie or are huge, to every decoder and reader; `make fuzz` gives more.

Which they are follows from the seed alone. What must not be is told with the command that repeats it.
"""

from __future__ import annotations

import pytest

pytest.importorskip('sensor_msgs', reason='needs ROS 2; `source .venv/ros.sh`')
pytest.importorskip('torch', reason='needs PyTorch')
pytest.importorskip('rosbags', reason="needs rosbags; `pip install '.[recordings]'`")

from fuzz import repeat, shares

from attack.campaign import MEMORY, run
from attack.loading import targets

SEED, THINGS = 1, 10_000
FEW = 20  # attacks on one target, of which chance may have made all good, or all bad


@pytest.mark.timeout(600)
def test_all_is_taken_or_refused_with_a_reason_within_bounds_of_time_and_memory() -> None:
    tolls = run(targets, shares(targets(), 0, THINGS), SEED).values()
    found = [f'{repeat(found, SEED)}\n{found.text}' for toll in tolls for found in toll.found]
    assert found == [], '\n'.join(found)
    assert sum(toll.attacks for toll in tolls) >= THINGS - len(tolls)
    assert all(toll.taken for toll in tolls if toll.attacks > FEW), 'good ones are taken'
    assert all(toll.refused for toll in tolls if toll.attacks > FEW), 'bad ones are refused'
    assert max(toll.growth for toll in tolls) < MEMORY
