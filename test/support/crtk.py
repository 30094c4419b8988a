"""CRTK's messages for nodes that tests start: installed ones, or a stand-in that is built once, into `build/`."""

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

SOURCE = ROOT / 'test/support/crtk_msgs'
BASE = ROOT / 'build/crtk_msgs'


def crtk_environment() -> dict[str, str]:
    """Return the variables with which a process finds ``crtk_msgs``; skip where it can neither be found nor built."""
    if importlib.util.find_spec('crtk_msgs'):
        return {}
    if not shutil.which('colcon'):
        pytest.skip('needs crtk_msgs, or colcon to build a stand-in for it')
    install = _built()
    site = next(install.glob('lib/python*/site-packages'), install / sysconfig.get_path('purelib', vars={'base': ''}))
    added = {'PYTHONPATH': site, 'LD_LIBRARY_PATH': install / 'lib', 'AMENT_PREFIX_PATH': install}
    return {name: f'{path}{os.pathsep}{os.environ.get(name, "")}' for name, path in added.items()}


def _built() -> Path:
    """Return the prefix that the stand-in is installed in; one process builds, others wait."""
    files = sorted(path for path in SOURCE.rglob('*') if path.is_file())
    told = [str(ROOT), sys.version, *(path.read_text() for path in files)]
    base = BASE / hashlib.sha256('\n'.join(told).encode()).hexdigest()[:12]
    BASE.mkdir(parents=True, exist_ok=True)
    (BASE / 'COLCON_IGNORE').touch()
    with (BASE / 'lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / 'done').exists():
            _build(base)
            (base / 'done').touch()
    return base / 'install'


def _build(base: Path) -> None:
    # CMake refuses header directories inside the source directory, and those of NumPy may be in the checkout.
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(SOURCE, base / 'src/crtk_msgs')
    command = ['colcon', '--log-base', f'{base}/log', 'build', '--merge-install', '--base-paths', f'{base}/src']
    command += ['--build-base', f'{base}/build', '--install-base', f'{base}/install']
    command += ['--cmake-args', f'-DPython3_EXECUTABLE={sys.executable}', '-DBUILD_TESTING=OFF']
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert result.returncode == 0, result.stdout
