"""The examples, run as they stand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.paths import ROOT

EXAMPLES = ROOT / 'examples'
SIZE = (96, 128)
"""Height and width of the frames that `rendered_folder` gives."""
BRIEFLY = ('steps=10', 'validate_every=10', 'batch_size=2', 'input_size=[96,128]', 'threads=1', 'warmup_steps=1')
"""Changes of a recipe, so that a test need not wait."""


def run_example(name: str, *arguments: str | Path) -> str:
    """Run an example in a process of its own, and return what it printed; fail where it fails."""
    environment = os.environ | {
        'PYTHONPATH': os.pathsep.join((str(ROOT), os.environ.get('PYTHONPATH', ''))),
        'OMP_NUM_THREADS': '1',  # on a busy machine the barriers between threads cost more than they gain
    }
    command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, f'{name} ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}'
    return ended.stdout
