"""colcon builds the package in each of its layouts, and what it installs works by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.paths import ROOT

INSTALLED = ROOT / '.venv/colcon'
PATHS = ('AMENT_PREFIX_PATH', 'CMAKE_PREFIX_PATH', 'LD_LIBRARY_PATH', 'PYTHONPATH')
PACKAGE = 'src/mt3dnet_ros'
LEFT_OVER = 'mt3dnet_ros/geometry/__pycache__/left_over.cpython-311.pyc'
EDITED = 'mt3dnet_ros/geometry/__init__.py'
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


def ignored_by_git() -> list[str]:
    """Return the patterns of `.gitignore`: names of files, and of folders without their slash."""
    lines = (ROOT / '.gitignore').read_text().splitlines()
    return [line.rstrip('/') for line in lines if line and not line.startswith('#')]


@pytest.fixture(scope='module')
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a copy of the checkout in which Python has left bytecode."""
    root = tmp_path_factory.mktemp('workspace')
    shutil.copytree(ROOT, root / PACKAGE, ignore=shutil.ignore_patterns('.git', *ignored_by_git()))
    (root / PACKAGE / LEFT_OVER).parent.mkdir()
    (root / PACKAGE / LEFT_OVER).write_text('')
    return root


def environment() -> dict[str, str]:
    """Return the environment of the tests without this checkout and what the set-up built from it."""
    result = dict(os.environ)
    for name in PATHS:
        paths = [path for path in result.get(name, '').split(':') if path and path != str(ROOT)]
        result[name] = ':'.join(path for path in paths if not path.startswith(str(INSTALLED)))
    return result


def run_installed(install: Path, code: str) -> str:
    """Return what Python code prints in a shell that has only sourced the setup file of what is installed."""
    shell = ['bash', '-c', 'source "$0" && exec "$@"', str(install / 'local_setup.bash'), sys.executable, '-c', code]
    used = subprocess.run(shell, cwd='/', env=environment(), capture_output=True, text=True)
    assert used.returncode == 0, used.stderr
    return used.stdout


def assert_works_by_itself(install: Path, prefix: Path) -> None:
    """Check that what is installed is used, and complete."""
    used = run_installed(install, USE)
    assert [path for path in used.split() if not path.startswith(str(prefix))] == []

    programs = {path.name for path in (prefix / 'lib/mt3dnet_ros').iterdir() if os.access(path, os.X_OK)}
    assert programs == EXECUTABLES
    share = prefix / 'share/mt3dnet_ros'
    for folder, pattern in (('launch', '*.xml'), ('config', '**/*.yaml'), ('config', '**/*.rviz')):
        shipped = {path.relative_to(ROOT) for path in (ROOT / folder).glob(pattern)}
        assert {path.relative_to(share) for path in (share / folder).glob(pattern)} == shipped
    for name in ('LICENSE', 'NOTICE'):
        assert (share / name).read_text() == (ROOT / name).read_text()


def colcon(workspace: Path, base: Path, verb: str, *options: str) -> None:
    """Run colcon on a workspace, with build/, install/ and log/ in another folder; a failure shows its output."""
    command = ['colcon', '--log-base', f'{base}/log', verb]
    command += ['--build-base', f'{base}/build', '--install-base', f'{base}/install', *options]
    done = subprocess.run(command, cwd=workspace, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def build(workspace: Path, base: Path, *options: str) -> Path:
    """Build a workspace as a user does, and return the folder that holds build/ and install/."""
    colcon(workspace, base, 'build', *options, '--cmake-args', f'-DPython3_EXECUTABLE={sys.executable}')
    return base


@pytest.fixture(scope='module')
def copied(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the package is installed as copies."""
    return build(workspace, tmp_path_factory.mktemp('copied'))


@pytest.fixture(scope='module')
def linked(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the package is installed as links."""
    return build(workspace, tmp_path_factory.mktemp('linked'), '--symlink-install')


def installed_sources(base: Path, workspace: Path) -> dict[Path, Path]:
    """Return the installed Python files of ours, each with the file of the workspace that it was made from."""
    (package,) = (base / 'install/mt3dnet_ros').glob('lib/python*/site-packages/mt3dnet_ros')
    sources = (workspace / PACKAGE / 'mt3dnet_ros').rglob('*.py')
    return {package / path.relative_to(workspace / PACKAGE / 'mt3dnet_ros'): path for path in sources}


@pytest.mark.timeout(600)  # 20 s where nothing else runs
@pytest.mark.parametrize('layout', ['copied', 'linked'])
def test_an_installed_package_works_by_itself(layout: str, request: pytest.FixtureRequest) -> None:
    base = request.getfixturevalue(layout)
    assert_works_by_itself(base / 'install', base / 'install/mt3dnet_ros')
    assert list(base.rglob(Path(LEFT_OVER).name)) == []


@pytest.mark.timeout(600)
def test_copies_do_not_depend_on_where_they_came_from(workspace: Path, copied: Path) -> None:
    assert [path for path in installed_sources(copied, workspace) if not path.is_file() or path.is_symlink()] == []


@pytest.mark.timeout(600)
def test_every_python_file_is_linked_where_links_are_asked_for(workspace: Path, linked: Path) -> None:
    sources = installed_sources(linked, workspace)
    assert [path for path, source in sources.items() if path.resolve() != source.resolve()] == []


@pytest.mark.timeout(600)
def test_an_edit_of_a_linked_file_needs_no_rebuild(workspace: Path, linked: Path) -> None:
    with (workspace / PACKAGE / EDITED).open('a') as file:
        file.write("\nEDITED = 'after the build'\n")
    used = run_installed(linked / 'install', 'from mt3dnet_ros.geometry import EDITED; print(EDITED)')
    assert used.strip() == 'after the build'


def passed(report: Path) -> int:
    """Return how many tests passed by a JUnit report."""
    return sum(len(case) == 0 for case in ElementTree.parse(report).iter('testcase'))


@pytest.mark.timeout(600)  # 20 s where nothing else runs
def test_colcon_test_runs_tests_that_pass(workspace: Path, linked: Path) -> None:
    colcon(workspace, linked, 'test', '--return-code-on-test-failure')
    ran = {path.name: passed(path) for path in (linked / 'build').rglob('*.xunit.xml')}
    assert {'geometry.xunit.xml', 'package_test_messages_py.xunit.xml'} <= set(ran)
    assert [name for name, count in ran.items() if count == 0] == []


@pytest.mark.skipif(not INSTALLED.exists(), reason='not in an environment that tools/set_up.py made')
def test_the_merged_install_of_the_set_up_works_by_itself() -> None:
    assert_works_by_itself(INSTALLED / 'install', INSTALLED / 'install')
