"""Make `.venv`: pinned packages, real ROS 2, this package's messages, and `.venv/ros.sh` to run the nodes with.

`python3 tools/set_up.py [EXTRA ...]` installs the extras of setup.py that are named, and does nothing when nothing is
to be done. It needs Python's standard library alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ros_workspace import BuildError, colcon_build, inspect_python, repair_cmake_paths, write_ros_sh
from supply_chain import LOCK, locked_entry, locked_extras
from system_packages import MissingPackagesError, require_system_packages

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / '.venv'
STATE = VENV / 'mt3dnet_set_up.json'
BUILT_FROM = ('CMakeLists.txt', 'package.xml', 'msg', 'tools/ros_workspace.py')
LINKED = ('config', 'launch', 'mt3dnet_ros', 'scripts')
INSTALLED_FROM = ('constraints.txt', 'setup.py', 'tools/requirements-ros.txt', 'tools/set_up.py')


class SetUpError(RuntimeError):
    """The set-up cannot go on; the text says why and what to do."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is going on, and how long it took."""
    print(f'{title} ...', flush=True)
    start = time.monotonic()
    yield
    print(f'  done in {time.monotonic() - start:.0f} s', flush=True)


def fingerprint(names: Iterable[str], more: str, linked: Iterable[str] = ()) -> str:
    """Return a hash of the named files, and those in the named folders, and of a string.

    :param linked: folders of which only the names of the files count
    """
    digest = hashlib.sha256(f'{ROOT} {more}'.encode())
    for name in (*names, *linked):
        for path in [ROOT / name, *sorted((ROOT / name).rglob('*'))]:
            if path.is_file() and path.suffix != '.pyc':
                digest.update(f'{path}\n'.encode() + (b'' if name in linked else path.read_bytes()))
    return digest.hexdigest()


def read_state() -> dict[str, Any]:
    """Return what an earlier run finished; empty when none did."""
    try:
        return json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}


def write_state(state: dict[str, Any]) -> None:
    """Remember what is finished, in one stroke, so that an interrupted run leaves the earlier state."""
    partial = STATE.with_suffix('.partial')
    partial.write_text(json.dumps(state, indent=2))
    partial.replace(STATE)


def base_python() -> str:
    """Return the interpreter to make the environment with, also when this one is the environment's own."""
    return getattr(sys, '_base_executable', sys.executable)


def sourced_ros() -> str | None:
    """Return the name of the ROS installation that is sourced and serves this Python, such as 'jazzy'."""
    distribution = os.environ.get('ROS_DISTRO')
    if not distribution:
        return None
    serves = subprocess.run([base_python(), '-c', 'import rclpy'], capture_output=True).returncode == 0
    if not serves:
        print(f'ROS {distribution} is sourced, but {base_python()} cannot import rclpy: ROS wheels are used instead')
    return distribution if serves else None


def require_python(ros: str | None) -> None:
    """Raise SetUpError where this interpreter is too old: for the pinned wheels, or for this package."""
    least = (3, 10) if ros else (3, 11)
    if sys.version_info[:2] < least:
        version = sys.version.split()[0]
        raise SetUpError(f'{sys.executable} is Python {version}; use `make PYTHON=python3.{least[1]}`, or a newer one')


def make_environment(ros: str | None) -> None:
    """Make `.venv`, also in place of a broken one; it sees the system's packages where ROS is installed there."""
    python = VENV / 'bin/python'
    if python.exists() and subprocess.run([python, '-m', 'pip', '--version'], capture_output=True).returncode == 0:
        return
    with step('making .venv'):
        shutil.rmtree(VENV, ignore_errors=True)
        options = ['--system-site-packages'] if ros else []
        subprocess.run([base_python(), '-m', 'venv', *options, str(VENV)], check=True)


def write_constraints(ros: str | None, torch: str) -> Path:
    """Write the pins that hold for this environment.

    A ROS installation keeps its own NumPy, to which its libraries are compiled; only PyTorch is pinned there.
    """
    pins = (ROOT / 'constraints.txt').read_text().splitlines()
    if ros:
        system = subprocess.run([base_python(), '-c', 'import numpy; print(numpy.__version__)'], stdout=subprocess.PIPE)
        pins = [pin for pin in pins if pin.startswith(('torch==', 'setuptools'))]
        pins += [f'numpy=={version}' for version in system.stdout.decode().split()]
    if torch == 'cuda':
        pins = [f'{pin},!={pin[7:]}+cpu' if pin.startswith('torch==') else pin for pin in pins]
    path = VENV / 'constraints.txt'
    path.write_text('\n'.join(pins) + '\n')
    return path


def install(extras: set[str], ros: str | None, torch: str) -> None:
    """Install this package in editable form with its requirements, and ROS unless there is an installation."""
    constraints = write_constraints(ros, torch)

    def pip(*arguments: str) -> None:
        # A sourced shell's paths must not make pip take foreign packages for the environment's own.
        environment = {name: value for name, value in os.environ.items() if ros or name != 'PYTHONPATH'}
        # -qq: warnings about every place that pip looks at would hide what matters; errors are still printed.
        command = [str(VENV / 'bin/python'), '-m', 'pip', '-qq', '--disable-pip-version-check', '--no-input']
        if subprocess.run([*command, *arguments], env=environment).returncode != 0:
            raise SetUpError(f'pip {" ".join(arguments)} failed; see above')

    if read_state().get('torch') not in (None, torch):
        pip('uninstall', '-y', 'torch')  # one build satisfies the other's pin
    with step('installing what builds it'):
        pip('install', '--no-compile', '-c', str(constraints), 'setuptools<80', 'numpy')
    if ros is None:
        with step('installing ROS 2 Kilted (wheels), colcon and CMake'):
            pip('install', '--no-compile', '-c', str(constraints), '-r', str(ROOT / 'tools/requirements-ros.txt'))
    elif not shutil.which('colcon'):
        with step('installing colcon'):
            pip('install', '--no-compile', '-c', str(constraints), 'colcon-common-extensions')
    # Where the registry has no CPU build of PyTorch, the pin takes the one with CUDA, which works on the CPU too.
    with step(f'installing what mt3dnet_ros needs ({", ".join(sorted(extras)) or "no extras"})'):
        names = f'[{",".join(sorted(extras))}]' if extras else ''
        pip('install', '--no-compile', '-c', str(constraints), '--no-build-isolation', '-e', f'{ROOT}{names}')
    with step('compiling what was installed'):
        compile_packages()


