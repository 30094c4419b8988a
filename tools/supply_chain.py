"""What the environment is made of: pins with hashes, a bill of materials, and known vulnerabilities.

    python3 tools/supply_chain.py lock [EXTRA ...]   write tools/requirements.lock, of the extras of setup.py (demo)
    python3 tools/supply_chain.py sbom               write build/sbom.json (CycloneDX) of what is installed in .venv
    python3 tools/supply_chain.py audit              look up what is installed in .venv in public lists; needs a network

Each is done by a program of others, which is installed in an environment of its own below `build/`: what it needs is no
part of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / '.venv'
LOCK = ROOT / 'tools/requirements.lock'
SBOM = ROOT / 'build/sbom.json'
TOOLS = {'lock': 'pip-tools==7.6.2', 'sbom': 'cyclonedx-bom==7.5.0', 'audit': 'pip-audit==2.10.1'}
HEAD = """\
# extras: {extras}
# Every package of `LOCKED=1 make demo` with the hashes of its files for all platforms, written by `make lock` with
# Python {version}: versions are those of constraints.txt. Without PyTorch, whose builds for the CPU lie elsewhere.
"""
_QUIET = ('--quiet', '--no-header', '--no-annotate', '--no-emit-index-url', '--no-emit-find-links')


class SupplyChainError(RuntimeError):
    """It cannot be done; the text says why."""


def tool(name: str) -> Path:
    """Return the folder of the programs of a tool, installed where it is not yet."""
    folder = ROOT / 'build/tools' / TOOLS[name]
    if not (folder / 'whole').is_file():
        print(f'installing {TOOLS[name]} ...', flush=True)
        _run([sys.executable, '-m', 'venv', '--clear', str(folder)])
        _run([str(folder / 'bin/python'), '-m', 'pip', '-qq', '--disable-pip-version-check', 'install', TOOLS[name]])
        (folder / 'whole').touch()
    return folder / 'bin'


def lock(extras: list[str]) -> None:
    """Write the pins with hashes of some extras, beside ROS and what builds the package."""
    if 'torch' in ''.join(extras):
        raise SupplyChainError('PyTorch cannot be locked: which build pip finds depends on the machine')
    compiled = ROOT / 'build/requirements.txt'
    compiled.parent.mkdir(exist_ok=True)
    basis = ROOT / 'build/basis.in'
    basis.write_text('setuptools<80\nnumpy\n')
    words = [*_QUIET, '--generate-hashes', '--allow-unsafe', '--strip-extras', '--output-file', str(compiled)]
    chosen = [word for extra in extras for word in ('--extra', extra)]
    sources = ['setup.py', 'tools/requirements-ros.txt', str(basis)]
    program = tool('lock') / 'pip-compile'
    _run([str(program), *words, '--constraint', 'constraints.txt', *chosen, *sources])
    version = '.'.join(map(str, sys.version_info[:2]))
    LOCK.write_text(HEAD.format(extras=' '.join(sorted(extras)), version=version) + compiled.read_text())
    print(f'{LOCK.relative_to(ROOT)} has {LOCK.read_text().count("==")} packages')


def locked_extras(path: Path = LOCK) -> set[str]:
    """Return the extras that a lock has been written for."""
    first = path.read_text().partition('\n')[0] if path.is_file() else ''
    return set(first.removeprefix('# extras:').split()) if first.startswith('# extras:') else set()


def sbom() -> None:
    """Write the bill of materials of the environment."""
    SBOM.parent.mkdir(exist_ok=True)
    words = ['environment', '--output-reproducible', '--output-format', 'JSON', '--output-file', str(SBOM)]
    _run([str(tool('sbom') / 'cyclonedx-py'), *words, str(_python())])
    print(f'{SBOM.relative_to(ROOT)} has {len(json.loads(SBOM.read_text())["components"])} components')


def audit() -> None:
    """Name the packages of the environment that have known vulnerabilities."""
    script = 'import sysconfig; print(sysconfig.get_path("purelib"))'
    found = subprocess.run([str(_python()), '-c', script], stdout=subprocess.PIPE, text=True, check=True)
    program = tool('audit') / 'pip-audit'
    _run([str(program), '--skip-editable', '--progress-spinner', 'off', '--path', found.stdout.strip()])


def _python() -> Path:
    if not (VENV / 'bin/python').exists():
        raise SupplyChainError('there is no .venv yet; make it by `make demo` or `make setup`')
    return VENV / 'bin/python'


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ('PYTHONPATH', 'PYTHONHOME')}
    if subprocess.run(command, cwd=ROOT, env=environment).returncode != 0:
        raise SupplyChainError(f'{Path(command[0]).name} failed, see above')


def main() -> int:
    """Read the command line, do it, and report what went wrong in words."""
    parser = argparse.ArgumentParser(description='See the head of this file.')
    parser.add_argument('what', choices=sorted(TOOLS))
    parser.add_argument('extras', nargs='*', metavar='EXTRA', help='of setup.py, for lock')
    arguments = parser.parse_args()
    try:
        if arguments.what == 'lock':
            lock(arguments.extras or ['demo'])
        else:
            {'sbom': sbom, 'audit': audit}[arguments.what]()
    except SupplyChainError as error:
        print(f'stopped: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
