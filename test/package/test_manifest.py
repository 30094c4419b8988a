"""package.xml and setup.py name what the package imports, and agree with each other."""

from __future__ import annotations

import ast
import contextlib
import re
import runpy
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree

import pytest
from support.paths import ROOT

import mt3dnet_ros

MANIFEST = ElementTree.parse(ROOT / 'package.xml').getroot()
CHANGELOG = ROOT / 'CHANGELOG.rst'
RELEASED = re.findall(r'^(\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$', CHANGELOG.read_text(), re.MULTILINE)
RUN_DEPENDENCIES = {item.text for tag in ('depend', 'exec_depend') for item in MANIFEST.iter(tag)}
ROS_DEPENDENCIES = RUN_DEPENDENCIES | {item.text for item in MANIFEST.iter('test_depend')} | {'launch'}
ROSDEP_KEYS = {
    'cv2': 'python3-opencv',
    'lz4': 'mcap-ros2-support',  # which brings it along
    'mcap': 'mcap-ros2-support',
    'numpy': 'python3-numpy',
    'scipy': 'python3-scipy',
    'torch': 'python3-torch',
    'tqdm': 'python3-tqdm',
    'transforms3d': 'python3-transforms3d',
    'yaml': 'python3-yaml',
}
DISTRIBUTIONS = {
    'PIL': 'pillow',
    'cv2': 'opencv-python-headless',
    'faster_coco_eval': 'faster-coco-eval',
    'foxglove': 'foxglove-sdk',
    'mcap_ros2': 'mcap-ros2-support',
    'onnx_ir': 'onnx-ir',
    'pytorch_optimizer': 'pytorch-optimizer',
    'rerun': 'rerun-sdk',
    'rerun_cli': 'rerun-sdk',
    'websocket': 'websocket-client',
    'xdist': 'pytest-xdist',
    'yaml': 'PyYAML',
}
BESIDE = (
    'benchmark',
    'test',
    'tools',
    'mt3dnet_ros/gstreamer/programs',
)  # files import each other plainly
OURS = {path.stem for folder in BESIDE for path in (ROOT / folder).iterdir()} | {'mt3dnet_ros'}
OF_THE_SYSTEM = {'gi'}  # GStreamer, in its own Python; `mt3dnet_ros/gstreamer/system.py` says what to install
# No rosdep key names them; setup.py does. All but openvino and safetensors serve training, evaluation or a choice.
ONLY_FROM_PIP = {
    'av', 'faster_coco_eval', 'foxglove', 'lightning', 'matplotlib', 'onnx', 'onnx_ir', 'onnxruntime', 'open3d',
    'openvino', 'pydicom', 'pytorch_optimizer', 'ray', 'rerun', 'rerun_cli', 'rosbags', 'safetensors', 'transformers',
    'zstandard',
}  # fmt: skip
OPTIONAL_ROS = {'crtk_msgs', 'vision_msgs'}  # topics of their types are offered where they are installed
# Whoever runs the others has ROS, and is told what to install by their entry.
WITHOUT_ROS = sorted(
    path.name
    for path in (ROOT / 'mt3dnet_ros').iterdir()
    if path.is_dir() and path.name not in ('__pycache__', 'demo', 'nodes', 'ros')
)
# Named by launch files, by a table of topics, or by the generated messages, rather than imported.
NOT_IMPORTED = {'launch_xml', 'nav_msgs', 'ros2launch', 'rosidl_default_runtime', 'rviz2', 'tf2_msgs', 'tf2_ros'}


def imported(folders: Iterable[str]) -> set[str]:
    """Return the top-level modules imported below folders of the checkout, but for Python's own and ours."""
    found = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob('*.py')):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module or '')
    return {name.split('.')[0] for name in found} - sys.stdlib_module_names - OURS - OF_THE_SYSTEM


