"""colcon builds the package in each of its layouts, and what it installs works by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ros_workspace import SOURCES
from support.paths import ROOT

INSTALLED = ROOT / '.venv/colcon'
PATHS = ('AMENT_PREFIX_PATH', 'CMAKE_PREFIX_PATH', 'LD_LIBRARY_PATH', 'PYTHONPATH')
EXECUTABLES = {path.name for path in (ROOT / 'scripts').iterdir()}

USE = """
from mt3dnet_ros.msg import DetectionArray
import mt3dnet_ros.msg, mt3dnet_ros.nodes.perception
from mt3dnet_ros.resources import package_file
DetectionArray()
print(mt3dnet_ros.msg.__file__)
print(mt3dnet_ros.nodes.perception.__file__)
print(package_file('config', 'perception.yaml'))
"""

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
pytestmark = pytest.mark.skipif(not shutil.which('colcon'), reason='colcon is not installed')


@pytest.fixture(scope='module')
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a copy of the package."""
    root = tmp_path_factory.mktemp('workspace')
    package = root / 'src/mt3dnet_ros'
    package.mkdir(parents=True)
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, package / name)
    return root


def environment() -> dict[str, str]:
    """Return the environment of the tests without this checkout and what the set-up built from it."""
    result = dict(os.environ)
    for name in PATHS:
        paths = [path for path in result.get(name, '').split(':') if path and path != str(ROOT)]
        result[name] = ':'.join(path for path in paths if not path.startswith(str(INSTALLED)))
    return result


def assert_works_by_itself(install: Path, prefix: Path) -> None:
    """Check that what is installed is used, and complete, in a shell that has only sourced its setup file."""
    shell = ['bash', '-c', 'source "$0" && exec "$@"', str(install / 'local_setup.bash'), sys.executable, '-c', USE]
    used = subprocess.run(shell, cwd='/', env=environment(), capture_output=True, text=True)
    assert used.returncode == 0, used.stderr
    assert [path for path in used.stdout.split() if not path.startswith(str(prefix))] == []

    programs = {path.name for path in (prefix / 'lib/mt3dnet_ros').iterdir() if os.access(path, os.X_OK)}
    assert programs == EXECUTABLES
    share = prefix / 'share/mt3dnet_ros'
    for folder, pattern in (('launch', '*.xml'), ('config', '**/*.yaml'), ('config', '**/*.rviz')):
        shipped = {path.relative_to(ROOT) for path in (ROOT / folder).glob(pattern)}
        assert {path.relative_to(share) for path in (share / folder).glob(pattern)} == shipped


@pytest.mark.timeout(600)  # 20 s where nothing else runs
@pytest.mark.parametrize('options', [[], ['--symlink-install']], ids=['copied', 'linked'])
def test_an_installed_package_works_by_itself(options: list[str], workspace: Path, tmp_path: Path) -> None:
    command = ['colcon', '--log-base', f'{tmp_path}/log', 'build', *options]
    command += ['--build-base', f'{tmp_path}/build', '--install-base', f'{tmp_path}/install']
    command += ['--cmake-args', f'-DPython3_EXECUTABLE={sys.executable}', '-DBUILD_TESTING=OFF']
    built = subprocess.run(command, cwd=workspace, env=environment(), capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    assert_works_by_itself(tmp_path / 'install', tmp_path / 'install/mt3dnet_ros')


@pytest.mark.skipif(not INSTALLED.exists(), reason='not in an environment that tools/set_up.py made')
def test_the_merged_install_of_the_set_up_works_by_itself() -> None:
    assert_works_by_itself(INSTALLED / 'install', INSTALLED / 'install')
