"""Reasons to stand still: the guide has each of them, and says whether a person has to clear it."""

from __future__ import annotations

import re

import pytest
from support.paths import ROOT

from mt3dnet_ros.guidance.reasons import Reason


def documented() -> dict[str, str]:
    """Return when guidance goes on after each reason in the table of the guide."""
    section = (ROOT / 'docs/robot/guidance.md').read_text().partition('## What stops the camera')[2]
    rows = re.findall(r'^\| (`[^|]+) \|[^|]+\| ([^|]+) \|$', section.partition('\n## ')[0], re.MULTILINE)
    return {name: goes_on for names, goes_on in rows for name in re.findall(r'`(\w+)`', names)}


def test_the_guide_has_every_reason_and_no_other() -> None:
    assert documented().keys() == {reason.name.lower() for reason in Reason}


@pytest.mark.parametrize('reason', Reason, ids=lambda reason: reason.name.lower())
def test_the_guide_says_which_reasons_a_person_has_to_clear(reason: Reason) -> None:
    goes_on = documented()[reason.name.lower()]
    assert (goes_on == 'by itself') == (not reason.latches and reason is not Reason.NOT_ENABLED), goes_on
