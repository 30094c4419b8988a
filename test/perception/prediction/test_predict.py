"""`mt3dnet predict` writes what the network sees in files that other programs read, and refuses what it cannot do."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from support.calibration_file import write_calibration
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.media.calibration_file import camera_from_calibration, read_calibration_file
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load

SIZE = (72, 96)


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('checkpoint') / 'small.safetensors')


@pytest.fixture
def camera_file(tmp_path: Path) -> Path:
    write_calibration(tmp_path / 'camera.yaml', SIZE[1], SIZE[0])
    return tmp_path / 'camera.yaml'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / 'my frames').mkdir()
    for index, name in enumerate(('frame 9.PNG', 'frame 10.png', 'last.Jpg')):
        write_picture(tmp_path / 'my frames' / name, index)
    return tmp_path / 'my frames'


def write_picture(path: Path, seed: int = 0, size: tuple[int, int] = SIZE) -> np.ndarray:
    bgr = tissue(*size, seed)
    assert cv2.imwrite(str(path), bgr)
    return bgr[..., ::-1]


def write_video(path: Path, count: int = 4, size: tuple[int, int] = SIZE) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 12.5, size[::-1])
    for index in range(count):
        writer.write(tissue(*size, index))
    writer.release()


def predict(source: Path | str, output: Path | str, checkpoint: Path, *options: str) -> int:
    return main(['predict', str(source), '--output', str(output), '--checkpoint', str(checkpoint), *options])


def read(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None, path
    return image


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def count_frames(video: Path) -> int:
    capture, count = cv2.VideoCapture(str(video)), 0
    while capture.read()[0]:
        count += 1
    return count


def test_files_hold_what_the_perceiver_sees(tmp_path: Path, checkpoint: Path, camera_file: Path) -> None:
    rgb = write_picture(tmp_path / 'one.png')
    options = '--calibration', str(camera_file), '--clouds', '--score-threshold', '0.1'
    assert predict(tmp_path / 'one.png', tmp_path / 'out', checkpoint, *options) == 0
    perceiver = load(checkpoint, 'cpu')
    scene = perceiver(Frame(rgb), camera_from_calibration(read_calibration_file(camera_file)))
    for kind in ('labels', 'parts', 'instances'):
        np.testing.assert_array_equal(read(tmp_path / 'out' / kind / 'one.png'), getattr(scene, kind))
    assert len(np.unique(scene.labels)) > 1
    for depth in (read(tmp_path / 'out/depth/one.tiff'), tifffile.imread(tmp_path / 'out/depth/one.tiff')):
        assert depth.dtype == np.float32
        np.testing.assert_allclose(depth, scene.depth, rtol=1e-5)
    known = int(np.isfinite(scene.cloud.xyz).all(-1).sum())
    assert f'element vertex {known}\n'.encode() in (tmp_path / 'out/clouds/one.ply').read_bytes()
    assert known > 0


def test_detections_are_coco_results_whose_ids_the_listing_resolves(tmp_path: Path, checkpoint: Path) -> None:
    pycocotools = pytest.importorskip('pycocotools.coco')
    write_video(tmp_path / 'clip.avi')
    assert predict(tmp_path / 'clip.avi', tmp_path / 'out', checkpoint, '--score-threshold', '0.1') == 0
    results = json.loads((tmp_path / 'out/detections.json').read_text())
    assert results and all(
        set(result) >= {'image_id', 'category_id', 'bbox', 'score', 'position', 'axis'} for result in results
    )
    coco = pycocotools.COCO(str(tmp_path / 'out/images.json'))
    loaded = coco.loadRes(str(tmp_path / 'out/detections.json'))
    assert [image['stem'] for image in coco.loadImgs(coco.getImgIds())] == ['000000', '000001', '000002', '000003']
    for detection in loaded.loadAnns(loaded.getAnnIds()):
        stem = coco.loadImgs(detection['image_id'])[0]['stem']
        labels = read(tmp_path / f'out/labels/{stem}.png')
        x, y, width, height = detection['bbox']
        assert (labels[y : y + height, x : x + width] == detection['category_id']).any()
        assert coco.loadCats(detection['category_id'])[0]['name'] != 'background'


def test_folder_gives_a_file_per_image_and_a_film(folder: Path, tmp_path: Path, checkpoint: Path) -> None:
    assert predict(folder, tmp_path / 'out', checkpoint) == 0
    assert names(tmp_path / 'out') == [
        'depth',
        'detections.json',
        'images.json',
        'instances',
        'labels',
        'overlay.mp4',
        'parts',
        'tracks.json',
        'tracks.txt',
    ]
    assert names(tmp_path / 'out/labels') == ['frame 10.png', 'frame 9.png', 'last.png']
    listed = json.loads((tmp_path / 'out/images.json').read_text())['images']
    assert [image['file_name'] for image in listed] == ['frame 9.PNG', 'frame 10.png', 'last.Jpg']
    assert count_frames(tmp_path / 'out/overlay.mp4') == 3


def test_video_gives_numbered_files_and_a_film_of_its_rate(tmp_path: Path, checkpoint: Path) -> None:
    write_video(tmp_path / 'CLIP.AVI')
    assert predict(tmp_path / 'CLIP.AVI', tmp_path / 'out', checkpoint, '--limit', '3') == 0
    assert names(tmp_path / 'out/depth') == ['000000.tiff', '000001.tiff', '000002.tiff']
    assert count_frames(tmp_path / 'out/overlay.mp4') == 3
    rate = cv2.VideoCapture(str(tmp_path / 'out/overlay.mp4')).get(cv2.CAP_PROP_FPS)
    assert rate == pytest.approx(12.5, rel=0.01)


def test_single_image_gives_a_picture_instead_of_a_film(tmp_path: Path, checkpoint: Path) -> None:
    write_picture(tmp_path / 'one.png', size=(71, 95))
    assert predict(tmp_path / 'one.png', tmp_path / 'out', checkpoint) == 0
    assert read(tmp_path / 'out/overlay/one.png').shape == (71, 95, 3)
    assert not (tmp_path / 'out/overlay.mp4').exists()


def test_paths_are_understood_as_a_shell_may_leave_them(
    folder: Path,
    tmp_path: Path,
    checkpoint: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.chdir(folder)
    assert main(['predict', 'frame 9.PNG', '--output=~/deep/er', '--checkpoint', str(checkpoint)]) == 0
    assert names(tmp_path / 'deep/er/labels') == ['frame 9.png']


def test_shipped_checkpoint_is_the_default(tmp_path: Path) -> None:
    write_picture(tmp_path / 'one.png')
    assert main(['predict', str(tmp_path / 'one.png'), '--output', str(tmp_path / 'out')]) == 0
    assert json.loads((tmp_path / 'out/images.json').read_text())['info']['checkpoint'] == 'mt3dnet_lite0.safetensors'


@pytest.mark.parametrize('calibrated', [True, False])
def test_depth_is_scaled_by_the_camera_or_said_not_to_be(
    tmp_path: Path,
    checkpoint: Path,
    camera_file: Path,
    calibrated: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_picture(tmp_path / 'one.png')
    options = ['--calibration', str(camera_file)] if calibrated else []
    assert predict(tmp_path / 'one.png', tmp_path / 'out', checkpoint, *options) == 0
    assert ('focal length of 260 pixels' in capsys.readouterr().out) is not calibrated
    info = json.loads((tmp_path / 'out/images.json').read_text())['info']
    assert info['calibrated'] is calibrated
    assert ('without a calibration' in info['depth']) is not calibrated


def test_rectified_pictures_are_seen_through_the_projection_matrix(
    tmp_path: Path,
    checkpoint: Path,
    camera_file: Path,
) -> None:
    write_picture(tmp_path / 'one.png')
    medians = []
    for options in ([], ['--rectified']):
        output = tmp_path / f'out{len(options)}'
        assert predict(tmp_path / 'one.png', output, checkpoint, '--calibration', str(camera_file), *options) == 0
        medians.append(np.nanmedian(read(output / 'depth/one.tiff')))
    # calibration_file.py: K has 100 and 110 pixels, of which perception takes the geometric mean; P has 90
    assert medians[1] / medians[0] == pytest.approx(90 / np.sqrt(100 * 110), rel=1e-4)
