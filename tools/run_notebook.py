"""Run a notebook and keep what it prints and draws: ``python tools/run_notebook.py examples/walk_through.ipynb``."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]


def run(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook with the outputs of its cells, which run in the checkout's folder; the one given stays.

    :raises nbclient.exceptions.CellExecutionError: a cell fails
    """
    ran = nbformat.from_dict(notebook)
    place = {'metadata': {'path': str(ROOT)}}
    NotebookClient(ran, resources=place, timeout=300, record_timing=False, coalesce_streams=True).execute()
    ran.metadata['language_info'] = {'name': 'python'}  # not which version ran it
    return ran


if __name__ == '__main__':
    for name in sys.argv[1:]:
        nbformat.write(run(nbformat.read(name, as_version=4)), name)
