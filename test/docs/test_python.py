"""The Python that pages show compiles, imports what there is, and runs where it says so."""

from __future__ import annotations

import ast
import importlib
import shutil
from pathlib import Path

import cv2
import pytest
from support.pages import PAGES, blocks, each_page
from support.paths import ROOT
from support.shown_commands import commands, run_mt3dnet

import mt3dnet_ros

CLIP = ROOT / 'config' / 'demo' / 'clip.mp4'
RUN = [page for page in PAGES if any(block.mark for block in blocks(page, 'python'))]
FRONT_DOOR = hasattr(mt3dnet_ros, 'load')


@each_page
def test_python_compiles(page: Path) -> None:
    for block in blocks(page, 'python'):
        compile(block.text, str(page), 'exec')


@each_page
def test_what_is_imported_from_the_package_is_there(page: Path) -> None:
    for block in blocks(page, 'python'):
        for node in ast.walk(ast.parse(block.text)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith('mt3dnet_ros'):
                module = importlib.import_module(node.module)
                assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == [], node.module


@pytest.mark.skipif(not FRONT_DOOR, reason='mt3dnet_ros.load is not there yet')
@each_page
def test_what_is_used_of_the_package_is_there(page: Path) -> None:
    used = {
        node.attr
        for block in blocks(page, 'python')
        for node in ast.walk(ast.parse(block.text))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == 'mt3dnet_ros'
    }
    assert [name for name in sorted(used) if not hasattr(mt3dnet_ros, name)] == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a picture, a video and the files of the checkout that pages name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'config').symlink_to(ROOT / 'config')
    shutil.copy(CLIP, 'video.mp4')
    cv2.imwrite('picture.jpg', cv2.VideoCapture(str(CLIP)).read()[1])
    return tmp_path


@pytest.mark.parametrize('page', RUN, ids=lambda page: page.name)
def test_python_that_is_said_to_run_does(page: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One after the other, as a reader would; `run after: mt3dnet ...` runs that command before the block."""
    marked = [block for block in blocks(page, 'python') if block.mark]
    if not FRONT_DOOR and any('mt3dnet_ros.load' in block.text for block in marked):
        pytest.skip('mt3dnet_ros.load is not there yet')
    names: dict[str, object] = {}
    for block in marked:
        for words in commands(block.mark.removeprefix('run').removeprefix(' after:')):
            assert run_mt3dnet(*words[1:]) == 0
        exec(compile(block.text, str(page), 'exec'), names)
    printed = capsys.readouterr().out
    assert printed if any('print(' in block.text for block in marked) else not printed