def optional_imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each module that a file imports, with the extra that the block around the import names, or nothing."""

    def walk(node: ast.AST, extra: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.With):
            calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            named = [ast.unparse(call.args[0]).strip("'") for call in calls if ast.unparse(call.func) == 'needs_extra']
            extra = next(iter(named), extra)
        if isinstance(node, ast.Import):
            yield from ((alias.name.split('.')[0], extra) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or '').split('.')[0], extra
        for child in ast.iter_child_nodes(node):
            yield from walk(child, extra)

    return walk(ast.parse(path.read_text()), '')


def setup_arguments() -> dict[str, Any]:
    """Return what setup.py passes to setuptools."""
    with patch('setuptools.setup') as setup, contextlib.chdir(ROOT):
        runpy.run_path(str(ROOT / 'setup.py'))
    return setup.call_args.kwargs


def is_ros(module: str) -> bool:
    """Whether a module comes with ROS: pip users of the ROS-free floors do not need it."""
    return module in ROS_DEPENDENCIES


def test_package_xml_declares_what_is_imported() -> None:
    modules = imported(['mt3dnet_ros']) - ONLY_FROM_PIP - OPTIONAL_ROS
    assert {ROSDEP_KEYS.get(module, module) for module in modules} - RUN_DEPENDENCIES == set()


def test_package_xml_declares_nothing_else() -> None:
    used = {ROSDEP_KEYS.get(module, module) for module in imported(['mt3dnet_ros'])}
    assert RUN_DEPENDENCIES - used - NOT_IMPORTED == set()


def test_cmake_finds_what_package_xml_says_it_builds_with() -> None:
    found = set(re.findall(r'find_package\((\w+)', (ROOT / 'CMakeLists.txt').read_text()))
    named = {item.text for tag in ('depend', 'buildtool_depend') for item in MANIFEST.iter(tag)}
    assert found == named | {'ament_cmake_pytest'}
    assert 'ament_cmake_pytest' in {item.text for item in MANIFEST.iter('test_depend')}


@pytest.mark.parametrize(
    ('folders', 'extras'),
    [
        (['mt3dnet_ros/models', 'mt3dnet_ros/geometry', 'mt3dnet_ros/perception'], ['export', 'openvino']),
        (['mt3dnet_ros/nodes', 'mt3dnet_ros/ros', 'mt3dnet_ros/demo'], ['demo', 'recordings', 'view']),
        (['mt3dnet_ros/datasets'], ['depth', 'render']),
        (['mt3dnet_ros/training'], ['train']),
        (['mt3dnet_ros/evaluation'], ['evaluate']),
        (
            ['mt3dnet_ros', 'test', 'benchmark'],
            [
                'demo',
                'depth',
                'dicom',
                'evaluate',
                'export',
                'openvino',
                'ray',
                'recordings',
                'render',
                'test',
                'train',
                'view',
            ],
        ),
    ],
    ids=['perception', 'demo', 'data sets', 'training', 'evaluation', 'all'],
)
def test_pip_installs_what_a_floor_imports(folders: list[str], extras: list[str]) -> None:
    arguments = setup_arguments()
    lists = [arguments['install_requires'], *(arguments['extras_require'][name] for name in extras)]
    names = {re.split('[<>=]', line)[0].lower() for lines in lists for line in lines}
    modules = {module for module in imported(folders) - OPTIONAL_ROS if not is_ros(module)}
    assert {DISTRIBUTIONS.get(module, module).lower() for module in modules} - names == set()


def distribution_names(lines: Iterable[str]) -> set[str]:
    """Return the names in lines of requirements."""
    return {re.split('[<>=]', line)[0].lower() for line in lines}


@pytest.mark.parametrize('folder', WITHOUT_ROS)
def test_an_optional_package_is_imported_where_its_absence_names_the_extra(folder: str) -> None:
    arguments = setup_arguments()
    extras = {name: distribution_names(lines) for name, lines in arguments['extras_require'].items()}
    optional = set.union(*extras.values()) - distribution_names(arguments['install_requires'])
    optional -= {'torch'}  # whole floors are made of it; `load` and the commands, which lead there, name its extra
    unnamed = [
        f'{path.relative_to(ROOT)}: {module}'
        for path in (ROOT / 'mt3dnet_ros' / folder).rglob('*.py')
        for module, extra in optional_imports(path)
        if (name := DISTRIBUTIONS.get(module, module).lower()) in optional and name not in extras.get(extra, ())
    ]
    assert unnamed == []


def test_versions_agree() -> None:
    assert MANIFEST.findtext('version') == mt3dnet_ros.__version__ == setup_arguments()['version'] == RELEASED[0]


def test_name_and_licence_agree() -> None:
    arguments = setup_arguments()
    assert (MANIFEST.findtext('name'), MANIFEST.findtext('license')) == (arguments['name'], arguments['license'])


def test_the_licence_is_the_file_that_package_xml_names() -> None:
    (licence,) = MANIFEST.findall('license')
    assert (ROOT / licence.attrib['file']).read_text().split()[:2] == ['Apache', 'License']


def test_package_xml_says_where_to_read_to_fetch_and_to_report() -> None:
    urls = {url.attrib['type']: url.text or '' for url in MANIFEST.iter('url')}
    assert set(urls) == {'website', 'repository', 'bugtracker'}
    assert [url for url in urls.values() if not url.startswith(urls['repository'])] == []


def test_ros_tools_have_nothing_to_say_about_package_xml() -> None:
    package = pytest.importorskip('catkin_pkg.package', reason='catkin_pkg comes with ROS')
    warnings: list[str] = []
    package.parse_package(ROOT / 'package.xml', warnings=warnings).validate(warnings=warnings)
    assert warnings == []


@pytest.mark.filterwarnings('ignore:nodes.Node.traverse:DeprecationWarning')
def test_release_tools_can_read_the_changelog() -> None:
    changelog = pytest.importorskip('catkin_pkg.changelog', reason='catkin_pkg comes with ROS')
    read = changelog.get_changelog_from_path(CHANGELOG).foreach_version()
    assert {version for version, date, content in read if date and content} == set(RELEASED)


def test_every_requirement_is_pinned() -> None:
    arguments = setup_arguments()
    lines = arguments['install_requires'] + [line for extra in arguments['extras_require'].values() for line in extra]
    lines += [line for line in (ROOT / 'tools/requirements-ros.txt').read_text().splitlines() if line[0] != '#']
    names = {re.split(r'[<>=\[]', line)[0].lower().replace('_', '-') for line in lines}
    pins = (ROOT / 'constraints.txt').read_text().lower().replace('_', '-').splitlines()
    assert names - {pin.split('==')[0] for pin in pins} == set()


def test_setup_finds_every_subpackage() -> None:
    folders = {path.parent for path in (ROOT / 'mt3dnet_ros').rglob('*.py')}
    names = {'.'.join(folder.relative_to(ROOT).parts) for folder in folders}
    assert names | {'mt3dnet_ros.config'} == set(setup_arguments()['packages'])
