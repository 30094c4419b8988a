"""`mt3dnet predict` with a second eye, a diameter or a fixed factor: what the depth is then, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.calibration_file import write_calibration
from support.small_network import save_small_checkpoint
from support.stereo_scene import HEIGHT, WIDTH, render_pair, squinting_cameras

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.perception.checkpoint import load_checkpoint, save_checkpoint

PAIR = squinting_cameras()


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    path = save_small_checkpoint(tmp_path_factory.mktemp('checkpoint') / 'small.safetensors')
    network = load_checkpoint(path)
    save_checkpoint(path, network, replace(network.config, canonical_focal=26.0))  # its depth is then that of a body
    return path


@pytest.fixture(scope='module')
def scene(tmp_path_factory):
    """Return a folder with both pictures, side by side too, the calibration of the pair, and the true depth."""
    folder = tmp_path_factory.mktemp('scene')
    left, right, depth = render_pair(PAIR)
    for name, rgb in (('left', left), ('right', right), ('both', np.hstack([left, right])), ('small', right[::2, ::2])):
        cv2.imwrite(str(folder / f'{name}.png'), np.ascontiguousarray(rgb[..., ::-1]))
    np.save(folder / 'depth.npy', depth)
    write_pair(folder / 'pair.yaml')
    write_calibration(folder / 'camera.yaml', WIDTH, HEIGHT)
    return folder


def write_pair(path: Path) -> None:
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    for number, camera in enumerate((PAIR.left, PAIR.right), start=1):
        storage.write(f'M{number}', camera.matrix)
        storage.write(f'D{number}', np.zeros((1, 5)))
    storage.write('R', np.reshape(PAIR.rotation, (3, 3)))
    storage.write('T', 1e3 * np.array(PAIR.translation))
    storage.release()


def predict(scene: Path, output: Path, checkpoint: Path, *options: str, name: str = 'left.png') -> int:
    return main(['predict', str(scene / name), '--output', str(output), '--checkpoint', str(checkpoint), *options])


def scale_of(output: Path) -> dict:
    (image,) = json.loads((output / 'images.json').read_text())['images']
    return image['scale']


def depth_of(output: Path, stem: str = 'left') -> np.ndarray:
    return cv2.imread(str(output / f'depth/{stem}.tiff'), cv2.IMREAD_UNCHANGED)


def eye(scene: Path, right: str = 'right.png') -> tuple[str, ...]:
    return '--right', str(scene / right), '--stereo-calibration', str(scene / 'pair.yaml')


def test_the_second_eye_tells_the_scale_that_the_files_have(scene, checkpoint, tmp_path, capsys):
    assert predict(scene, tmp_path / 'out', checkpoint, *eye(scene)) == 0
    scale = scale_of(tmp_path / 'out')
    assert [source['name'] for source in scale['sources']] == ['second_eye'], scale
    assert 0.0 < scale['deviation'] < 0.3 and scale['corrects_shape'] is False
    ratio = np.nanmedian(depth_of(tmp_path / 'out') / np.load(scene / 'depth.npy'))
    assert ratio == pytest.approx(1.0, abs=0.1)
    assert 'scale: second_eye in 1 of 1 pictures' in capsys.readouterr().out


def test_views_side_by_side_give_the_same(scene, checkpoint, tmp_path):
    options = '--side-by-side', '--stereo-calibration', str(scene / 'pair.yaml')
    assert predict(scene, tmp_path / 'side', checkpoint, *options, name='both.png') == 0
    assert predict(scene, tmp_path / 'two', checkpoint, *eye(scene)) == 0
    assert depth_of(tmp_path / 'side', 'both').shape == (HEIGHT, WIDTH)
    assert scale_of(tmp_path / 'side')['factor'] == pytest.approx(scale_of(tmp_path / 'two')['factor'])


def test_one_picture_called_two_eyes_is_rejected_and_said(scene, checkpoint, tmp_path, capsys):
    assert predict(scene, tmp_path / 'out', checkpoint, *eye(scene, 'left.png')) == 0
    scale = scale_of(tmp_path / 'out')
    (reason,) = [no['reason'] for no in scale['rejections'] if no['source'] == 'second_eye']
    printed = capsys.readouterr().out
    assert scale['sources'] == [] and 'one camera is given as two' in reason
    assert 'the guess of the network in 1 of 1 pictures' in printed and reason in printed


def test_a_fixed_factor_is_the_scale(scene, checkpoint, tmp_path):
    calibration = '--calibration', str(scene / 'camera.yaml')
    for name, options in (('guess', ()), ('fixed', ('--fixed-scale', '2'))):
        assert predict(scene, tmp_path / name, checkpoint, *calibration, *options) == 0
    np.testing.assert_allclose(
        np.nanmedian(depth_of(tmp_path / 'fixed')), 2.0 * np.nanmedian(depth_of(tmp_path / 'guess')), rtol=0.05
    )
    assert scale_of(tmp_path / 'fixed')['sources'][0]['name'] == 'fixed'
    assert scale_of(tmp_path / 'guess')['factor'] == 1.0


@pytest.mark.parametrize(
    ('options', 'reason'),
    [
        (('--right', '{}/right.png'), 'add --stereo-calibration'),
        (('--stereo-calibration', '{}/pair.yaml'), 'add --right or --side-by-side'),
        (('--right-calibration', '{}/pair.yaml'), 'add --calibration'),
        (('--side-by-side', '--right', '{}/right.png'), 'give one'),
        (('--right', '{}/none.png', '--stereo-calibration', '{}/pair.yaml'), 'does not exist'),
        (('--shaft-diameter', 'needle driver'), "shaft diameter 'needle driver'"),
        (('--fixed-scale', '1000'), 'fixed_scale'),
    ],
)
def test_what_does_not_fit_together_is_said_in_one_line(scene, checkpoint, tmp_path, capsys, options, reason):
    assert predict(scene, tmp_path / 'out', checkpoint, *(option.format(scene) for option in options)) == 1
    error = capsys.readouterr().err
    assert reason in error and error.count('\n') == 1


def test_eyes_of_other_sizes_are_no_pair(scene, checkpoint, tmp_path, capsys):
    assert predict(scene, tmp_path / 'out', checkpoint, *eye(scene, 'small.png')) == 1
    assert 'both eyes must have one size' in capsys.readouterr().err


def test_a_diameter_without_a_class_is_that_of_all_shafts(scene, checkpoint, tmp_path):
    assert predict(scene, tmp_path / 'out', checkpoint, '--shaft-diameter', '8.5', '--outputs', 'labels') == 0
    assert json.loads((tmp_path / 'out/images.json').read_text())['info']['shaft_diameters'] == ['all=8.5']
