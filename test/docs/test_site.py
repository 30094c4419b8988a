"""The site builds without a warning, holds what the code says, and fetches nothing from elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

pytest.importorskip('material', reason='needs the extra docs: pip install ".[docs]"')


@pytest.fixture(scope='module')
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('site')
    command = [sys.executable, '-m', 'mkdocs', 'build', '--strict', '--quiet', '--site-dir', str(folder)]
    paths = os.pathsep.join([str(ROOT), os.environ.get('PYTHONPATH', '')])
    environment = os.environ | {'PYTHONPATH': paths, 'NO_MKDOCS_2_WARNING': '1'}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder


def text_of(page: Path) -> str:
    return re.sub(r'<[^>]+>', '', page.read_text())


def test_every_message_and_field_is_on_its_page(site: Path) -> None:
    text = text_of(site / 'reference' / 'messages.html')
    for path in (ROOT / 'msg').glob('*.msg'):
        fields = [line.split()[1] for line in path.read_text().splitlines() if line and not line.startswith('#')]
        assert [word for word in (path.stem, *fields) if word not in text] == []


def test_every_command_is_on_its_page_with_its_options(site: Path) -> None:
    text = text_of(site / 'reference' / 'commands.html')
    for words in ('mt3dnet evaluate-real', 'usage: mt3dnet predict', '--score-threshold', 'balance_floor = 0.2'):
        assert words in text


def test_every_module_has_a_page_with_what_it_offers(site: Path) -> None:
    pages = (site / 'reference' / 'modules').glob('*.html')
    shown = set(re.findall(r'id="(mt3dnet_ros[\w.]*)"', ''.join(page.read_text() for page in pages)))
    modules = {
        '.'.join(path.relative_to(ROOT).with_suffix('').parts)
        for path in (ROOT / 'mt3dnet_ros').rglob('*.py')
        if not path.stem.startswith('__')
    }
    assert modules <= shown
    assert 'mt3dnet_ros.geometry.camera.Camera.resized' in shown


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    fetched = re.compile(r'<(?:script|img|iframe|source)[^>]*\ssrc="?(?:https?:)?//|<link[^>]*\shref="?(?:https?:)?//')
    assert [page.name for page in site.rglob('*.html') if fetched.search(page.read_text())] == []
    assert not re.search(r'url\(["\']?(?:https?:)?//', ''.join(sheet.read_text() for sheet in site.rglob('*.css')))


def test_every_local_file_that_a_page_names_is_in_the_site(site: Path) -> None:
    def missing(page: Path) -> list[str]:
        named = re.findall(r'\s(?:src|href)="?([^"#? >]+)', page.read_text())
        return [name for name in named if '://' not in name and not (page.parent / name).exists()]

    assert {str(page): names for page in site.rglob('*.html') if page.stem != '404' and (names := missing(page))} == {}


def test_the_search_finds_pages_and_has_all_that_it_loads(site: Path) -> None:
    index = json.loads((site / 'search' / 'search_index.json').read_text())
    found = {entry['location'].partition('#')[0] for entry in index['docs'] if 'scanpath' in entry['text'].lower()}
    assert {'train/saliency.html', 'reference/topics.html', 'reference/messages.html'} <= found
    assert not any(location.startswith('source/') for location in found)
    assert (site / 'search' / 'search_index.js').is_file()  # read where the page was opened as a file
    worker = re.search(r'"search": ?"([^"]+)"', (site / 'index.html').read_text())
    assert worker
    assert (site / worker[1]).is_file()


def test_no_block_was_left_as_text(site: Path) -> None:
    pages = (page for page in site.rglob('*.html') if site / 'source' not in page.parents)
    assert [page.name for page in pages if '```' in text_of(page)] == []
