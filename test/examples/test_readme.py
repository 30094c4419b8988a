"""The README of the examples lists them all, and what they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.examples import EXAMPLES
from support.paths import ROOT

LINKS = re.compile(r'\]\(([^)#]+)')
README = (EXAMPLES / 'README.md').read_text()
FILES = sorted(path for path in EXAMPLES.iterdir() if path.is_file())
LONGEST = 60  # lines of code


def test_every_example_is_listed_and_every_link_leads_somewhere() -> None:
    links = set(LINKS.findall(README))
    assert {path.name for path in FILES} - {'README.md'} <= links
    assert [link for link in links if not (EXAMPLES / link).exists()] == []


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_files_of_the_repository_that_an_example_names_exist(path: Path) -> None:
    named = set(re.findall(r'\b(?:docs|examples|config|tools)/[\w/]+\.\w+', path.read_text()))
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize('path', sorted(EXAMPLES.glob('*.py')), ids=lambda path: path.name)
def test_an_example_is_short(path: Path) -> None:
    _, _, code = path.read_text().split('"""', 2)
    assert 15 < sum(1 for line in code.splitlines() if line.strip()) <= LONGEST
