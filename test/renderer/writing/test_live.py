"""Frames that are rendered when they are asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import yaml
from torch.utils.data import DataLoader

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import TUBES, folder_without_meshes

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.writing.live import LiveFrames
from mt3dnet_ros.renderer.writing.write import write_data_set


@pytest.fixture(scope='module')
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp('data')
    folder_without_meshes(folder)
    return RenderPlan(folder, TUBES, train=3, val=1, test=0, height=48, width=60, oversampling=1.0)


def test_frames_are_those_that_a_render_would_write(plan, tmp_path):
    write_data_set(plan, tmp_path)
    live, written = LiveFrames(plan, 'train'), RenderedFrames(tmp_path, 'train')
    assert live.names == written.names
    for field in ('name', 'image', 'types', 'parts', 'instances', 'camera'):
        np.testing.assert_array_equal(getattr(live[2], field), getattr(written[2], field))
    np.testing.assert_allclose(live[2].depth, written[2].depth, rtol=1e-3)
    assert len(live) == 3 and live.taxonomy.names == written.taxonomy.names


def test_a_loader_gives_the_same_frames_in_any_order(plan):
    frames = LiveFrames(plan, 'train')
    loaded = list(DataLoader(frames, batch_size=None, sampler=[2, 0], collate_fn=lambda frame: frame))
    assert [frame.name for frame in loaded] == ['train/000002', 'train/000000']
    np.testing.assert_array_equal(loaded[0].image, frames[2].image)


def test_frames_that_the_plan_lacks_are_refused(plan):
    with pytest.raises(IndexError):
        LiveFrames(plan, 'train')[3]
    with pytest.raises(DatasetError, match="split 'test' has no frames; the plan has 3 for train, 1 for val"):
        LiveFrames(plan, 'test')
    with pytest.raises(DatasetError, match='write them with `mt3dnet render`'):
        LiveFrames(replace(plan, frames_per_sequence=2), 'train')


@pytest.fixture
def write(tmp_path):
    def save(**content) -> str:
        path = tmp_path / 'plan.yaml'
        path.write_text(yaml.safe_dump(content))
        return str(path)

    return save


def test_a_plan_is_read_by_the_name_of_its_data_set(write, tmp_path):
    frames = open_frames(
        'rendered_live', write(data='meshes', domain='endoscope', train=7, width=64, height=48), 'train'
    )
    assert len(frames) == 7
    assert frames.plan.data == tmp_path / 'meshes'
    assert (frames.plan.width, frames.plan.seed) == (64, 0)


@pytest.mark.parametrize(
    ('content', 'complaint'),
    [
        ({'data': 'meshes', 'frames': 3}, r"key 'frames' is not known \(known: data, dvrk_model, domain, train"),
        ({'data': 3}, "'data' must be a text, got 3"),
        ({'train': -1}, "'train' must be a whole number from 0 on, got -1"),
        ({'data': 'meshes', 'train': 2.5}, "'train' must be a whole number from 0 on, got 2.5"),
        ({'data': 'meshes', 'oversampling': 'much'}, "'oversampling' must be a number from 0 on, got 'much'"),
    ],
)
def test_a_wrong_plan_is_named(write, content, complaint):
    with pytest.raises(DatasetError, match=complaint):
        open_frames('rendered_live', write(**content), 'train')


def test_a_plan_must_be_a_mapping(tmp_path):
    (tmp_path / 'plan.yaml').write_text('- a list')
    with pytest.raises(DatasetError, match='must map keys to values'):
        open_frames('rendered_live', tmp_path / 'plan.yaml', 'train')


def test_a_plan_without_meshes_has_tools_of_simple_shapes(write):
    frame = open_frames('rendered_live', write(train=2, width=60, height=48), 'train')[1]
    assert frame.image.shape == (48, 60, 3) and frame.depth.max() > 0


def test_a_missing_plan_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"nowhere\.yaml' cannot be read"):
        open_frames('rendered_live', tmp_path / 'nowhere.yaml', 'train')
