"""The command, from a checkpoint and labelled frames to a calibrated checkpoint."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from support.rendered_shapes import write_shapes
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.checkpoint_header import read_metadata
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.settings import Settings


@pytest.fixture(scope='module')
def shapes(tmp_path_factory):
    return write_shapes(tmp_path_factory.mktemp('shapes') / 'data', frames=12)


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')


@pytest.fixture(scope='module')
def calibrated(checkpoint, shapes, tmp_path_factory):
    output = tmp_path_factory.mktemp('calibrated') / 'net.safetensors'
    options = ['--checkpoint', str(checkpoint), '--output', str(output), '--device', 'cpu']
    assert main(['calibrate', '--dataset', 'rendered', '--data', str(shapes), *options]) == 0
    return output


def see(path, shapes, outputs):
    perceiver = make_perceiver(load_checkpoint(path), torch.device('cpu'), Settings(score_threshold=0.0))
    return perceiver(Frame(np.load(shapes / 'val' / 'images.npy')[0]), None, outputs)


def test_the_checkpoint_knows_its_calibration_and_on_what_it_was_found(calibrated, checkpoint):
    config = load_checkpoint(calibrated).config
    about = json.loads(read_metadata(calibrated)['calibration'])
    assert (about['dataset'], about['split'], about['frames']) == ('rendered', 'val', 12)
    assert tuple(about['temperatures']) == config.temperatures != (1.0, 1.0)
    assert tuple(about['score_line']) == config.score_line != (1.0, 0.0)
    neutral = replace(config, temperatures=(1.0, 1.0), score_line=(1.0, 0.0), known_depth=None)
    neutral = replace(neutral, scale_deviation=MT3DNetConfig.scale_deviation)
    neutral = replace(neutral, shape_deviation=MT3DNetConfig.shape_deviation)
    neutral = replace(neutral, tool_deviation=MT3DNetConfig.tool_deviation)
    assert neutral == load_checkpoint(checkpoint).config


def test_known_depth_is_that_of_the_frames_at_the_canonical_focal_length(calibrated, shapes):
    config, depth = load_checkpoint(calibrated).config, np.load(shapes / 'val' / 'depth.npy').astype(np.float32)
    height, width = depth.shape[1:]
    scale = config.canonical_focal / (100.0 * np.sqrt(config.input_size[0] / height * config.input_size[1] / width))
    least, largest = (scale * value for value in np.percentile(depth[depth > 0], (0.1, 99.9)))
    assert config.known_depth == (pytest.approx(least, rel=0.1), pytest.approx(largest, rel=0.1))


def test_the_checkpoint_knows_how_far_its_depth_is_from_the_truth(calibrated, checkpoint, shapes):
    frames = open_frames('rendered', shapes, 'val')
    perceiver = make_perceiver(load_checkpoint(checkpoint), torch.device('cpu'), Settings(max_depth=100.0))
    medians = []
    for frame in frames:
        predicted = perceiver(frame.image, frame.camera, {'depth'}).depth
        known = (frame.depth > 0) & np.isfinite(predicted)
        medians.append(np.median(np.log(frame.depth[known] / predicted[known])))
    config, about = load_checkpoint(calibrated).config, json.loads(read_metadata(calibrated)['calibration'])
    assert about['scale_bias'] == pytest.approx(np.mean(medians), rel=0.05)
    assert 1.96 * config.scale_deviation == pytest.approx(np.abs(medians).max(), rel=0.2)
    assert 0.0 < config.shape_deviation == about['shape_deviation']


def test_masks_move_by_parts_of_a_cell_at_most_and_confidence_changes(calibrated, checkpoint, shapes):
    before, after = (see(path, shapes, {'instances', 'confidence'}) for path in (checkpoint, calibrated))
    moved = ((before.instances > 0) != (after.instances > 0)).astype(np.uint8)
    assert cv2.erode(moved, np.ones((4, 4))).sum() == 0
    assert (before.confidence != after.confidence).any()


def test_calibrating_twice_finds_the_same(calibrated, shapes, tmp_path):
    again = tmp_path / 'again.safetensors'
    options = ['--checkpoint', str(calibrated), '--output', str(again), '--device', 'cpu']
    assert main(['calibrate', '--dataset', 'rendered', '--data', str(shapes), *options]) == 0
    assert load_checkpoint(again).config == load_checkpoint(calibrated).config


def test_a_network_with_a_view_head_learns_how_sure_it_may_be_of_a_view(shapes, tmp_path, capsys):
    initial = save_small_checkpoint(tmp_path / 'small.safetensors', view=True)
    output = tmp_path / 'net.safetensors'
    options = ['--checkpoint', str(initial), '--output', str(output), '--device', 'cpu']
    assert main(['calibrate', '--dataset', 'rendered', '--data', str(shapes), *options]) == 0
    about = json.loads(read_metadata(output)['calibration'])
    assert load_checkpoint(output).config.view_line == tuple(about['view_line']) != (1.0, 0.0)
    assert 0.0 <= about['views_told'] <= 1.0 and 0.0 <= about['nothing_told'] <= 1.0
    assert 'logit of a known view:' in capsys.readouterr().out


def test_a_device_that_is_not_there_is_said_in_one_line(checkpoint, shapes, tmp_path, capsys):
    options = ['--checkpoint', str(checkpoint), '--output', str(tmp_path / 'out.safetensors'), '--device', 'abacus']
    assert main(['calibrate', '--dataset', 'rendered', '--data', str(shapes), *options]) == 1
    assert 'abacus' in capsys.readouterr().err


def test_a_data_set_without_types_is_refused(checkpoint, tmp_path, capsys):
    (tmp_path / 'parts_masks').mkdir()
    (tmp_path / 'parts_masks' / 'one.png').touch()
    (tmp_path / 'images').mkdir()
    (tmp_path / 'images' / 'one.png').touch()
    options = ['--split', 'test', '--checkpoint', str(checkpoint), '--output', str(tmp_path / 'out.safetensors')]
    assert main(['calibrate', '--dataset', 'parts_folder', '--data', str(tmp_path), *options]) == 1
    assert 'the data set has no types' in capsys.readouterr().err
