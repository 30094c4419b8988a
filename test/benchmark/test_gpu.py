"""The script that measures a GPU, tried without one."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.paths import ROOT


@pytest.mark.timeout(400)  # beside a training every frame takes seconds
def test_it_runs_on_the_cpu_and_says_that_its_times_say_nothing():
    words = ['--device', 'cpu', '--sizes', '160x128', '--frames', '1', '--seconds', '0', '--warm-up', '0']
    found = subprocess.run(
        [sys.executable, str(ROOT / 'benchmark' / 'gpu.py'), *words], capture_output=True, text=True, timeout=380
    )
    assert found.returncode == 0, found.stderr
    assert 'no GPU: the script is only tried' in found.stdout
    for row in ('torch', 'eager', 'the image goes up', 'network, eager', 'cloud drawn', 'all of these come down'):
        assert any(line.strip().startswith(row) for line in found.stdout.splitlines()), row
