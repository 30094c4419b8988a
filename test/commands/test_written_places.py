"""Files are written where options say, with the permissions of the user's umask, whatever a recording calls itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from support.recordings import film, write_bag, write_mcap
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.commands.main import main

NAMES = ['/../../../escaped', '//tmp/escaped', 'escaped\x00']
PICTURES = [tissue(96, 128, seed) for seed in range(2)]


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def predict(checkpoint: Path, source: Path, *where: str) -> int:
    return main(['predict', str(source), *where, '--checkpoint', str(checkpoint), '--device', 'cpu'])


def written(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob('*'))


@pytest.mark.parametrize('name', NAMES)
def test_a_topic_chooses_no_path(name: str, checkpoint: Path, tmp_path: Path) -> None:
    inner = tmp_path / 'one/two/three'
    inner.mkdir(parents=True)
    recording = write_mcap(inner / 'in.mcap', film(PICTURES, topic=name, info=f'{name}_info', frame='../../../escaped'))
    before = written(tmp_path)
    assert predict(checkpoint, recording, '--output', str(inner / 'out'), '--overlay') == 0
    assert predict(checkpoint, recording, '--record', str(inner / 'new.mcap')) == 0
    outputs = (inner / 'out', inner / 'new.mcap')
    new = [tmp_path / path for path in written(tmp_path) if path not in before]
    assert [path for path in new if not any(path.is_relative_to(place) for place in outputs)] == []
    assert not Path('/tmp/escaped').exists() and not Path('/escaped').exists()


def test_a_bag_names_no_file_outside_of_it(checkpoint: Path, tmp_path: Path) -> None:
    elsewhere = write_mcap(tmp_path / 'elsewhere.mcap', film(PICTURES))
    bag = write_bag(tmp_path / 'bag', film(PICTURES))
    metadata = yaml.safe_load((bag / 'metadata.yaml').read_text())
    metadata['rosbag2_bagfile_information']['relative_file_paths'] = ['../elsewhere.mcap', str(elsewhere)]
    for path in bag.glob('*.mcap'):
        path.unlink()
    for path in bag.glob('*.db3'):
        path.unlink()
    (bag / 'metadata.yaml').write_text(yaml.safe_dump(metadata))
    assert predict(checkpoint, bag, '--output', str(tmp_path / 'out')) != 0


@pytest.mark.parametrize(('mask', 'forbidden'), [(0o077, 0o077), (0o022, 0o022)])
def test_the_umask_holds(mask: int, forbidden: int, checkpoint: Path, tmp_path: Path) -> None:
    recording = write_mcap(tmp_path / 'in.mcap', film(PICTURES))
    with umask(mask):
        assert predict(checkpoint, recording, '--output', str(tmp_path / 'out'), '--overlay') == 0
        assert predict(checkpoint, recording, '--record', str(tmp_path / 'new')) == 0
    files = [path for place in ('out', 'new') for path in (tmp_path / place).rglob('*')]
    assert len(files) > 5
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files}
    assert {name: oct(mode) for name, mode in modes.items() if mode & forbidden} == {}
