"""What the environment is made of: pins with hashes, a bill of materials, and known vulnerabilities.

    python3 tools/supply_chain.py lock [EXTRA ...]   write tools/requirements.lock, of the extras of setup.py (demo)
    python3 tools/supply_chain.py sbom               write build/sbom.json (CycloneDX) of what is installed in .venv
    python3 tools/supply_chain.py audit              look up what is installed in .venv in a public list, by the network

Each is done by a program of others, which is installed in an environment of its own below `build/`: what it needs is no
part of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / '.venv'
LOCK = ROOT / 'tools/requirements.lock'
SBOM = ROOT / 'build/sbom.json'
TOOLS = {'lock': 'pip-tools==7.6.2', 'sbom': 'cyclonedx-bom==7.5.0', 'audit': 'pip-audit==2.10.1'}
HEAD = """\
# extras: {extras}
# Every package of `LOCKED=1 make demo` with the hashes of its files for all platforms, written by `make lock` with
# Python {version}; versions are those of constraints.txt. Without PyTorch, whose builds for the CPU lie elsewhere.
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


def locked_entry(name: str, path: Path = LOCK) -> str:
    """Return the lines of a lock that are of one package."""
    match = re.search(rf'^{re.escape(name)}==.*\n(?:    --hash.*\n)+', path.read_text(), re.MULTILINE)
    if match is None:
        raise SupplyChainError(f'{path.name} has no {name}; write it anew by `make lock`')
    return match[0]


def sbom() -> None:
    """Write the bill of materials of the environment."""
    SBOM.parent.mkdir(exist_ok=True)
    words = ['environment', '--output-reproducible', '--output-format', 'JSON', '--output-file', str(SBOM)]
    _run([str(tool('sbom') / 'cyclonedx-py'), *words, str(_python())])
    print(f'{SBOM.relative_to(ROOT)} has {len(json.loads(SBOM.read_text())["components"])} components')


def audit() -> None:
    """Name the packages of the environment that have known vulnerabilities.

    :raises SupplyChainError: there are some, or nothing could be looked up
    """
    script = 'import sysconfig; print(sysconfig.get_path("purelib"))'
    packages = subprocess.run([str(_python()), '-c', script], stdout=subprocess.PIPE, text=True, check=True)
    words = ['--skip-editable', '--progress-spinner', 'off', '--format', 'json', '--path', packages.stdout.strip()]
    command = [str(tool('audit') / 'pip-audit'), *words]
    found = subprocess.run(command, cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, text=True)
    try:
        print(describe_audit(json.loads(found.stdout)))
    except ValueError as error:
        raise SupplyChainError(f'pip-audit said nothing that can be read ({error}); see above') from error


def describe_audit(document: dict[str, Any]) -> str:
    """Return what pip-audit has found, in words.

    :raises SupplyChainError: something is vulnerable, or nothing could be looked up
    """
    known = [entry for entry in document['dependencies'] if 'skip_reason' not in entry]
    skipped = len(document['dependencies']) - len(known)
    if not known:
        raise SupplyChainError(
            f'none of {skipped} packages could be looked up: the public list is not reached from here'
        )
    vulnerable = [entry for entry in known if entry['vulns']]
    rows = [f'{entry["name"]} {entry["version"]}: {", ".join(map(_describe, entry["vulns"]))}' for entry in vulnerable]
    if rows:
        raise SupplyChainError('\n'.join(['known vulnerabilities:', *rows]))
    return f'{len(known)} packages have no known vulnerability; {skipped} are not in the list, such as those of ROS'


def _describe(vulnerability: dict[str, Any]) -> str:
    fixed = ', '.join(vulnerability.get('fix_versions', [])) or 'no version'
    return f'{vulnerability["id"]} (fixed in {fixed})'


def _python() -> Path:
    if not (VENV / 'bin/python').exists():
        raise SupplyChainError('there is no .venv yet; make it by `make demo` or `make setup`')
    return VENV / 'bin/python'


def _run(command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT, env=_environment()).returncode != 0:
        raise SupplyChainError(f'{Path(command[0]).name} failed, see above')


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ('PYTHONPATH', 'PYTHONHOME')}


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
