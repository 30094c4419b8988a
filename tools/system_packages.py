"""Find the system packages that the set-up needs, and install those that are missing where it may."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

# What open3d and torch link to but do not bring along.
LIBRARIES = {
    'libEGL.so.1': 'libegl1',
    'libGL.so.1': 'libgl1',
    'libX11.so.6': 'libx11-6',
    'libgomp.so.1': 'libgomp1',
    'libusb-1.0.so.0': 'libusb-1.0-0',
}


class MissingPackagesError(RuntimeError):
    """System packages are missing, and this user may not install them; the text says how."""


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages() -> list[str]:
    """Return the Debian names of the packages that are missing."""
    python = f'python{sys.version_info.major}.{sys.version_info.minor}'
    missing = []
    if not (shutil.which('g++') or shutil.which('c++')):
        missing.append('g++')
    if not shutil.which('make'):
        missing.append('make')
    if not Path(sysconfig.get_path('include'), 'Python.h').exists():
        missing.append(f'{python}-dev')
    if not all(map(importlib.util.find_spec, ('ensurepip', 'venv'))):
        missing.append(f'{python}-venv')
    return missing + [package for library, package in LIBRARIES.items() if not _loads(library)]


def _administrator() -> list[str] | None:
    """Return what goes before a command to run it as root, or None where this user may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which('sudo') and subprocess.run(['sudo', '-n', 'true'], capture_output=True).returncode == 0:
        return ['sudo', '-n']
    return None


def require_system_packages() -> None:
    """Install what is missing; raises MissingPackagesError where that is not possible."""
    missing = missing_packages()
    if not missing:
        return
    install = ['apt-get', 'install', '-y', '--no-install-recommends', *missing]
    if not shutil.which('apt-get'):
        names = ' '.join(missing)
        raise MissingPackagesError(f'install what Debian calls {names}, then run make again')
    advice = f'install the missing system packages, then run make again:\n  sudo {" ".join(install)}'
    administrator = _administrator()
    if administrator is None:
        raise MissingPackagesError(advice)
    print(f'installing system packages: {" ".join(missing)}', flush=True)
    for command in (['apt-get', 'update'], install):
        # env rather than our environment: sudo does not pass that on.
        result = subprocess.run(
            [*administrator, 'env', 'DEBIAN_FRONTEND=noninteractive', *command], capture_output=True, text=True
        )
        # A dead entry in the sources fails the update, and the packages may be known all the same.
        if result.returncode != 0 and command is install:
            raise MissingPackagesError(f'{result.stdout}{result.stderr}{advice}')
    if still := missing_packages():
        raise MissingPackagesError(f'still missing after {" ".join(install)}: {" ".join(still)} (for {sys.executable})')
