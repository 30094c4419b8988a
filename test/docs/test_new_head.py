"""docs/extend/new_head.md, to the letter, on a copy of the repository: few files change, and the head works."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from support.pages import blocks
from support.paths import ROOT
from support.rendered_shapes import write_shapes

PAGE = ROOT / 'docs' / 'extend' / 'new_head.md'
MOST_FILES = 8


@pytest.fixture(scope='module')
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package in which the page was followed."""
    copy = tmp_path_factory.mktemp('copy')
    shutil.copytree(ROOT / 'mt3dnet_ros', copy / 'mt3dnet_ros', ignore=shutil.ignore_patterns('__pycache__'))
    (copy / 'config').symlink_to(ROOT / 'config')
    for change in blocks(PAGE, 'diff'):
        subprocess.run(['git', 'apply', '-'], input=change.text.encode(), cwd=copy, check=True)
    return copy


def changed_files(copy: Path) -> list[str]:
    def content(path: Path) -> bytes:
        return path.read_bytes() if path.is_file() else b''

    paths = [path.relative_to(copy) for path in (copy / 'mt3dnet_ros').rglob('*.py')]
    return [str(path) for path in paths if content(ROOT / path) != content(copy / path)]


def run(copy: Path, *arguments: object) -> str:
    """Run the command of the copy."""
    paths = os.pathsep.join([str(copy), os.environ.get('PYTHONPATH', '')])
    ended = subprocess.run(
        [sys.executable, '-m', 'mt3dnet_ros.commands', *map(str, arguments)],
        capture_output=True, text=True, timeout=170, check=False, cwd=copy, env=os.environ | {'PYTHONPATH': paths},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope='module')
def trained(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a short training of a small network with the head."""
    folder = tmp_path_factory.mktemp('run')
    recipe = {
        'data': str(write_shapes(folder / 'data')), 'output': str(folder), 'input_size': [64, 96],
        'decoder_channels': 16, 'batch_size': 2, 'steps': 10, 'warmup_steps': 1, 'validate_every': 10, 'threads': 1,
        'precision': '32-true', 'accelerator': 'cpu', 'tasks': ['segmentation', 'detection', 'depth', 'edges'],
    }  # fmt: skip
    (folder / 'recipe.yaml').write_text(yaml.safe_dump(recipe))
    run(copy, 'train', '--config', folder / 'recipe.yaml')
    return folder


def test_few_files_change(copy: Path) -> None:
    assert 0 < len(changed_files(copy)) <= MOST_FILES
    assert all('dge' in (copy / path).read_text() for path in changed_files(copy))


def test_the_code_of_the_page_keeps_the_rules(copy: Path) -> None:
    shutil.copy(ROOT / 'pyproject.toml', copy)
    for rule in (['check'], ['format', '--check']):
        command = [sys.executable, '-m', 'ruff', *rule, *changed_files(copy)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=copy)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_head_is_trained_balanced_and_scored(trained: Path) -> None:
    with (trained / 'log' / 'metrics.csv').open() as file:
        rows = list(csv.DictReader(file))
    for name in ('loss_edges', 'weight_edges', 'component_edges', 'edge_dice'):
        assert [row[name] for row in rows if row.get(name)], name


def test_the_head_is_exported_and_described(copy: Path, trained: Path, tmp_path: Path) -> None:
    checkpoint = trained / 'mt3dnet.safetensors'
    said = run(copy, 'export', '--checkpoint', checkpoint, '--output', tmp_path, '--format', 'torch_export')
    assert 'edges' in said, 'its difference from the original is named'
    outputs = json.loads((tmp_path / 'mt3dnet.json').read_text())['outputs']
    assert list(outputs) == ['types', 'parts', 'depth', 'heat', 'boxes', 'edges']
    assert outputs['edges']['shape'] == [1, 1, 16, 24]
    assert 'border of an instrument' in outputs['edges']['meaning']


def test_the_head_is_predicted_with(copy: Path, trained: Path, tmp_path: Path) -> None:
    blotches = np.random.default_rng(0).integers(0, 255, (8, 12, 3), np.uint8)  # of mere grain nothing is said
    cv2.imwrite(str(tmp_path / 'one.png'), cv2.resize(blotches, (192, 128), interpolation=cv2.INTER_CUBIC))
    options = '--output', tmp_path / 'out', '--checkpoint', trained / 'mt3dnet.safetensors'
    run(copy, 'predict', tmp_path / 'one.png', *options)
    edges = cv2.imread(str(tmp_path / 'out' / 'edges' / 'one.png'), cv2.IMREAD_UNCHANGED)
    assert edges.shape == (128, 192) and edges.dtype == np.uint8 and edges.min() < edges.max()


def test_networks_without_the_head_are_what_they_were(copy: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'one.png'), np.full((128, 192, 3), 90, np.uint8))
    run(copy, 'predict', tmp_path / 'one.png', '--output', tmp_path / 'out')
    assert (tmp_path / 'out' / 'saliency').is_dir() and not (tmp_path / 'out' / 'edges').exists()
