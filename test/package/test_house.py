"""The layout of the house: floors, folders, and what may be imported where (CONTRIBUTING.md, Where things belong)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.paths import ROOT

PACKAGE = ROOT / 'mt3dnet_ros'
MODULES = sorted(
    path for path in PACKAGE.rglob('*.py') if path != PACKAGE / '__init__.py'
)  # which opens the front door
FLOORS = (
    ('errors', 'renamed'),
    ('resources', 'yaml_text', 'json_text'),
    ('geometry', 'distribution'),
    ('models', 'media', 'gstreamer'),
    ('perception', 'metrics'),
    ('reconstruction', 'datasets', 'guidance'),
    ('renderer',),
    ('training', 'evaluation', 'viewer'),
    ('ros',),
    ('nodes', 'commands', 'demo'),
    ('__main__',),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
ROS = {'rclpy', 'rosidl_runtime_py', 'ament_index_python', 'cv_bridge', 'tf_transformations'}
MOST_FILES, MEAN_FILES = 20, 10
# Folders of test/ that mirror no folder of the package.
OF_THEIR_OWN = {'support', 'package', 'examples', 'docs', 'benchmark', 'robustness'}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix('.py')


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, those that it names in strings included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            parent = path.relative_to(ROOT).parts[: -node.level]
            yield from ('.'.join((*parent, node.module or alias.name)) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f'{node.module}.{alias.name}' for alias in node.names)
        elif isinstance(node, ast.Constant) and re.fullmatch(r'mt3dnet_ros(\.\w+)+(:\w+)?', str(node.value)):
            yield str(node.value)


def test_a_module_imports_from_its_own_room_and_from_floors_below() -> None:
    def above(path: Path) -> set[str]:
        rooms = {name.split('.')[1].partition(':')[0] for name in imported(path) if name.startswith('mt3dnet_ros.')}
        known = rooms & set(FLOOR_OF) - {room_of(path)}
        return {room for room in known if FLOOR_OF[room] >= FLOOR_OF[room_of(path)]}

    assert {str(path.relative_to(PACKAGE)): found for path in MODULES if (found := above(path))} == {}


def test_every_room_has_its_floor() -> None:
    rooms = {room_of(path) for path in MODULES}
    assert rooms - set(FLOOR_OF) == set()


def test_ros_is_imported_on_the_upper_floors_only() -> None:
    def of_ros(path: Path) -> set[str]:
        names = set(imported(path))
        packages = {name.split('.')[0] for name in names}
        messages = {name for name in packages if name.endswith(('_msgs', '_srvs', '_interfaces'))}
        return (packages & ROS) | messages | {name for name in names if name.startswith('mt3dnet_ros.msg')}

    below = [path for path in MODULES if room_of(path) not in ('ros', 'nodes', 'demo')]
    assert {str(path.relative_to(PACKAGE)): found for path in below if (found := of_ros(path))} == {}


@pytest.mark.parametrize('room', ['geometry', 'models'])
def test_the_lowest_floors_need_arrays_and_nothing_else(room: str) -> None:
    found = {name.split('.')[0] for path in (PACKAGE / room).rglob('*.py') for name in imported(path)}
    assert found - set(sys.stdlib_module_names) <= {'cv2', 'numpy', 'torch', 'mt3dnet_ros'}


def test_folders_are_small() -> None:
    files = Counter(path.parent for path in PACKAGE.rglob('*.py') if path.name != '__init__.py')
    large = {str(folder.relative_to(ROOT)): number for folder, number in files.items() if number > MOST_FILES}
    assert large == {}
    assert sum(files.values()) / len(files) < MEAN_FILES


def test_tests_mirror_the_package() -> None:
    folders = {path.parent.relative_to(ROOT / 'test') for path in (ROOT / 'test').rglob('test_*.py')}
    mirrored = {folder for folder in folders if not OF_THEIR_OWN & set(folder.parts)}
    assert [str(folder) for folder in sorted(mirrored) if not (PACKAGE / folder).is_dir()] == []


def test_a_node_starts_without_what_is_slow_to_import() -> None:
    pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
    script = 'import sys, mt3dnet_ros.nodes.perception; print(*sys.modules)'
    started = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    slow = {'open3d', 'lightning', 'matplotlib', 'scipy', 'transformers', 'onnx', 'openvino'}
    assert slow & set(started.stdout.split()) == set()
