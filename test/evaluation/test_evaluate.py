"""The command, from a checkpoint and a data set on disk to a report."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import torch
from support.rendered_shapes import write_shapes
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import make_perceiver

FRAMES = 3


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')


@pytest.fixture(scope='module')
def shapes(tmp_path_factory):
    return write_shapes(tmp_path_factory.mktemp('shapes') / 'data', frames=FRAMES)


@pytest.fixture(scope='module')
def output(checkpoint, shapes, tmp_path_factory):
    folder = tmp_path_factory.mktemp('report')
    arguments = ['--dataset', 'rendered', '--data', str(shapes), '--checkpoint', str(checkpoint), '--device', 'cpu']
    assert main(['evaluate', *arguments, '--split', 'val', '--output', str(folder)]) == 0
    return folder


def test_every_section_is_measured_on_rendered_frames(output):
    report = json.loads((output / 'report.json').read_text())
    sections = {'instrument', 'types', 'parts', 'detection', 'depth', 'reliability', 'time'}
    assert report.keys() == {'setting', 'saliency', 'steadiness', 'tracks', 'type_doubt', *sections}
    assert all(report[section]['metrics'] for section in sections)
    assert report['saliency'] == {'skipped': 'the network predicts no saliency'}
    assert 'no two consecutive frames' in report['steadiness']['skipped'], 'these are stills'
    assert report['type_doubt'] == {'skipped': 'no instrument whose type is known was found'}
    assert report['setting']['frames'] == f'{FRAMES} of {FRAMES}' and report['setting']['split'] == 'val'


def test_the_reported_accuracy_is_that_of_the_network_on_the_frames(output, checkpoint, shapes):
    perceiver = make_perceiver(load_checkpoint(checkpoint), torch.device('cpu'))
    images, types = np.load(shapes / 'val' / 'images.npy'), np.load(shapes / 'val' / 'types.npy')
    seen = [perceiver(Frame(image), None, {'labels'}).labels for image in images]
    metric = json.loads((output / 'report.json').read_text())['types']['metrics']['dice_micro']
    assert metric == {'value': pytest.approx((np.stack(seen) == types).mean()), 'n': types.size, 'of': 'pixels'}


def test_pictures_are_drawn_and_shown_in_the_report(output):
    names = {path.name for path in output.glob('*.png')}
    assert names == {
        'types_confusion.png', 'types_dice.png', 'parts_confusion.png', 'parts_dice.png', 'precision_recall.png',
        'depth_errors.png', 'reliability.png',
    }  # fmt: skip
    markdown = (output / 'report.md').read_text()
    assert all(f'({name})' in markdown for name in names)
    assert all(cv2.imread(str(output / name)).std() > 5.0 for name in names), 'none is blank'


def write_parts_folder(folder):
    image = np.full((72, 90, 3), 100, np.uint8)
    mask = np.zeros((72, 90), np.uint8)
    mask[20:40, :40], mask[20:40, 40:60] = 1, 2
    for name, content in (('images/one.jpg', image), ('parts_masks/one.png', mask), ('images/unlabelled.jpg', image)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), content)
    return folder


def test_a_folder_of_part_masks_is_judged_by_its_two_parts(checkpoint, tmp_path, capsys):
    data, output = write_parts_folder(tmp_path / 'data'), tmp_path / 'report'
    arguments = ['--dataset', 'parts_folder', '--data', str(data), '--checkpoint', str(checkpoint), '--device', 'cpu']
    assert main(['evaluate', *arguments, '--output', str(output)]) == 0
    report = json.loads((output / 'report.json').read_text())
    assert list(report['parts']['tables']['classes']) == ['background', 'shaft', 'manipulator']
    assert report['instrument']['metrics']['dice']['n'] == 20 * 60
    assert 'depth: not evaluated, no frame has depth' in capsys.readouterr().out


def test_what_is_wrong_is_said_in_one_line(checkpoint, shapes, tmp_path, capsys):
    arguments = ['--dataset', 'rendered', '--data', str(shapes), '--checkpoint', str(checkpoint), '--device', 'cpu']
    assert main(['evaluate', *arguments, '--output', str(tmp_path), '--taxonomy-map', 'oter=suction']) == 1
    assert "has no class 'oter'" in capsys.readouterr().err
