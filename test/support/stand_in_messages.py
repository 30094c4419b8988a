"""Messages that come with a robot or a whole ROS installation, for nodes that tests start.

Installed ones, or a stand-in for their package, `test/support/crtk_msgs` or `tf2_msgs`, that is built once, into
`build/`.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from support.paths import ROOT


def environment_with(package: str) -> dict[str, str]:
    """Return the variables with which a process finds a package; skip where it can neither be found nor built."""
    if importlib.util.find_spec(package):
        return {}
    if not shutil.which('colcon'):
        pytest.skip(f'needs {package}, or colcon to build a stand-in for it')
    install = _built(ROOT / 'test/support' / package)
    site = next(install.glob('lib/python*/site-packages'), install / sysconfig.get_path('purelib', vars={'base': ''}))
    added = {'PYTHONPATH': site, 'LD_LIBRARY_PATH': install / 'lib', 'AMENT_PREFIX_PATH': install}
    return {name: f'{path}{os.pathsep}{os.environ.get(name, "")}' for name, path in added.items()}


def _built(source: Path) -> Path:
    """Return the prefix that a stand-in is installed in; one process builds, others wait."""
    files = sorted(path for path in source.rglob('*') if path.is_file())
    told = [str(ROOT), sys.version, *(path.read_text() for path in files)]
    builds = ROOT / 'build' / source.name
    base = builds / hashlib.sha256('\n'.join(told).encode()).hexdigest()[:12]
    builds.mkdir(parents=True, exist_ok=True)
    (builds / 'COLCON_IGNORE').touch()
    with (builds / 'lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / 'done').exists():
            _build(source, base)
            (base / 'done').touch()
    return base / 'install'


def _build(source: Path, base: Path) -> None:
    # CMake refuses header directories inside the source directory, and those of NumPy may be in the checkout.
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(source, base / 'src' / source.name)
    command = ['colcon', '--log-base', f'{base}/log', 'build', '--merge-install', '--base-paths', f'{base}/src']
    command += ['--build-base', f'{base}/build', '--install-base', f'{base}/install']
    command += ['--cmake-args', f'-DPython3_EXECUTABLE={sys.executable}', '-DBUILD_TESTING=OFF']
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert result.returncode == 0, result.stdout
