"""The commands that judge on real pictures, from files on disk to a report."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from support.small_network import save_small_checkpoint, tissue
from support.videos import cut

from mt3dnet_ros.commands.main import main


@pytest.fixture(scope='module')
def network(tmp_path_factory):
    checkpoint = save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')
    return ['--checkpoint', str(checkpoint), '--device', 'cpu']


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp('real') / 'data'
    mask = np.zeros((64, 96), np.uint8)
    mask[20:40, :40], mask[20:40, 40:60] = 1, 2
    for place in ('robot', 'hand'):
        for name in ('images', 'parts_masks'):
            (folder / place / name).mkdir(parents=True)
        cv2.imwrite(str(folder / place / 'images' / 'one.png'), tissue(64, 96))
        cv2.imwrite(str(folder / place / 'parts_masks' / 'one.png'), mask)
    for place in ('unlabelled', 'empty'):
        (folder / place / 'images').mkdir(parents=True)
        cv2.imwrite(str(folder / place / 'images' / 'one.png'), tissue(64, 96))
    (folder / 'empty' / 'parts_masks').mkdir()
    cv2.imwrite(str(folder / 'empty' / 'parts_masks' / 'one.png'), np.zeros_like(mask))
    writer = cv2.VideoWriter(str(folder / 'robot' / 'video.avi'), cv2.VideoWriter.fourcc(*'MJPG'), 25.0, (96, 64))
    for seed in range(4):
        writer.write(tissue(64, 96, seed))
    writer.release()
    return folder


def test_every_folder_of_real_frames_has_its_report(network, data, tmp_path, capsys):
    assert main(['evaluate-real', '--data', str(data), '--output', str(tmp_path), *network]) == 0
    robot, hand = (json.loads((tmp_path / name / 'report.json').read_text()) for name in ('robot', 'hand'))
    assert robot['instrument']['metrics']['dice']['n'] == hand['instrument']['metrics']['dice']['n'] == 20 * 60
    assert robot['parts']['tables']['classes']['shaft']['dice_frames_mean']['n'] == 1
    assert robot['flicker']['metrics']['iou_consecutive_mean']['n'] == 3 and 'flicker' not in hand
    assert set(robot['consistency']['metrics']) > {'iou_turned_90', 'iou_warmer'}
    assert 'hand: consistency: iou_mirrored' in capsys.readouterr().out


def test_frames_without_an_instrument_or_without_labels_are_judged_by_what_is_called_one(network, data, tmp_path):
    assert main(['evaluate-real', '--data', str(data), '--output', str(tmp_path), *network]) == 0
    names = 'robot', 'empty', 'unlabelled', 'blank_pictures'
    reports = {name: json.loads((tmp_path / name / 'report.json').read_text()) for name in names}
    called = {name: report['called_instrument'] for name, report in reports.items()}
    assert called['robot']['skipped'] == 'every frame shows an instrument'
    assert called['empty']['metrics'] == called['unlabelled']['metrics'], 'they hold the same picture'
    assert set(called['empty']['tables']['frame']) == {'one'}
    assert called['unlabelled']['notes'] and not called['empty']['notes']
    assert 'skipped' in reports['unlabelled']['instrument'] and 'parts' not in reports['unlabelled']
    count = called['blank_pictures']['metrics']['pixels_mean']['n']
    assert count == len(called['blank_pictures']['tables']['frame']) >= 54


def test_a_folder_without_frames_is_refused(network, tmp_path, capsys):
    assert main(['evaluate-real', '--data', str(tmp_path), '--output', str(tmp_path / 'report'), *network]) == 1
    assert 'no sub-folder of' in capsys.readouterr().err


def test_a_video_is_judged_without_labels(network, data, tmp_path):
    video, options = data / 'robot' / 'video.avi', ['--limit', '3', '--views-every', '2']
    assert main(['evaluate-video', str(video), '--output', str(tmp_path), *options, *network]) == 0
    report = json.loads((tmp_path / 'report.json').read_text())
    assert report['flicker']['metrics']['iou_consecutive_mean']['n'] == 2
    assert report['consistency']['metrics']['iou_zoomed']['n'] == 2


def test_a_damaged_video_is_judged_and_said_to_be_damaged(network, data, tmp_path, capsys):
    video = cut(data / 'robot' / 'video.avi', 0.8)
    assert main(['evaluate-video', str(video), '--output', str(tmp_path), *network]) == 1
    assert "cut_video.avi' is damaged: " in capsys.readouterr().err
    assert (tmp_path / 'report.json').is_file()
    video.unlink()


def test_a_single_picture_does_not_flicker(network, data, tmp_path, capsys):
    picture = data / 'hand' / 'images' / 'one.png'
    assert main(['evaluate-video', str(picture), '--output', str(tmp_path), *network]) == 1
    assert 'not a single picture' in capsys.readouterr().err
