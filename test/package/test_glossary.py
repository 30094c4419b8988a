"""The glossary of CONTRIBUTING.md names what is there, and a class name of the package has one meaning."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support.paths import ROOT

PACKAGE = ROOT / 'mt3dnet_ros'
# Names that two public classes may share, and why.
SHARED_NAMES = {'Stage': 'of the Mix Transformer and of ASTO: both papers call it so, and no module needs both'}


class Entry(NamedTuple):
    term: str
    meaning: str
    where: str


def glossary() -> list[Entry]:
    section = (ROOT / 'CONTRIBUTING.md').read_text().partition('\n## Words\n')[2].partition('\n## ')[0]
    rows = re.findall(r'^\| (.+?) \| (.+?) \| (.+?) \|$', section, re.MULTILINE)
    return [Entry(*row) for row in rows if row[0] != 'term']


def top_level_names(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


def missing(where: str) -> Iterator[str]:
    """Yield what a cell names and the package does not have: a path, or a name of the file before it."""
    path = PACKAGE
    for token in re.findall('`([^`]+)`', where):
        if '/' in token:
            path = PACKAGE / token
            if not path.exists():
                yield token
        elif path.is_file() and token not in set(top_level_names(path)):
            yield f'{path.name}: {token}'


def test_the_glossary_has_the_words_that_readers_ask_for() -> None:
    terms = {term for entry in glossary() for term in entry.term.split(', ')}
    asked = {
        'frame',
        'scene',
        'camera',
        'label',
        'type',
        'part',
        'instance',
        'detection',
        'peak',
        'letterbox',
        'domain',
    }
    asked |= {'saliency', 'fixation', 'scanpath', 'gaze', 'canonical focal length', 'head', 'back end', 'stage (ASTO)'}
    assert asked <= terms


@pytest.mark.parametrize('entry', glossary(), ids=lambda entry: entry.term)
def test_a_word_of_the_glossary_lives_where_it_says(entry: Entry) -> None:
    assert '`' in entry.where and list(missing(entry.where)) == []


def test_a_word_is_explained_once() -> None:
    terms = [term for entry in glossary() for term in entry.term.split(', ')]
    assert len(terms) == len(set(terms))


def test_no_two_public_classes_have_one_name() -> None:
    places = defaultdict(list)
    for path in sorted(PACKAGE.rglob('*.py')):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith('_'):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1 and name not in SHARED_NAMES} == {}
