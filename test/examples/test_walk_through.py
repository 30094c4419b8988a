"""The notebook runs, and shows what it gives when it runs."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest
import run_notebook
from nbformat import NotebookNode
from support.examples import EXAMPLES
from support.paths import ROOT

PATH = EXAMPLES / 'walk_through.ipynb'
LARGEST = 1_000_000  # bytes, that a web page may have to load


@pytest.fixture(scope='module')
def stored() -> NotebookNode:
    return nbformat.read(PATH, as_version=4)


@pytest.fixture
def ran(stored: NotebookNode, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> NotebookNode:
    """Return the notebook with the outputs that it gives now."""
    monkeypatch.delenv('MPLBACKEND', raising=False)  # else it would draw nothing
    for name, value in {'IPYTHONDIR': tmp_path, 'JUPYTER_RUNTIME_DIR': tmp_path, 'OMP_NUM_THREADS': 1}.items():
        monkeypatch.setenv(name, str(value))
    return run_notebook.run(stored)


def shown(notebook: NotebookNode) -> dict[str, list[str]]:
    """Return what each cell of code puts out: the kinds of pictures, and texts without their numbers."""

    def seen(output: NotebookNode) -> str:
        return re.sub(r'-?[\d.]+', '#', output['text']) if 'text' in output else ' '.join(sorted(output['data']))

    return {cell.id: [seen(output) for output in cell.outputs] for cell in notebook.cells if cell.cell_type == 'code'}


def test_it_runs_and_its_outputs_are_those_of_its_cells(ran: NotebookNode, stored: NotebookNode) -> None:
    assert shown(ran) == shown(stored), 'write them anew: python tools/run_notebook.py examples/walk_through.ipynb'
    assert [cell.execution_count for cell in stored.cells if cell.cell_type == 'code'] == list(
        range(1, len(shown(stored)) + 1)
    ), 'all cells ran once, from the top'


def test_it_has_pictures_and_stays_small_and_free_of_paths() -> None:
    text = PATH.read_text()
    assert text.count('image/jpeg') >= 8 and len(text) < LARGEST
    for place in (str(ROOT), sys.prefix, '/home/', '/root/', '/tmp/', 'Traceback'):
        assert place not in text
