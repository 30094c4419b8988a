"""`mt3dnet predict` writes saliency and scanpaths of a network that gives them, with its memory of the film."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.calibration_file import write_calibration
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.settings import Settings

SIZE = (72, 96)
FRAME_TIME = 40_000_000  # of a folder: 25 pictures per second


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('checkpoint') / 'small.safetensors', saliency=True)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('film')
    for index in range(3):
        assert cv2.imwrite(str(folder / f'frame{index}.png'), tissue(*SIZE, index))
    return folder


@pytest.fixture(scope='module')
def output(folder: Path, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the predictions on the folder, with a camera."""
    place = tmp_path_factory.mktemp('predicted')
    write_calibration(place / 'camera.yaml', SIZE[1], SIZE[0])
    predict(folder, place / 'out', checkpoint, '--score-threshold', '0.1', '--calibration', str(place / 'camera.yaml'))
    return place / 'out'


def predict(source: Path, output: Path, checkpoint: Path, *options: str) -> None:
    assert main(['predict', str(source), '--output', str(output), '--checkpoint', str(checkpoint), *options]) == 0


def read(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None, path
    return image


def scanpaths(output: Path) -> list[dict]:
    return json.loads((output / 'scanpath.json').read_text())


def test_pictures_of_a_folder_are_seen_as_a_film(output: Path, folder: Path, checkpoint: Path) -> None:
    perceiver = load(checkpoint, 'cpu')
    for index in range(3):
        frame = Frame(read(folder / f'frame{index}.png')[..., ::-1], (index + 1) * FRAME_TIME)
        saliency = perceiver(frame, None, {'saliency'}).saliency
        np.testing.assert_array_equal(read(output / f'saliency/frame{index}.png'), saliency)
    perceiver.reset()
    alone = perceiver(frame, None, {'saliency'}).saliency
    assert not np.array_equal(alone, saliency), 'memory matters'


def test_scanpath_names_instruments_by_order_with_pixel_and_point(output: Path) -> None:
    found = scanpaths(output)
    assert [(entry['image_id'], entry['stem']) for entry in found] == [(1, 'frame0'), (2, 'frame1'), (3, 'frame2')]
    fixations = [(entry['stem'], fixation) for entry in found for fixation in entry['fixations']]
    assert fixations
    for stem, fixation in fixations:
        x, y = fixation['pixel']
        assert 0 <= x < SIZE[1] and 0 <= y < SIZE[0] and fixation['point'][2] > 0.0
        assert (read(output / f'instances/{stem}.png') == fixation['instance']).any()
    for entry in found:
        weights = [fixation['weight'] for fixation in entry['fixations']]
        assert weights == sorted(weights, reverse=True)
        assert [fixation['order'] for fixation in entry['fixations']] == list(range(1, len(weights) + 1))


def test_points_are_unknown_without_a_camera_and_single_pictures_stand_alone(
    folder: Path,
    checkpoint: Path,
    tmp_path: Path,
) -> None:
    predict(folder / 'frame2.png', tmp_path / 'out', checkpoint, '--score-threshold', '0.1', '--overlay-saliency')
    (entry,) = scanpaths(tmp_path / 'out')
    assert entry['fixations'] and all(fixation['point'] is None for fixation in entry['fixations'])
    perceiver = load(checkpoint, 'cpu', settings=Settings(score_threshold=0.1, overlay_saliency=True))
    rgb = read(folder / 'frame2.png')[..., ::-1]
    scene = perceiver(Frame(rgb), None)
    np.testing.assert_array_equal(read(tmp_path / 'out/saliency/frame2.png'), scene.saliency)
    np.testing.assert_array_equal(read(tmp_path / 'out/overlay/frame2.png')[..., ::-1], scene.overlay)


def test_network_without_saliency_writes_none(folder: Path, tmp_path: Path) -> None:
    plain = save_small_checkpoint(tmp_path / 'plain.safetensors')
    predict(folder / 'frame0.png', tmp_path / 'out', plain)
    assert not {'saliency', 'scanpath.json'} & {path.name for path in (tmp_path / 'out').iterdir()}
