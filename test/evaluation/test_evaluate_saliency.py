"""Saliency is judged over the frames of sequences, or frame by frame."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from support.rendered_shapes import write_sequences
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.evaluation.attention_truth import open_truth
from mt3dnet_ros.evaluation.observer import Observer
from mt3dnet_ros.evaluation.order import EvaluationStep
from mt3dnet_ros.metrics.saliency.agreement import nss
from mt3dnet_ros.perception.checkpoint import load_checkpoint

FRAMES, PER_SEQUENCE = 6, 3
SINGLE_FRAMES = 'these are single frames; true saliency comes from how instruments move from one frame to the next'


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors', saliency=True)


@pytest.fixture(scope='module')
def shapes(tmp_path_factory):
    return write_sequences(tmp_path_factory.mktemp('shapes') / 'data', FRAMES, PER_SEQUENCE)


@pytest.fixture(scope='module')
def judge(checkpoint, shapes, tmp_path_factory):
    """Return what evaluates a split and returns its report, as numbers and as text."""

    def run(split, *options):
        output = tmp_path_factory.mktemp('report')
        arguments = ['--dataset', 'rendered', '--data', str(shapes), '--checkpoint', str(checkpoint), '--device', 'cpu']
        assert main(['evaluate', *arguments, '--split', split, '--output', str(output), *options]) == 0
        return json.loads((output / 'report.json').read_text()), (output / 'report.md').read_text()

    return run


@pytest.fixture(scope='module')
def over_time(judge):
    return judge('val')


@pytest.fixture(scope='module')
def frame_by_frame(judge):
    return judge('val', '--single-frame')


def mean_nss(checkpoint, shapes, stamps):
    """Return the mean NSS of a network that sees the frames of each sequence at some times."""
    observer = Observer(load_checkpoint(checkpoint), torch.device('cpu'))
    frames, truth = open_frames('rendered', shapes, 'val'), open_truth('rendered', shapes)
    values = []
    for index in range(FRAMES):
        place = index % PER_SEQUENCE
        seen = observer.observe(frames[index], EvaluationStep(index, 'any', place > 0, stamps[place]))
        if place > 0:
            values.append(nss(seen.saliency, truth(frames[index], frames[index - 1]).saliency > 0.5))
    return np.mean(values)


def test_masks_are_compared_with_those_of_the_frame_before(over_time):
    section = over_time[0]['steadiness']
    assert section['metrics']['empty_pairs']['n'] == FRAMES - FRAMES // PER_SEQUENCE
    assert 0.0 < section['metrics']['iou_true']['value'] < 1.0, 'instruments move in these sequences'
    assert len(section['tables']['sequence']) == FRAMES // PER_SEQUENCE


def test_network_and_baselines_are_judged_on_every_frame_that_follows_another(over_time):
    section = over_time[0]['saliency']
    followers = FRAMES - FRAMES // PER_SEQUENCE
    assert all(metric['n'] == followers for name, metric in section['metrics'].items() if 'several' not in name)
    sources = {'network', 'centre prior', 'nearest clasper', 'nearest clasper of true masks'}
    assert section['tables']['comparison']['nss'].keys() == sources
    for source in sources:
        row = section['tables'][source]['nss']
        assert row['ci95_low']['value'] <= row['mean']['value'] <= row['ci95_high']['value']


def test_report_shows_saliency_to_people(over_time):
    assert '| comparison | `network` | `centre prior` |' in over_time[1]
    assert '![saliency](saliency.png)' in over_time[1]


def test_network_remembers_within_a_sequence(over_time, checkpoint, shapes):
    expected = mean_nss(checkpoint, shapes, stamps=(10**8, 2 * 10**8, 3 * 10**8))
    assert over_time[0]['saliency']['metrics']['nss']['value'] == pytest.approx(expected, rel=1e-6)


def test_single_frames_are_seen_without_memory(frame_by_frame, over_time, checkpoint, shapes):
    value = frame_by_frame[0]['saliency']['metrics']['nss']['value']
    assert value == pytest.approx(mean_nss(checkpoint, shapes, stamps=(0, 0, 0)), rel=1e-6)
    assert not math.isclose(value, over_time[0]['saliency']['metrics']['nss']['value'], rel_tol=1e-3)
    assert '--single-frame' in frame_by_frame[1] and '--single-frame' not in over_time[1]


def test_memory_changes_nothing_but_saliency(frame_by_frame, over_time):
    assert all(frame_by_frame[0][name] == over_time[0][name] for name in ('types', 'parts', 'depth', 'detection'))


def test_stills_have_no_section_and_the_report_says_why(judge):
    report, text = judge('test', '--limit', '2')
    assert report['saliency'] == {'skipped': SINGLE_FRAMES}
    assert f'Not evaluated: {SINGLE_FRAMES}' in text


def test_absent_folder_of_maps_is_refused(checkpoint, shapes, tmp_path, capsys):
    arguments = ['--dataset', 'rendered', '--data', str(shapes), '--checkpoint', str(checkpoint), '--device', 'cpu']
    options = ['--split', 'val', '--saliency', str(tmp_path / 'nowhere'), '--output', str(tmp_path / 'report')]
    assert main(['evaluate', *arguments, *options]) == 1
    assert "nowhere' does not exist; write it with `mt3dnet make-saliency`" in capsys.readouterr().err
    assert not (tmp_path / 'report').exists()
