"""``mt3dnet reconstruct``: a film becomes a surface, its camera's path, and a film of it."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from support.paths import ROOT

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.media.pictures import Picture
from mt3dnet_ros.reconstruction.pictures import PictureReconstruction
from mt3dnet_ros.reconstruction.trajectory import read_trajectory

o3d = pytest.importorskip('open3d')
CLIP, CALIBRATION = str(ROOT / 'config/demo/clip.mp4'), str(ROOT / 'config/demo/camera.yaml')
FRAMES = 6


def reconstruct(output: Path, *options: str, source: str = CLIP) -> int:
    words = ['reconstruct', source, '--calibration', CALIBRATION, '--output', str(output), '--width', '160', *options]
    return main(words)


def test_a_film_becomes_a_surface_a_path_and_a_film_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reconstruct(tmp_path / 'surface', '--limit', str(FRAMES)) == 0
    assert f'{FRAMES} of {FRAMES} pictures were fused' in capsys.readouterr().out
    folder = tmp_path / 'surface' / 'map_1'
    points = o3d.t.io.read_point_cloud(str(folder / 'surface.ply')).point.positions.numpy()
    assert len(points) > 1000 and 0.02 < np.median(points[:, 2]) < 0.3
    assert len(o3d.io.read_triangle_mesh(str(folder / 'surface.glb')).triangles) > 1000
    path = read_trajectory(folder / 'trajectory.txt')
    assert len(path) == FRAMES
    np.testing.assert_allclose(path[0].pose, np.eye(4), atol=1e-6)
    with av.open(str(tmp_path / 'surface' / 'film.mp4')) as film:
        pictures = [frame.to_ndarray(format='rgb24') for frame in film.decode(video=0)]
    assert len(pictures) == FRAMES and pictures[0].shape == (128, 3 * 160, 3)
    assert {'tracks.json', 'tracks.txt'} <= {file.name for file in (tmp_path / 'surface').iterdir()}


def test_given_poses_are_the_path_and_a_picture_without_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / 'poses.txt').write_text(''.join(f'{0.04 * n:.2f} 1 2 3 0 0 0 1\n' for n in range(3)))
    assert reconstruct(tmp_path / 'out', '--limit', '6', '--no-film', '--poses', str(tmp_path / 'poses.txt')) == 0
    printed = capsys.readouterr()
    path = read_trajectory(tmp_path / 'out' / 'map_1' / 'trajectory.txt')
    assert 3 <= len(path) < 6 and f'{len(path)} of 6 pictures were fused' in printed.out
    assert '0 of 6 pictures had their depth measured by parallax' in printed.out  # the camera stands still
    assert f'{6 - len(path)} pictures: the pose of the camera is not known' in printed.err
    assert all(np.allclose(pose.pose[:3, 3], [1.0, 2.0, 3.0], rtol=0.0, atol=0.005) for pose in path)
    assert not (tmp_path / 'out' / 'film.mp4').exists()


def test_what_was_fused_before_an_interruption_is_kept_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add = PictureReconstruction.add

    def interrupted(work: PictureReconstruction, picture: Picture) -> object:
        if work.seen == 2:
            raise KeyboardInterrupt
        return add(work, picture)

    monkeypatch.setattr(PictureReconstruction, 'add', interrupted)
    assert reconstruct(tmp_path / 'out') == 130
    assert 'interrupted after 2 pictures: their surface, path, tracks and film are kept' in capsys.readouterr().err
    assert len(read_trajectory(tmp_path / 'out' / 'map_1' / 'trajectory.txt')) == 2
    with av.open(str(tmp_path / 'out' / 'film.mp4')) as film:
        assert len(list(film.decode(video=0))) == 2
    assert {'surface.ply', 'surface.glb'} <= {file.name for file in (tmp_path / 'out' / 'map_1').iterdir()}


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / 'mine.txt').write_text('mine')
    assert reconstruct(tmp_path) == 1
    assert 'is not empty; name another folder, or add --overwrite' in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ['mine.txt']


def test_a_single_picture_is_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / 'one.png'), np.zeros((64, 80, 3), np.uint8))
    assert reconstruct(tmp_path / 'out', source=str(tmp_path / 'one.png')) == 1
    assert 'a surface is fused of a film' in capsys.readouterr().err


def test_a_film_in_which_nothing_is_seen_gives_no_surface_and_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / 'black').mkdir()
    for number in range(2):
        cv2.imwrite(str(tmp_path / 'black' / f'{number}.png'), np.zeros((512, 640, 3), np.uint8))
    assert reconstruct(tmp_path / 'out', source=str(tmp_path / 'black')) == 1
    printed = capsys.readouterr()
    assert '0 of 2 pictures were fused' in printed.out and '2 pictures: ' in printed.err
    assert not (tmp_path / 'out' / 'map_1').exists()
