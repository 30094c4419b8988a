"""`mt3dnet predict` does not overwrite, mix up or silently leave out anything."""

from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.calibration_file import write_calibration
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.perception.prediction.files import fit_picture


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('checkpoint') / 'small.safetensors')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / 'frames'
    folder.mkdir()
    for index in range(2):
        cv2.imwrite(str(folder / f'good{index}.png'), tissue(72, 96, index))
    return folder


def predict(source: Path, output: Path, checkpoint: Path, *options: str) -> int:
    return main(['predict', str(source), '--output', str(output), '--checkpoint', str(checkpoint), *options])


def stems(output: Path) -> list[str]:
    return [image['stem'] for image in json.loads((output / 'images.json').read_text())['images']]


def test_bad_picture_is_named_and_the_others_are_written(
    folder: Path,
    tmp_path: Path,
    checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / 'bad.png').write_bytes(b'no picture')
    assert predict(folder, tmp_path / 'out', checkpoint) == 1
    assert stems(tmp_path / 'out') == ['good0', 'good1']
    said = capsys.readouterr().err
    assert '1 of 3 pictures could not be predicted on' in said
    assert "bad.png' cannot be decoded" in said


@pytest.mark.parametrize('cut', [False, True])
def test_only_a_video_that_ends_early_is_said_to(
    cut: bool,
    tmp_path: Path,
    checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    video = tmp_path / 'film.avi'
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter_fourcc(*'MJPG'), 12.5, (96, 72))
    for index in range(8):
        writer.write(tissue(72, 96, index))
    writer.release()
    whole = video.read_bytes()
    video.write_bytes(whole[: len(whole) // 2] if cut else whole)
    assert predict(video, tmp_path / 'out', checkpoint) == cut
    read = len(stems(tmp_path / 'out'))
    assert (0 < read < 8) is cut
    assert (f'is damaged: {8 - read} pictures missing' in capsys.readouterr().err) is cut


def test_without_a_single_good_picture_nothing_is_written(folder: Path, tmp_path: Path, checkpoint: Path) -> None:
    for path in folder.iterdir():
        path.write_bytes(b'no picture')
    assert predict(folder, tmp_path / 'out', checkpoint) == 1
    assert not (tmp_path / 'out').exists()


def test_picture_of_another_aspect_than_the_calibration_is_named(
    folder: Path,
    tmp_path: Path,
    checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_calibration(tmp_path / 'camera.yaml', 96, 72)
    cv2.imwrite(str(folder / 'wide.png'), tissue(48, 96))
    assert predict(folder, tmp_path / 'out', checkpoint, '--calibration', str(tmp_path / 'camera.yaml')) == 1
    assert 'wide.png: the calibration describes 96 x 72 pixels, the image has 96 x 48' in capsys.readouterr().err
    assert stems(tmp_path / 'out') == ['good0', 'good1']


def test_calibration_of_another_camera_ends_the_run(
    folder: Path,
    tmp_path: Path,
    checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_calibration(tmp_path / 'camera.yaml', 96, 48)
    assert predict(folder, tmp_path / 'out', checkpoint, '--calibration', str(tmp_path / 'camera.yaml')) == 1
    assert 'mt3dnet predict: the calibration describes 96 x 48 pixels' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_pictures_of_several_sizes_share_a_film(folder: Path, tmp_path: Path, checkpoint: Path) -> None:
    cv2.imwrite(str(folder / 'portrait.png'), tissue(101, 63))
    assert predict(folder, tmp_path / 'out', checkpoint) == 0
    film = cv2.VideoCapture(str(tmp_path / 'out/overlay.mp4'))
    shapes = [film.read()[1].shape for _ in range(3)]
    assert shapes == [(72, 96, 3)] * 3


def test_fitted_picture_is_centred_on_black() -> None:
    fitted = fit_picture(np.full((40, 20, 3), 200, np.uint8), (20, 40))
    assert (fitted[:, 15:25] == 200).all()
    assert not fitted[:, :15].any() and not fitted[:, 25:].any()


def test_earlier_predictions_stay_unless_told_otherwise(
    folder: Path,
    tmp_path: Path,
    checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert predict(folder, tmp_path / 'out', checkpoint) == 0
    assert predict(folder, tmp_path / 'out', checkpoint, '--limit', '1') == 1
    assert "out' is not empty; name another folder, or add --overwrite" in capsys.readouterr().err
    assert stems(tmp_path / 'out') == ['good0', 'good1']
    assert predict(folder, tmp_path / 'out', checkpoint, '--limit', '1', '--overwrite') == 0
    assert stems(tmp_path / 'out') == ['good0']


def test_input_is_never_overwritten(folder: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = folder.parent / 'labels'
    folder.rename(labels)
    before = (labels / 'good0.png').read_bytes()
    assert predict(labels, folder.parent, checkpoint, '--overwrite') == 1
    assert 'holds the input' in capsys.readouterr().err
    assert (labels / 'good0.png').read_bytes() == before


def test_two_pictures_of_one_name_are_refused(
    folder: Path,
    tmp_path: Path,
    checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cv2.imwrite(str(folder / 'good0.jpg'), tissue(72, 96))
    assert predict(folder, tmp_path / 'out', checkpoint) == 1
    assert "'good0.jpg' and 'good0.png'" in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize(
    ('source', 'options', 'reason'),
    [
        ('missing.mp4', [], "input '.*missing.mp4' does not exist"),
        ('text.mp4', [], r"video '.*text\.mp4' cannot be opened"),
        ('empty', [], "folder '.*empty' has no image"),
        ('frames', ['--clouds'], '--clouds needs the camera of the pictures; add --calibration'),
        ('frames', ['--rectified'], '--rectified needs the camera of the pictures; add --calibration'),
        ('frames', ['--calibration', 'absent.yaml'], r"calibration 'absent\.yaml':? cannot be read"),
        ('frames', ['--device', 'cuda:99'], r"device 'cuda:99' is not there"),
        ('frames', ['--score-threshold', '2'], r'score_threshold 2\.0 must lie between 0 and 1'),
        ('frames', ['--type-threshold', '-1'], r'type_threshold -1\.0 must lie between 0 and 1'),
        ('frames', ['--output', 'text.mp4'], r"output 'text\.mp4' is not a folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    folder: Path,
    checkpoint: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    source: str,
    options: list[str],
    reason: str,
) -> None:
    monkeypatch.chdir(folder.parent)
    Path('text.mp4').write_text('no video')
    Path('empty').mkdir()
    assert predict(Path(source), Path('out'), checkpoint, *options) == 1
    assert re.fullmatch(f'mt3dnet predict: .*{reason}.*\n', capsys.readouterr().err)


def test_pictures_of_nothing_are_counted_and_marked(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(folder / 'black.png'), np.zeros((72, 96, 3), np.uint8))
    knowing = save_small_checkpoint(tmp_path / 'knowing.safetensors', view=True)
    assert predict(folder, tmp_path / 'out', knowing, '--view-threshold', '0') == 0
    assert 'nothing here, in 1 of them' in capsys.readouterr().out
    images = {image['stem']: image for image in json.loads((tmp_path / 'out' / 'images.json').read_text())['images']}
    assert images['black']['nothing'] == 'the picture shows no scene (blank)' and images['black']['view'] == 0.0
    assert 0.0 < images['good0']['view'] < 1.0 and 'nothing' not in images['good0']

    assert predict(folder, tmp_path / 'strict', knowing, '--view-threshold', '1') == 0
    assert 'nothing here, in 3 of them' in capsys.readouterr().out
    assert not cv2.imread(str(tmp_path / 'strict' / 'labels' / 'good0.png'), cv2.IMREAD_UNCHANGED).any()
