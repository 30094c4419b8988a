"""The set-up does what is still to be done, and says what it cannot do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import ros_workspace
import set_up
import system_packages

FACTS = {
    'python': 'python3.11',
    'include': '/usr/include/python3.11',
    'numpy_include': '/home/user/.venv/numpy/include',
    'libraries': ['/home/user/.venv/ros_rcl.libs'],
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout in which installing and building are only written down, in `done`."""
    for name in set_up.INSTALLED_FROM + set_up.BUILT_FROM:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name == 'msg' else path.write_text('')
    monkeypatch.setattr(set_up, 'ROOT', tmp_path)
    monkeypatch.setattr(set_up, 'VENV', tmp_path / '.venv')
    monkeypatch.setattr(set_up, 'STATE', tmp_path / '.venv/state.json')
    monkeypatch.delenv('ROS_DISTRO', raising=False)
    monkeypatch.setattr(set_up, 'require_system_packages', lambda: None)
    monkeypatch.setattr(set_up, 'make_environment', lambda ros: (tmp_path / '.venv').mkdir(exist_ok=True))
    return tmp_path


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list in which installing and building are written down."""
    steps: list[str] = []
    monkeypatch.setattr(set_up, 'install', lambda extras, ros, torch: steps.append(f'install {sorted(extras)} {torch}'))
    monkeypatch.setattr(set_up, 'build', lambda ros: steps.append('build'))
    return steps


def test_a_second_set_up_does_nothing(checkout: Path, done: list[str]) -> None:
    set_up.set_up({'test'}, None)
    set_up.set_up({'test'}, None)
    assert done == ["install ['test'] cpu", 'build']


def test_an_extra_is_added_without_a_build(checkout: Path, done: list[str]) -> None:
    set_up.set_up({'demo'}, None)
    set_up.set_up({'test'}, None)
    set_up.set_up({'demo'}, None)
    assert done == ["install ['demo'] cpu", 'build', "install ['demo', 'test'] cpu"]


def test_a_changed_message_is_only_built(checkout: Path, done: list[str]) -> None:
    set_up.set_up({'demo'}, None)
    (checkout / 'msg/New.msg').write_text('int32 value')
    set_up.set_up({'demo'}, None)
    assert done == ["install ['demo'] cpu", 'build', 'build']


@pytest.mark.parametrize('name', ['launch/new.launch.xml', 'mt3dnet_ros/new.py'])
def test_a_new_file_is_linked_and_an_edited_one_is_not(name: str, checkout: Path, done: list[str]) -> None:
    (checkout / name).parent.mkdir()
    for text in ('new', 'edited'):
        (checkout / name).write_text(text)
        set_up.set_up({'demo'}, None)
    assert done.count('build') == 1
    (checkout / name).with_stem('newer').write_text('')
    set_up.set_up({'demo'}, None)
    assert done.count('build') == 2


def test_bytecode_that_python_leaves_is_not_linked(checkout: Path, done: list[str]) -> None:
    set_up.set_up({'demo'}, None)
    (checkout / 'mt3dnet_ros/__pycache__').mkdir(parents=True)
    (checkout / 'mt3dnet_ros/__pycache__/new.cpython-311.pyc').write_text('')
    set_up.set_up({'demo'}, None)
    assert done.count('build') == 1


def test_changed_pins_are_installed(checkout: Path, done: list[str]) -> None:
    set_up.set_up({'demo'}, None)
    (checkout / 'constraints.txt').write_text('numpy==2.0.0')
    set_up.set_up({'demo'}, None)
    assert done.count("install ['demo'] cpu") == 2


def test_the_build_of_pytorch_stays_until_another_is_asked_for(checkout: Path, done: list[str]) -> None:
    set_up.set_up({'demo'}, 'cuda')
    set_up.set_up({'demo'}, None)
    set_up.set_up({'demo'}, 'cpu')
    installed = [step for step in done if step != 'build']
    assert installed == ["install ['demo', 'torch'] cuda", "install ['demo', 'torch'] cpu"]


def test_an_interrupted_build_is_made_up_for(checkout: Path, done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(ros: str | None) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(set_up, 'build', interrupt)
        with pytest.raises(KeyboardInterrupt):
            set_up.set_up({'demo'}, None)
    set_up.set_up({'demo'}, None)
    assert done == ["install ['demo'] cpu", 'build']


def test_an_environment_of_wheels_is_not_mixed_with_a_ros_installation(
    checkout: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up.set_up({'demo'}, None)
    monkeypatch.setattr(set_up, 'sourced_ros', lambda: 'jazzy')
    with pytest.raises(set_up.SetUpError, match=r'made with ROS from wheels.*the ROS installation jazzy'):
        set_up.set_up({'demo'}, None)


def test_a_damaged_state_is_set_up_anew(checkout: Path, done: list[str]) -> None:
    set_up.set_up({'demo'}, None)
    set_up.STATE.write_text('{"ros"')
    set_up.set_up({'demo'}, None)
    assert done.count('build') == 2
    assert json.loads(set_up.STATE.read_text())['extras'] == ['demo']


@pytest.mark.parametrize(('torch', 'expected'), [('cpu', 'torch==2.13.0'), ('cuda', 'torch==2.13.0,!=2.13.0+cpu')])
def test_a_pin_is_told_from_the_other_build(checkout: Path, torch: str, expected: str) -> None:
    (checkout / 'constraints.txt').write_text('numpy==2.4.6\ntorch==2.13.0\ntorchmetrics==1.9.0\n')
    (checkout / '.venv').mkdir()
    assert set_up.write_constraints(None, torch).read_text().splitlines() == [
        'numpy==2.4.6', expected, 'torchmetrics==1.9.0'
    ]  # fmt: skip


def test_a_ros_installation_keeps_its_numpy(checkout: Path) -> None:
    (checkout / 'constraints.txt').write_text('numpy==1.0.0\nscipy==1.0.0\ntorch==2.13.0\nsetuptools==79.0.1\n')
    (checkout / '.venv').mkdir()
    pins = set_up.write_constraints('jazzy', 'cpu').read_text().splitlines()
    assert pins[:2] == ['torch==2.13.0', 'setuptools==79.0.1']
    assert not {'numpy==1.0.0', 'scipy==1.0.0'} & set(pins)


def test_what_was_installed_is_compiled_and_what_is_no_python_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_up, 'VENV', tmp_path)
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', tmp_path], check=True)
    (packages,) = tmp_path.glob('lib/python*/site-packages')
    (packages / 'module.py').write_text('value = 1')
    (packages / 'template.py').write_text('class {{ name }}: ...')
    set_up.compile_packages()
    assert [path.name.split('.')[0] for path in packages.glob('__pycache__/*')] == ['module']


def run_nothing(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Stand in for subprocess.run: every command succeeds, but sudo."""
    return subprocess.CompletedProcess(command, 1 if command[0] == 'sudo' else 0, '', '')


