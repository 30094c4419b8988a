"""Reasons to stand still, or not to move in depth: the guide has each of them, and says whether a person clears it."""

from __future__ import annotations

import re

import pytest
from support.paths import ROOT

from mt3dnet_ros.guidance.reasons import AdvanceReason, Reason


def documented(heading: str = 'What stops the camera') -> dict[str, str]:
    """Return the last column of the table under a heading of the guide, by reason."""
    section = (ROOT / 'docs/robot/guidance.md').read_text().partition(f'## {heading}\n')[2]
    rows = re.findall(r'^\| (`[^|]+) \|[^|]+\| ([^|]+) \|$', section.partition('\n## ')[0], re.MULTILINE)
    return {name: goes_on for names, goes_on in rows for name in re.findall(r'`(\w+)`', names)}


def test_the_guide_has_every_reason_and_no_other() -> None:
    assert documented().keys() == {reason.name.lower() for reason in Reason}


def test_the_guide_has_every_reason_not_to_move_in_depth_and_no_other() -> None:
    assert documented('What keeps it from moving in depth').keys() == {reason.name.lower() for reason in AdvanceReason}


@pytest.mark.parametrize('reason', Reason, ids=lambda reason: reason.name.lower())
def test_the_guide_says_which_reasons_a_person_has_to_clear(reason: Reason) -> None:
    goes_on = documented()[reason.name.lower()]
    assert (goes_on == 'by itself') == (not reason.latches and reason is not Reason.NOT_ENABLED), goes_on
