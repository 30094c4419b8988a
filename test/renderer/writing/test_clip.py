"""The demo's clip: a rendered sequence as a video, and the calibration that goes with it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import yaml

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.resources import package_file

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.camera.optics import with_distortion
from mt3dnet_ros.renderer.sequence import render_sequence, sequence_world
from mt3dnet_ros.renderer.writing.clip import SEQUENCE, calibration, clip_frames, clip_plan, write_clip

PLAN = clip_plan(None, None, seconds=0.08, seed=1)
SMALL = replace(PLAN, width=80, height=64, oversampling=1.0)
CAMERA = Camera(640, 512, 518.4, 518.4, 319.9, 255.9)


def facts_of(video: cv2.VideoCapture) -> tuple[float, ...]:
    names = (cv2.CAP_PROP_FRAME_COUNT, cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    return tuple(video.get(name) for name in names)


def test_a_clip_shows_the_sequence_that_render_would_write():
    shown, written = list(clip_frames(SMALL)), render_sequence(SMALL, *SEQUENCE)
    assert len(shown) == len(written) == 2
    for first, second in zip(shown, written, strict=True):
        np.testing.assert_array_equal(first.image, second.image)


def test_a_clip_is_a_video_beside_its_calibration(tmp_path):
    write_clip(SMALL, tmp_path)
    assert facts_of(cv2.VideoCapture(str(tmp_path / 'clip.mp4'))) == (2, 25, 80, 64)
    facts = yaml.safe_load((tmp_path / 'camera.yaml').read_text())
    assert (facts['image_width'], facts['image_height']) == (80, 64)
    assert facts['camera_matrix']['data'][0] == pytest.approx(0.81 * 80)


def test_a_calibration_tells_of_the_lens_if_there_is_one():
    bent = replace(CAMERA, distortion_model='plumb_bob', distortion=(0.1, 0.02, 0.001, -0.002))
    assert calibration(CAMERA)['distortion_coefficients']['data'] == [0.0, 0.0, 0.0, 0.0, 0.0]
    assert calibration(bent)['distortion_coefficients']['data'] == [0.1, 0.02, 0.001, -0.002, 0.0]


def test_the_shipped_calibration_is_that_of_the_shipped_scene():
    shipped = yaml.safe_load(package_file('config', 'demo', 'camera.yaml').read_text())
    camera = sequence_world(PLAN, *SEQUENCE).rest.camera
    assert with_distortion(np.random.default_rng(0), camera, PLAN.domain.camera.lens) == camera
    assert shipped == calibration(camera.resized(PLAN.width, PLAN.height))


def test_the_shipped_clip_lasts_eight_seconds():
    assert facts_of(cv2.VideoCapture(str(package_file('config', 'demo', 'clip.mp4')))) == (200, 25, 640, 512)


def test_a_video_in_which_nothing_can_move_is_refused(tmp_path, capsys):
    assert main(['render-clip', '--output', str(tmp_path / 'out'), '--seconds', '0.04']) == 1
    assert capsys.readouterr().err == (
        'mt3dnet render-clip: 0.04 seconds are 1 frames at 25 per second; give more than 0.06\n'
    )


@pytest.mark.parametrize('command', ['render', 'render-clip'])
def test_an_unknown_domain_is_an_error_in_one_line(command, tmp_path, capsys):
    assert main([command, '--output', str(tmp_path / 'out'), '--domain', 'tunnel']) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"mt3dnet {command}: domain 'tunnel' is unknown")
    assert error.count('\n') == 1
    assert not (tmp_path / 'out').exists()
