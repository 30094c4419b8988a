"""Pins with hashes, the bill of materials, and what is known to be vulnerable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import set_up
import supply_chain
from support.paths import ROOT

LOCK = ROOT / 'tools/requirements.lock'


def pins(text: str) -> dict[str, str]:
    found = re.findall(r'^([A-Za-z0-9._-]+)==(\S+)', text, re.MULTILINE)
    return {re.sub(r'[-_.]+', '-', name).lower(): version for name, version in found}


def test_the_lock_has_the_versions_of_the_constraints_and_hashes_of_all() -> None:
    locked, constrained = pins(LOCK.read_text()), pins((ROOT / 'constraints.txt').read_text())
    assert {name: version for name, version in locked.items() if constrained.get(name) != version} == {}
    entries = re.split(r'^(?=[A-Za-z0-9._-]+==)', LOCK.read_text(), flags=re.MULTILINE)[1:]
    assert len(entries) == len(locked) > 100
    assert re.fullmatch(r'(#.*\n){3}', LOCK.read_text().partition(entries[0])[0])
    assert [entry for entry in entries if not re.search(r'--hash=sha256:[0-9a-f]{64}', entry)] == []


def test_the_lock_names_no_place_to_fetch_from_and_no_pytorch() -> None:
    text = LOCK.read_text()
    assert not re.search(r'https?:|index-url|find-links|trusted-host|^-', text, re.MULTILINE)
    assert 'torch' not in pins(text) and not any(name.startswith('nvidia') for name in pins(text))


def test_the_lock_covers_what_the_demo_and_the_package_ask_for() -> None:
    names = set(pins(LOCK.read_text()))
    base = {'av', 'numpy', 'opencv-python-headless', 'pyyaml', 'safetensors', 'tqdm', 'openvino', 'matplotlib', 'mcap'}
    assert base | {'lz4', 'setuptools', 'ros-rclpy', 'colcon-common-extensions', 'cmake'} <= names
    assert supply_chain.locked_extras() == {'demo'}


def test_what_is_not_in_the_lock_is_refused_by_name() -> None:
    with pytest.raises(set_up.SetUpError, match=r"the lock has not train; `make lock EXTRAS='demo train'`"):
        set_up.install_locked({'demo', 'train'}, None)
    with pytest.raises(set_up.SetUpError, match='ROS jazzy is sourced'):
        set_up.install_locked({'demo'}, 'jazzy')
    with pytest.raises(supply_chain.SupplyChainError, match='PyTorch cannot be locked'):
        supply_chain.lock(['demo', 'torch'])


def test_a_locked_set_up_installs_by_hashes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    class Done:
        returncode = 0

    monkeypatch.setattr(set_up.subprocess, 'run', lambda command, **_: commands.append(command) or Done())
    monkeypatch.setattr(set_up, 'compile_packages', lambda: None)
    monkeypatch.setattr(set_up, 'VENV', tmp_path)
    set_up.install_locked({'demo'}, None)
    builder, whole, own, check = commands
    for command in (builder, whole):
        assert {'--require-hashes', '--no-deps', '--no-build-isolation'} <= set(command)
    assert re.fullmatch(
        r'setuptools==\S+ \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+', (tmp_path / 'first.lock').read_text()
    )
    assert str(LOCK) in whole
    assert '--no-deps' in own and str(ROOT) in own
    assert check[-1] == 'check'


def document(*entries: dict[str, Any]) -> dict[str, Any]:
    return {'dependencies': list(entries)}


SAFE = {'name': 'numpy', 'version': '2.0', 'vulns': []}
UNKNOWN = {'name': 'ros-rclpy', 'skip_reason': 'not found'}
BROKEN = {'name': 'pillow', 'version': '1.0', 'vulns': [{'id': 'CVE-2020-1', 'fix_versions': ['1.1']}]}


def test_a_look_up_says_how_much_it_has_seen() -> None:
    said = supply_chain.describe_audit(document(SAFE, UNKNOWN))
    assert said == '1 packages have no known vulnerability; 1 are not in the list, such as those of ROS'


def test_a_look_up_that_has_seen_nothing_is_no_all_clear() -> None:
    with pytest.raises(supply_chain.SupplyChainError, match='none of 1 packages could be looked up'):
        supply_chain.describe_audit(document(UNKNOWN))


def test_what_is_vulnerable_is_named_with_the_remedy() -> None:
    with pytest.raises(supply_chain.SupplyChainError, match=r'pillow 1\.0: CVE-2020-1 \(fixed in 1\.1\)'):
        supply_chain.describe_audit(document(SAFE, BROKEN))


def test_every_tool_has_a_version_and_every_target_of_make_is_there() -> None:
    assert all(re.fullmatch(r'[a-z-]+==[0-9.]+', pin) for pin in supply_chain.TOOLS.values())
    makefile = (ROOT / 'Makefile').read_text()
    for name in supply_chain.TOOLS:
        assert re.search(rf'^{name}:  ##', makefile, re.MULTILINE)
