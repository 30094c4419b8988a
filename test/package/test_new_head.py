"""The worked example of a new dense head, followed to the letter."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from support.paths import ROOT
from support.rendered_shapes import write_shapes

(PAGE,) = (ROOT / 'docs').rglob('new_head.md')
MOST_FILES = 8
# What a step of the page says, and the block of code that it is about.
STEP = re.compile(r'^(After|Before|Instead of) the line `(.+)`:$|^(At the end|A new file):$')


def steps() -> Iterator[tuple[str, str, str, str]]:
    """Yield the file, the place, the line that is meant, and the code of each step."""
    file = place = line = ''
    for part in re.split(r'(?m)^```', PAGE.read_text()):
        if place:
            yield file, place, line, part.removeprefix('python\n')
            place = ''
            continue
        for text in part.splitlines():
            if found := re.match(r'### \d+\. `(.+)`$', text):
                file = found[1]
            if found := STEP.match(text):
                place, line = found[1] or found[3], found[2] or ''


def apply(content: str, place: str, line: str, code: str) -> str:
    if place in ('At the end', 'A new file'):
        return content + code
    lines = content.splitlines(keepends=True)
    found = [number for number, text in enumerate(lines) if text.strip() == line]
    assert len(found) == 1, f"line '{line}' occurs {len(found)} times"
    return ''.join([*lines[: found[0] + (place == 'After')], code, *lines[found[0] + (place != 'Before') :]])


@pytest.fixture(scope='module')
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package that has the head."""
    folder = tmp_path_factory.mktemp('checkout')
    shutil.copytree(ROOT / 'mt3dnet_ros', folder / 'mt3dnet_ros', ignore=shutil.ignore_patterns('__pycache__'))
    (folder / 'config').symlink_to(ROOT / 'config')
    for file, place, line, code in steps():
        path = folder / file
        path.write_text(apply('' if place == 'A new file' else path.read_text(), place, line, code))
    return folder


def run(checkout: Path, *arguments: object) -> str:
    """Run the command of the copy."""
    paths = os.pathsep.join([str(checkout), os.environ.get('PYTHONPATH', '')])
    ended = subprocess.run(
        [sys.executable, '-m', 'mt3dnet_ros.commands', *map(str, arguments)],
        capture_output=True, text=True, timeout=170, check=False, cwd=checkout, env=os.environ | {'PYTHONPATH': paths},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope='module')
def trained(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a short training of a small network with the head."""
    folder = tmp_path_factory.mktemp('run')
    recipe = {
        'data': str(write_shapes(folder / 'data')), 'output': str(folder), 'input_size': [64, 96],
        'decoder_channels': 16, 'batch_size': 2, 'steps': 10, 'warmup_steps': 1, 'validate_every': 10, 'threads': 1,
        'precision': '32-true', 'accelerator': 'cpu', 'tasks': ['segmentation', 'detection', 'depth', 'edges'],
    }  # fmt: skip
    (folder / 'recipe.yaml').write_text(yaml.safe_dump(recipe))
    run(checkout, 'train', '--config', folder / 'recipe.yaml')
    return folder


def test_the_page_changes_few_files() -> None:
    files = {file for file, *_ in steps()}
    assert 0 < len(files) <= MOST_FILES
    assert len(files) == len(re.findall(r'(?m)^### \d+\. ', PAGE.read_text())), 'each file has a step'


def test_the_code_of_the_page_keeps_the_rules(checkout: Path) -> None:
    files = sorted({str(checkout / file) for file, *_ in steps()})
    command = [sys.executable, '-m', 'ruff', 'check', '--config', str(ROOT / 'pyproject.toml'), *files]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_head_is_trained_balanced_and_scored(trained: Path) -> None:
    with (trained / 'log' / 'metrics.csv').open() as file:
        rows = list(csv.DictReader(file))
    for name in ('loss_edges', 'weight_edges', 'component_edges', 'edge_dice'):
        assert [row[name] for row in rows if row.get(name)], name


def test_the_head_is_exported_and_described(checkout: Path, trained: Path, tmp_path: Path) -> None:
    checkpoint = trained / 'mt3dnet.safetensors'
    said = run(checkout, 'export', '--checkpoint', checkpoint, '--output', tmp_path, '--format', 'torch_export')
    assert 'edges' in said, 'its difference from the original is named'
    outputs = json.loads((tmp_path / 'mt3dnet.json').read_text())['outputs']
    assert list(outputs) == ['types', 'parts', 'depth', 'heat', 'boxes', 'edges']
    assert outputs['edges']['shape'] == [1, 1, 16, 24]
    assert 'border of an instrument' in outputs['edges']['meaning']


def test_the_head_is_predicted_with(checkout: Path, trained: Path, tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 255, (128, 192, 3), np.uint8)
    cv2.imwrite(str(tmp_path / 'one.png'), image)
    options = '--output', tmp_path / 'out', '--checkpoint', trained / 'mt3dnet.safetensors'
    run(checkout, 'predict', tmp_path / 'one.png', *options)
    edges = cv2.imread(str(tmp_path / 'out' / 'edges' / 'one.png'), cv2.IMREAD_UNCHANGED)
    assert edges.shape == (128, 192) and edges.dtype == np.uint8 and edges.min() < edges.max()


def test_networks_without_the_head_are_what_they_were(checkout: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'one.png'), np.full((128, 192, 3), 90, np.uint8))
    run(checkout, 'predict', tmp_path / 'one.png', '--output', tmp_path / 'out')
    assert (tmp_path / 'out' / 'saliency').is_dir() and not (tmp_path / 'out' / 'edges').exists()
