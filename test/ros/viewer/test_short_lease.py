"""The viewer's profile is that of all nodes but for the lease, and takes the place of no other."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.paths import ROOT

from mt3dnet_ros.ros.viewer.short_lease import use_short_lease

VARIABLE = 'FASTDDS_DEFAULT_PROFILES_FILE'


def settings(name: str) -> list[tuple[str, str]]:
    """Return tags and texts of a profile, but for those of discovery."""
    root = ElementTree.parse(ROOT / 'config' / name).getroot()
    found = [(element.tag.split('}')[1], (element.text or '').strip()) for element in root.iter()]
    tags = ('builtin', 'discovery_config', 'leaseDuration', 'leaseAnnouncement', 'sec')
    return [setting for setting in found if setting[0] not in tags]


def test_the_profiles_differ_by_the_lease_alone() -> None:
    assert settings('fastdds_viewer.xml') == settings('fastdds.xml')


def test_it_takes_the_place_of_the_shipped_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(ROOT / 'config/fastdds.xml'))
    use_short_lease()

    assert os.environ[VARIABLE] == str(ROOT / 'config/fastdds_viewer.xml')


@pytest.mark.parametrize('name', ['mine.xml', 'fastdds.xml'])
def test_a_profile_of_the_user_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:

    monkeypatch.setenv(VARIABLE, str(tmp_path / name))
    use_short_lease()
    assert os.environ[VARIABLE] == str(tmp_path / name)
