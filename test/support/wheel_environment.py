"""Environments that hold the built wheel and only what it requires, made offline of what is installed here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support.paths import ROOT

SOURCES = ('LICENSE', 'NOTICE', 'README.md', 'config', 'mt3dnet_ros', 'pyproject.toml', 'setup.py')
FOREIGN = ('AMENT_PREFIX_PATH', 'PYTHONHOME', 'PYTHONPATH')  # by which the checkout or ROS could be found


def build_wheel(folder: Path) -> Path:
    """Build the wheel from a copy of the checkout, and return its path."""
    source = folder / 'source'
    source.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    run_pip('wheel', '--no-deps', '--no-build-isolation', '--wheel-dir', str(folder), str(source))
    (wheel,) = folder.glob('*.whl')
    return wheel


def run_pip(*arguments: str) -> None:
    """Run pip without any registry."""
    command = [sys.executable, '-m', 'pip', '-qq', '--disable-pip-version-check', '--no-input', *arguments]
    done = subprocess.run([*command, '--no-index'], capture_output=True, text=True, env=clean_environment())
    assert done.returncode == 0, done.stdout + done.stderr


def clean_environment() -> dict[str, str]:
    """Return this process's environment, from which nothing leads to the checkout or to ROS."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN}


class WheelEnvironment:
    """A virtual environment with the wheel and links to what it and some of its extras require, of what is here."""

    def __init__(self, folder: Path, wheel: Path, extras: Iterable[str] = ()) -> None:
        subprocess.run([sys.executable, '-m', 'venv', '--without-pip', str(folder)], check=True)
        self.programs = folder / 'bin'
        self.site = next(folder.glob('lib/python*/site-packages'))
        run_pip('--python', str(self.programs / 'python'), 'install', '--no-deps', '--no-compile', str(wheel))
        (metadata,) = self.site.glob('mt3dnet_ros-*.dist-info/METADATA')
        lines = [line.partition(': ')[2] for line in metadata.read_text().splitlines() if line.startswith('Requires-D')]
        for name in closure(lines, set(extras)):
            link(name, self.site)

    def run(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, such as python or mt3dnet, in a folder."""
        words = [str(self.programs / command[0]), *command[1:]]
        return subprocess.run(words, cwd=cwd, env=clean_environment(), capture_output=True, text=True)


def closure(requirements: Iterable[str], extras: set[str]) -> set[str]:
    """Return the names of all distributions that requirements need, directly or not."""
    found: dict[str, set[str]] = {}
    left = [(Requirement(text), extras) for text in requirements]
    while left:
        wanted, of = left.pop()
        if wanted.marker and not any(wanted.marker.evaluate({'extra': extra}) for extra in of | {''}):
            continue
        if wanted.name in found and wanted.extras <= found[wanted.name]:
            continue
        found[wanted.name] = found.get(wanted.name, set()) | wanted.extras
        left += [(Requirement(text), found[wanted.name]) for text in distribution(wanted.name).requires or ()]
    return set(found)


def link(name: str, site: Path) -> None:
    """Link what a distribution has installed here into another environment."""
    files = distribution(name).files
    if files is None:
        pytest.skip(f'{name} does not list its files; it was not installed by pip')
    for top in {file.parts[0] for file in files} - {'..', '__pycache__'}:
        if not (site / top).exists():
            (site / top).symlink_to(str(distribution(name).locate_file(top)))
