"""`mt3dnet predict` writes what is asked for, small, and ends quietly where its reader or its disk ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image
from support.small_network import save_small_checkpoint, tissue
from support.videos import clip_pictures, cut, damage, write_video

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load

TIMES = [0, 40, 80, 500, 540]


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('checkpoint') / 'small.safetensors')


@pytest.fixture
def image(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / 'one.png'), tissue(72, 96))
    return tmp_path / 'one.png'


def predict(source: Path, checkpoint: Path, *options: str) -> int:
    output = source.parent / 'out'
    return main(['predict', str(source), '--output', str(output), '--checkpoint', str(checkpoint), *options])


def written(image: Path) -> list[str]:
    return sorted(path.name for path in (image.parent / 'out').iterdir())


def listed(video: Path) -> list[dict[str, object]]:
    images: list[dict[str, object]] = json.loads((video.parent / 'out/images.json').read_text())['images']
    return images


@pytest.mark.parametrize(
    ('outputs', 'files'),
    [
        ('labels', ['images.json', 'labels']),
        ('labels, depth', ['depth', 'images.json', 'labels']),
        ('detections', ['detections.json', 'images.json']),
        ('overlay,parts', ['images.json', 'overlay', 'parts']),
    ],
)
def test_only_what_is_asked_for_is_written(image: Path, checkpoint: Path, outputs: str, files: list[str]) -> None:
    assert predict(image, checkpoint, '--outputs', outputs) == 0
    assert written(image) == files


@pytest.mark.parametrize(
    ('outputs', 'reason'),
    [('labels,masks', "'masks' is none of cloud, depth, detections"), (',', 'name at least one of')],
)
def test_an_unknown_output_is_refused_with_the_known(
    image: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str], outputs: str, reason: str
) -> None:
    with pytest.raises(SystemExit, match='2'):
        predict(image, checkpoint, '--outputs', outputs)
    assert reason in capsys.readouterr().err
    assert not (image.parent / 'out').exists()


def test_a_cloud_needs_a_camera_by_either_name(
    image: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predict(image, checkpoint, '--outputs', 'cloud,labels') == 1
    assert '--outputs cloud needs the camera of the pictures; add --calibration' in capsys.readouterr().err


def test_depth_is_compressed_without_loss_for_every_reader(tmp_path: Path) -> None:
    from mt3dnet_ros.perception.prediction.files import PredictionFiles

    (picture,) = clip_pictures(1, (1280, 720))
    perceiver = load(None, 'cpu')
    scene = perceiver(Frame(picture), None, frozenset({'depth', 'labels'}))
    assert scene.depth is not None
    depth = scene.depth.copy()
    depth[:50, :70] = np.nan
    cv2.imwrite(str(tmp_path / 'one.png'), picture)
    from dataclasses import replace

    from mt3dnet_ros.media.pictures import open_pictures

    (source,) = open_pictures(tmp_path / 'one.png')
    with PredictionFiles(tmp_path / 'out', perceiver.taxonomy) as files:
        files.write(source, replace(scene, depth=depth))
    path = tmp_path / 'out/depth/one.tiff'
    assert path.stat().st_size < 0.4 * depth.nbytes
    for read in (cv2.imread(str(path), cv2.IMREAD_UNCHANGED), tifffile.imread(path), np.array(Image.open(path))):
        np.testing.assert_array_equal(read, depth)


def test_the_film_and_the_listing_keep_the_times_of_the_video(tmp_path: Path, checkpoint: Path) -> None:
    pictures = [tissue(72, 96, seed) for seed in range(len(TIMES))]
    video = write_video(tmp_path / 'varying.mkv', pictures, times=TIMES)
    assert predict(video, checkpoint) == 0
    assert [entry['seconds'] for entry in listed(video)] == pytest.approx([1e-3 * time for time in TIMES])
    stamps = [picture.stamp for picture in open_source(str(tmp_path / 'out/overlay.mp4'))]
    np.testing.assert_allclose(stamps, 1e6 * np.array(TIMES), atol=1e5)


def test_a_damaged_video_gives_what_it_has_says_so_and_ends_with_1(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = write_video(tmp_path / 'whole.avi', clip_pictures(25, (160, 128)), 'mjpeg', 'yuvj420p')
    assert predict(damage(video, 4), checkpoint) == 1
    said = capsys.readouterr()
    entries = listed(video)
    damaged = sum('damaged' in entry for entry in entries)
    assert len(entries) >= 21 and 0 < damaged < 8
    assert f"damaged_whole.avi' is damaged: {25 - len(entries)} pictures missing, {damaged} damaged" in said.err
    assert f'predictions of {len(entries)} pictures' in said.out


def test_a_cut_video_ends_with_1_unless_only_its_beginning_was_asked_for(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = cut(write_video(tmp_path / 'whole.avi', clip_pictures(25, (160, 128)), 'mjpeg', 'yuvj420p'))
    assert predict(video, checkpoint) == 1
    assert 'pictures missing' in capsys.readouterr().err
    assert predict(video, checkpoint, '--limit', '3', '--overwrite') == 0


def run(*words: str, limit: int = 0, check: bool = False) -> subprocess.Popen[str]:
    before = f'import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}));' if limit else ''
    script = f'{before}import sys; from mt3dnet_ros.commands.main import main; sys.exit(main())'
    return subprocess.Popen(
        [sys.executable, '-c', script, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize('words', [['predict', '--help'], ['card'], ['evaluate', '--help']])
def test_a_reader_that_has_enough_is_no_error(words: list[str]) -> None:
    process = run(*words)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()  # as `| head -0` does
    assert process.stderr.read() == ''
    assert process.wait() in (0, 141)


def test_predict_into_head_is_quiet(image: Path, checkpoint: Path) -> None:
    command = ['predict', str(image), '--output', str(image.parent / 'out'), '--checkpoint', str(checkpoint)]
    process = run(*command)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ''
    assert process.wait() == 141
    assert 'images.json' in written(image), 'the files are there'


def test_a_full_disk_is_told_with_the_file_and_a_remedy(image: Path, checkpoint: Path) -> None:
    out = str(image.parent / 'out')
    process = run('predict', str(image), '--output', out, '--checkpoint', str(checkpoint), limit=2000)
    _, said = process.communicate()
    assert process.returncode == 1
    (line,) = said.splitlines()
    assert line.startswith(f"mt3dnet predict: '{out}{os.sep}")
    assert 'it would be larger than the file system, or a limit of this process (ulimit -f), allows' in line
    assert all(path.stat().st_size < 2000 for path in (image.parent / 'out').rglob('*.*')), 'no half file'


def test_an_output_folder_that_may_not_be_made_is_named(image: Path, checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    process = run('predict', str(image), '--output', str(tmp_path / 'file' / 'out'), '--checkpoint', str(checkpoint))
    _, said = process.communicate()
    assert (process.returncode, 'Errno' in said) == (1, False)
    assert "file/out/depth': a part of the path is a file; name another folder" in said