def install_locked(extras: set[str], ros: str | None) -> None:
    """Install what the lock has, each file by its hash, and this package in editable form without looking further."""
    if ros:
        raise SetUpError(f'LOCKED=1 is for the wheels of ROS, and ROS {ros} is sourced; use a shell where it is not')
    if missing := extras - locked_extras():
        names = ' '.join(sorted(extras | locked_extras()))
        raise SetUpError(f"the lock has not {', '.join(sorted(missing))}; `make lock EXTRAS='{names}'`, or no LOCKED=1")
    pip = [str(VENV / 'bin/python'), '-m', 'pip', '-qq', '--disable-pip-version-check', '--no-input']
    environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    first = VENV / 'first.lock'  # what builds the few packages that come as source
    first.write_text(locked_entry('setuptools'))
    install = ['install', '--no-compile', '--no-deps', '--no-build-isolation']
    steps = (
        [*install, '--require-hashes', '--only-binary', ':all:', '-r', str(first)],
        [*install, '--require-hashes', '-r', str(LOCK)],
        [*install, '-e', str(ROOT)],
        ['check'],
    )
    with step('installing what the lock has, by its hashes'):
        for words in steps:
            if subprocess.run([*pip, *words], env=environment).returncode != 0:
                version = sys.version.split()[0]
                raise SetUpError(
                    f'pip {words[0]} failed, see above; `make lock` writes the lock anew for Python {version}'
                )
    with step('compiling what was installed'):
        compile_packages()


def compile_packages() -> None:
    """Compile the environment's packages on all cores, which pip does on one; templates among them are no Python."""
    packages = subprocess.run(
        [str(VENV / 'bin/python'), '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    command = [str(VENV / 'bin/python'), '-m', 'compileall', '-qq', '-j', '0', packages.stdout.strip()]
    subprocess.run(command)


def build(ros: str | None) -> None:
    """Build the messages, and write the script that finds them."""
    # A build that was interrupted, or made from other messages, is not continued.
    shutil.rmtree(VENV / 'colcon', ignore_errors=True)
    facts = inspect_python(VENV)
    if ros is None:
        repair_cmake_paths(VENV, facts)
    write_ros_sh(ROOT, VENV, facts, ros)
    with step('building the messages'):
        colcon_build(ROOT, VENV)


def set_up(extras: set[str], torch: str | None, locked: bool = False) -> None:
    """Do what is still to be done.

    :param locked: install by the hashes of the lock alone
    """
    state = read_state()
    ros = sourced_ros()
    require_python(ros)
    if state and state['ros'] != ros:
        raise SetUpError(
            f'.venv was made {describe(state["ros"])}, and now it would be made {describe(ros)}; '
            'use the same shell set-up as then, or run `make distclean` first'
        )
    extras |= {'torch'} if torch else set()
    torch = torch or state.get('torch', 'cpu')
    installed = fingerprint((*INSTALLED_FROM, 'tools/requirements.lock') if locked else INSTALLED_FROM, torch)
    built = fingerprint(BUILT_FROM, installed, LINKED)
    extras |= set(state.get('extras', []))
    wanted = {'ros': ros, 'torch': torch, 'extras': sorted(extras), 'installed': installed}
    if state == {**wanted, 'built': built}:
        return
    require_system_packages()
    make_environment(ros)
    if not state:
        write_state({'ros': ros})
    if any(state.get(key) != value for key, value in wanted.items()):
        if locked:
            install_locked(extras, ros)
        else:
            install(extras, ros, torch)
        write_state({**state, **wanted})
    if state.get('built') != built:
        build(ros)
    write_state({**wanted, 'built': built})
    print('set up; `source .venv/ros.sh` gives a shell in which the nodes run', flush=True)


def describe(ros: str | None) -> str:
    """Say in words where ROS comes from."""
    return f'with the ROS installation {ros}' if ros else 'with ROS from wheels'


def main() -> int:
    """Read the command line, set up, and report what went wrong in words."""
    parser = argparse.ArgumentParser(description='Make .venv; see the head of this file.')
    parser.add_argument('extras', nargs='*', metavar='EXTRA', help='an extra of setup.py: demo, train, test ...')
    parser.add_argument(
        '--torch',
        choices=('cpu', 'cuda'),
        help='install PyTorch in this build; extras that need it take it as before, at first cpu',
    )
    parser.add_argument('--locked', action='store_true', help='install by the hashes in tools/requirements.lock alone')
    arguments = parser.parse_args()
    try:
        set_up(set(arguments.extras), arguments.torch, arguments.locked)
    except (MissingPackagesError, SetUpError, BuildError) as error:
        print(f'set-up stopped: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('set-up interrupted; run make again to go on', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