def test_who_may_not_install_is_told_the_one_line_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, 'missing_packages', lambda: ['g++', 'libgl1'])
    monkeypatch.setattr(system_packages.os, 'geteuid', lambda: 1000)
    monkeypatch.setattr(system_packages.shutil, 'which', lambda name: f'/usr/bin/{name}')
    monkeypatch.setattr(system_packages.subprocess, 'run', run_nothing)
    with pytest.raises(system_packages.MissingPackagesError) as refusal:
        system_packages.require_system_packages()
    assert str(refusal.value).splitlines()[-1] == '  sudo apt-get install -y --no-install-recommends g++ libgl1'


def test_root_installs_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    missing, commands = [['g++'], []], []
    monkeypatch.setattr(system_packages, 'missing_packages', lambda: missing.pop(0))
    monkeypatch.setattr(system_packages.os, 'geteuid', lambda: 0)
    monkeypatch.setattr(system_packages.shutil, 'which', lambda name: f'/usr/bin/{name}')
    monkeypatch.setattr(
        system_packages.subprocess, 'run', lambda command, **options: commands.append(command) or run_nothing(command)
    )
    system_packages.require_system_packages()
    assert [command[2:4] for command in commands] == [['apt-get', 'update'], ['apt-get', 'install']]
    assert commands[1][-1] == 'g++'


@pytest.mark.parametrize('library', system_packages.LIBRARIES)
def test_a_library_that_does_not_load_is_missing(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, '_loads', lambda name: name != library)
    monkeypatch.setattr(system_packages.shutil, 'which', lambda name: f'/usr/bin/{name}')
    assert system_packages.LIBRARIES[library] in system_packages.missing_packages()


def test_a_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages.shutil, 'which', lambda name: None)
    assert {'g++', 'make'} <= set(system_packages.missing_packages())


