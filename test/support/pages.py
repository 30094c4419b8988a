"""The pages that people read, and what stands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.paths import ROOT

DOCS = ROOT / 'docs'
PAGES = [ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *sorted(DOCS.rglob('*.md'))]
each_page = pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))

_FENCE = re.compile(r'^( *)(?:<!-- (run[^>]*?) -->\n\1)?```(\w*)\n(.*?)^\1```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    :param mark: what the comment before it says to the tests: ``run``, or ``run after: COMMAND``
    """

    language: str
    text: str
    mark: str


def blocks(page: Path, language: str) -> list[Block]:
    """Return the fenced blocks of a language."""
    found = [Block(match[3], match[4], match[2] or '') for match in _FENCE.finditer(page.read_text())]
    return [block for block in found if block.language == language]


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub('', page.read_text())


def spans(page: Path) -> list[str]:
    """Return what the prose has in code type."""
    return [' '.join(span.split()) for span in re.findall(r'`([^`]+)`', prose(page))]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub names them."""
    headings = re.findall(r'^#+ (.*)$', prose(page), re.MULTILINE)
    plain = (re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', heading).lower() for heading in headings)
    return {re.sub(r'[^\w -]', '', heading.replace('`', '')).replace(' ', '-') for heading in plain}
