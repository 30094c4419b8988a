"""The demo's clip: tools move over tissue that stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mt3dnet_ros.cli import main

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from mt3dnet_ros.datasets.renderer.clip import ClipPlan, calibration, clip_world
from mt3dnet_ros.datasets.renderer.domain_file import load_domain

DATA = Path(__file__).parents[3] / 'shared' / 'data'
PLAN = ClipPlan(DATA, load_domain('wide'), width=80, height=64)
needs_meshes = pytest.mark.skipif(not (DATA / 'dvrk_model').is_dir(), reason='../shared/data/dvrk_model is not there')


@needs_meshes
def test_tools_move_over_tissue_that_stays():
    first, later = clip_world(PLAN, 0.0), clip_world(PLAN, 1.0)
    for before, after in zip(first.tissue.surfaces, later.tissue.surfaces, strict=True):
        np.testing.assert_array_equal(before.vertices, after.vertices)
    assert [tool.instrument.class_id for tool in first.tools] == [1, 3]
    for before, after in zip(first.tools, later.tools, strict=True):
        assert np.linalg.norm(before.pose[:3, 3] - after.pose[:3, 3]) > 1e-3
        np.testing.assert_array_equal(before.finishes[0].albedo, after.finishes[0].albedo)


def test_calibration_is_that_of_the_camera():
    facts, camera = calibration(PLAN), PLAN.camera()
    assert (facts['image_width'], facts['image_height']) == (80, 64)
    assert facts['camera_matrix']['data'] == camera.matrix.ravel().tolist()


@pytest.mark.parametrize('command', ['render', 'render-clip'])
def test_an_unknown_domain_is_an_error_in_one_line(command, tmp_path, capsys):
    options = ['--data', str(DATA), '--output', str(tmp_path / 'out'), '--domain', 'tunnel']
    assert main([command, *options]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"mt3dnet {command}: domain 'tunnel' is unknown")
    assert error.count('\n') == 1
    assert not (tmp_path / 'out').exists()