def test_cmake_paths_of_the_wheels_are_repaired_once(tmp_path: Path) -> None:
    file = tmp_path / 'share/rosidl/cmake/export.cmake'
    file.parent.mkdir(parents=True)
    builder = '/opt/python/cp311-cp311'
    file.write_text(f'{builder}/include/python3.11;{builder}/lib/python3.11/site-packages/numpy/_core/include')
    assert ros_workspace.repair_cmake_paths(tmp_path, FACTS) == 1
    assert file.read_text() == '/usr/include/python3.11;/home/user/.venv/numpy/include'
    assert ros_workspace.repair_cmake_paths(tmp_path, FACTS) == 0


def source(script: Path, times: int = 1, **environment: str) -> dict[str, str]:
    """Source a script in a bare shell and return the environment it leaves."""
    shell = ['bash', '-c', f'for i in $(seq {times}); do source {script}; done; env -0']
    result = subprocess.run(shell, env={'PATH': '/usr/bin:/bin', **environment}, capture_output=True, check=True)
    return dict(item.split('=', 1) for item in result.stdout.decode().split('\0') if item)


def test_sourcing_twice_is_the_same_as_once(tmp_path: Path) -> None:
    ros_workspace.write_ros_sh(tmp_path, tmp_path, FACTS, None)
    once, twice = source(tmp_path / 'ros.sh'), source(tmp_path / 'ros.sh', times=2)
    assert twice.pop('SHLVL', '') == once.pop('SHLVL', '')
    assert twice == once


def test_the_checkout_precedes_what_colcon_installed(tmp_path: Path) -> None:
    ros_workspace.write_ros_sh(tmp_path, tmp_path, FACTS, None)
    paths = source(tmp_path / 'ros.sh', PYTHONPATH='/mine')['PYTHONPATH'].split(':')
    assert paths == [str(tmp_path), f'{tmp_path}/colcon/install/lib/python3.11/site-packages', '/mine']


def test_nodes_are_on_the_path_where_ros2_run_is_not(tmp_path: Path) -> None:
    ros_workspace.write_ros_sh(tmp_path, tmp_path, FACTS, None)
    paths = source(tmp_path / 'ros.sh')['PATH'].split(':')
    assert paths == [f'{tmp_path}/bin', f'{tmp_path}/colcon/install/lib/mt3dnet_ros', '/usr/bin', '/bin']


@pytest.mark.parametrize('variable', ['FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE'])
def test_a_profile_of_the_user_stays(variable: str, tmp_path: Path) -> None:
    ros_workspace.write_ros_sh(tmp_path, tmp_path, FACTS, None)
    found = source(tmp_path / 'ros.sh', **{variable: '/mine.xml'})
    assert {name: value for name, value in found.items() if 'PROFILES_FILE' in name} == {variable: '/mine.xml'}


@pytest.mark.parametrize(('ros', 'variable'), [(None, 'FASTDDS'), ('kilted', 'FASTDDS'), ('jazzy', 'FASTRTPS')])
def test_the_profile_is_named_as_this_fast_dds_expects(
    ros: str | None, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('AMENT_PREFIX_PATH', '/overlay:/opt/ros/jazzy')
    ros_workspace.write_ros_sh(tmp_path, tmp_path, FACTS, ros)
    found = source(tmp_path / 'ros.sh', ROS_DISTRO='any')
    assert found[f'{variable}_DEFAULT_PROFILES_FILE'] == f'{tmp_path}/config/fastdds.xml'
    assert found['MALLOC_TOP_PAD_'] == '268435456'
    assert (found['OMP_WAIT_POLICY'], found['GOMP_SPINCOUNT']) == ('PASSIVE', '10000')


RANGE = 'ROS_AUTOMATIC_DISCOVERY_RANGE'


@pytest.mark.parametrize(
    ('users', 'expected'),
    [
        ({}, 'LOCALHOST'),
        ({RANGE: 'SUBNET'}, 'SUBNET'),
        ({'ROS_LOCALHOST_ONLY': '0'}, None),
        ({'ROS_DISCOVERY_SERVER': '10.0.0.1:11811'}, None),
    ],
)
def test_a_shell_keeps_nodes_to_this_machine_unless_the_user_says_otherwise(
    users: dict[str, str], expected: str | None, tmp_path: Path
) -> None:
    ros_workspace.write_ros_sh(tmp_path, tmp_path, FACTS, None)
    assert source(tmp_path / 'ros.sh', **users).get(RANGE) == expected
