"""A head that is tried on the network that ships."""

from __future__ import annotations

import re
from pathlib import Path

from safetensors.torch import load_file
from support.examples import run_example


def test_a_new_head_learns_on_features_of_the_network_that_ships(rendered: Path, tmp_path: Path) -> None:
    printed = run_example('new_head.py', rendered, tmp_path, '--steps', '10')
    [loss] = map(float, re.findall(r'step 10: loss ([\d.]+)', printed))
    assert 0.0 < loss < 1.0
    assert 0.2 < float(printed.rpartition('Dice of jumps: ')[2]) <= 1.0
    weights = load_file(tmp_path / 'jumps.safetensors')
    assert weights['1.weight'].shape == (1, 32, 1, 1)
