"""``mt3dnet predict`` on several inputs: a place for each, whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.commands.main import main

SIZE = (96, 128)


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors', saliency=True)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a folder with two pictures of one name in two folders, and a folder of pictures."""
    for index, name in enumerate(('monday/1.png', 'tuesday/1.png', 'frames/a.png', 'frames/b.png')):
        path = tmp_path / 'archive' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), tissue(*SIZE, index))
    return tmp_path / 'archive'


def predict(inputs: list[Path], output: Path, checkpoint: Path, *options: str) -> int:
    places = ['--output', str(output), '--checkpoint', str(checkpoint), '--device', 'cpu']
    return main(['predict', *map(str, inputs), *places, *options])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob('*') if path.is_file()}


def test_each_input_gives_what_it_gives_alone(archive: Path, tmp_path: Path, checkpoint: Path) -> None:
    inputs = {
        'monday/1': archive / 'monday/1.png',
        'frames': archive / 'frames',
        'tuesday/1': archive / 'tuesday/1.png',
    }
    assert predict([*inputs.values()], tmp_path / 'out', checkpoint) == 0
    for number, (name, path) in enumerate(inputs.items()):
        alone = tmp_path / f'alone{number}'
        assert predict([path], alone, checkpoint) == 0
        assert contents(tmp_path / 'out' / name) == contents(alone)
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == ['frames', 'monday', 'tuesday']


def test_an_input_that_cannot_be_read_keeps_nobody_from_the_next(
    archive: Path, tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (archive / 'monday/broken.mp4').write_bytes(b'no film')
    inputs = [archive / 'monday/broken.mp4', archive / 'monday/1.png']
    assert predict(inputs, tmp_path / 'out', checkpoint) == 1
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == ['1']
    assert str(inputs[0]) in capsys.readouterr().err


def test_a_run_goes_on_with_what_is_not_there(archive: Path, tmp_path: Path, checkpoint: Path) -> None:
    inputs, output = [archive / 'monday/1.png', archive / 'tuesday/1.png'], tmp_path / 'out'
    assert predict(inputs, output, checkpoint) == 0
    first = contents(output)
    kept = (output / 'monday/1/images.json').stat().st_mtime_ns
    for path in (output / 'tuesday/1').rglob('*.png'):
        path.unlink()
    (output / 'tuesday').rename(output / 'elsewhere')
    assert predict(inputs, output, checkpoint) == 1, 'what is there is not replaced unasked'
    assert predict(inputs, output, checkpoint, '--resume') == 0
    assert (output / 'monday/1/images.json').stat().st_mtime_ns == kept
    assert {name: data for name, data in contents(output).items() if not name.startswith('elsewhere')} == first
    assert predict(inputs, output, checkpoint, '--overwrite') == 0
    assert json.loads((output / 'monday/1/images.json').read_text())['images'][0]['file_name'] == '1.png'


@pytest.mark.parametrize(
    ('names', 'options', 'said'),
    [
        (('monday/1.png', 'monday/2.png'), (), "monday/2.png' does not exist"),
        (('monday/1.png', 'monday/1.png'), (), "would both give '1'; predict on them apart"),
        (('frames', 'frames/a.png'), (), "a.png' is in "),
        (('monday/1.png', 'tuesday/1.png'), ('--right', 'x.png'), '--right is the second eye of one input'),
        (('monday/1.png',), ('--resume',), '--resume goes on with several inputs'),
    ],
)
def test_what_does_not_fit_together_is_said_before_anything_is_done(
    names: tuple[str, ...], options: tuple[str, ...], said: str, archive: Path, tmp_path: Path, checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert predict([archive / name for name in names], tmp_path / 'out', checkpoint, *options) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()
