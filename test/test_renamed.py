"""Modules that users ran by ``python -m`` are found under the names that they had, with a warning."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mt3dnet_ros.renamed import RENAMED


@pytest.mark.parametrize('name', RENAMED)
def test_an_old_name_runs_the_module_of_today_and_says_so(name: str) -> None:
    if name.startswith('ros.'):
        pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

    def run(module: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, '-m', f'mt3dnet_ros.{module}', '--help'], capture_output=True, text=True)

    old, today = run(name), run(RENAMED[name])
    assert old.returncode == today.returncode == 0, old.stderr
    assert old.stdout == today.stdout != ''
    assert f'mt3dnet_ros.{name} is now mt3dnet_ros.{RENAMED[name]}' in old.stderr


def test_a_name_that_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        __import__('mt3dnet_ros.never_was')
