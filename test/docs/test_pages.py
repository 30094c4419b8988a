"""Pages can be found, begin with what they are good for, and lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.pages import DOCS, PAGES, anchors, each_page, prose, spans
from support.paths import ROOT

LONGEST_LINE, LONGEST_ROW = 120, 300
MADE_WHEN_BUILT = {'reference/messages.md', 'reference/commands.md', 'reference/python.md', 'reference/modules/*'}
NAMING_PAGES = ('benchmark', 'config', 'examples', 'launch', 'mt3dnet_ros', 'msg', 'tools')
SOURCES = {'.ipynb', '.msg', '.py', '.xml', '.yaml'}
_MADE_BY_COMMANDS = set((ROOT / '.gitignore').read_text().split())
FOLDERS = '|'.join(
    sorted(
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and path.name[0] != '.' and f'{path.name}/' not in _MADE_BY_COMMANDS
    )
)


def links(page: Path) -> list[str]:
    return [link for link in re.findall(r'\]\(([^)\s]+)\)', prose(page)) if '://' not in link]


def names(nav: Any) -> Iterator[str]:
    """Yield the pages that a part of the navigation names."""
    if isinstance(nav, str):
        yield nav
    else:
        for below in nav.values() if isinstance(nav, dict) else nav:
            yield from names(below)


@each_page
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page: Path) -> None:
    def leads_somewhere(link: str) -> bool:
        name, _, anchor = link.partition('#')
        target = page.parent / name if name else page
        return target.is_file() and (not anchor or anchor in anchors(target))

    assert [link for link in links(page) if not leads_somewhere(link)] == []


def test_every_page_is_in_the_navigation_and_every_entry_is_a_page() -> None:
    nav = list(names(yaml.safe_load((ROOT / 'mkdocs.yml').read_text())['nav']))
    assert sorted(set(nav) - MADE_WHEN_BUILT) == sorted(
        str(page.relative_to(DOCS)) for page in PAGES if DOCS in page.parents
    )
    assert len(set(nav)) == len(nav)


@pytest.mark.parametrize('page', [page for page in PAGES if DOCS in page.parents], ids=lambda page: page.name)
def test_a_page_begins_with_its_title_and_a_sentence(page: Path) -> None:
    title, empty, sentence = page.read_text().splitlines()[:3]
    assert title.startswith('# ')
    assert empty == ''
    assert re.match(r'[A-Z]\w+ .*\w', sentence), 'say first what one can do with the page'


@each_page
def test_lines_have_at_most_120_characters_and_rows_of_tables_at_most_300(page: Path) -> None:
    def limit(line: str) -> int:
        return LONGEST_ROW if line.startswith(('|', '![')) else LONGEST_LINE

    assert [line for line in page.read_text().splitlines() if len(line) > limit(line)] == []


@each_page
def test_every_file_of_the_repository_that_is_named_is_there(page: Path) -> None:
    """A name in code type that begins with a folder of the repository and ends as a file does, or a folder/."""
    folders = {span for span in spans(page) if re.fullmatch(rf'(?:{FOLDERS})/(?:[\w.]+/)*', span)}
    files = {
        name for span in spans(page) for name in re.findall(rf'(?<![\w/.])(?:{FOLDERS})/[\w./]*\.\w+(?![\w/])', span)
    }
    named = folders | files
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@each_page
def test_a_list_a_table_and_a_block_stand_apart_from_the_paragraph_before(page: Path) -> None:
    """GitHub takes them as such also without an empty line before, the site does not."""
    begins = re.compile(r'(?:- |\d+\. |\| ?)')
    lines = prose(page).splitlines()
    stuck = [
        line
        for before, line in pairwise(lines)
        if begins.match(line) and before and not begins.match(before) and not before.startswith((' ', '#'))
    ]
    assert stuck == []


def test_every_page_that_code_and_configuration_name_is_there() -> None:
    sources = [path for folder in NAMING_PAGES for path in (ROOT / folder).rglob('*') if path.suffix in SOURCES]
    named = {name for path in sources for name in re.findall(r'docs/[\w/]+\.md', path.read_text())}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
