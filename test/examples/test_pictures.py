"""An image, and a video, in Python."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import cv2
import numpy as np
from support.examples import run_example
from support.paths import ROOT

CALIBRATION = ROOT / 'config' / 'demo' / 'camera.yaml'


def test_image_is_described_drawn_and_written_as_points(image: Path, clip_frame: np.ndarray, tmp_path: Path) -> None:
    printed = run_example('image.py', image, '--calibration', CALIBRATION, '--output', tmp_path)
    assert '2 instruments' in printed and printed.count('has its tip at') == 2
    assert 'guess' not in printed
    overlay = cv2.imread(str(tmp_path / 'overlay.png'))
    assert overlay.shape == clip_frame.shape
    changed = (overlay[..., ::-1] != clip_frame).any(-1)
    assert 0.05 < changed.mean() < 0.9, 'instruments alone are coloured'
    header = (tmp_path / 'scene.ply').read_bytes().partition(b'end_header')[0].decode()
    points = int(header.partition('element vertex ')[2].split()[0])
    assert f'({points} points)' in printed and points > 50_000


def test_without_an_image_and_a_calibration_the_clip_is_taken_and_the_guess_is_called_one(tmp_path: Path) -> None:
    printed = run_example('image.py', '--output', tmp_path)
    assert 'millimetres are guesses' in printed and '640 x 512 pixels' in printed


def test_video_becomes_files_and_a_table_of_tips(tmp_path: Path) -> None:
    assert '3 frames' in run_example('video.py', '--calibration', CALIBRATION, '--output', tmp_path, '--limit', '3')
    with (tmp_path / 'tips.csv').open() as table:
        rows = list(csv.DictReader(table))
    assert sorted({float(row['seconds']) for row in rows}) == [0.04, 0.08, 0.12]
    assert all(20.0 < float(row['z_mm']) < 120.0 and math.isfinite(float(row['x_mm'])) for row in rows)
    assert {path.name for path in (tmp_path / 'labels').iterdir()} == {f'{number:06d}.png' for number in range(3)}
    film = cv2.VideoCapture(str(tmp_path / 'overlay.mp4'))
    assert [film.read()[0] for _ in range(4)] == [True, True, True, False]
