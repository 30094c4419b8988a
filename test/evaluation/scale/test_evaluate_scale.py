"""`mt3dnet evaluate --scale-sources`, from a checkpoint and rendered pairs on disk to a report."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support.endovis_fixtures import write_scared
from support.rendered_shapes import number_frames, write_shapes
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.evaluation.scale.evidence import FrameEvidence
from mt3dnet_ros.evaluation.scale.variants import variants_of
from mt3dnet_ros.perception.settings import Settings

FRAMES, PER_SEQUENCE = 6, 3


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')


@pytest.fixture(scope='module')
def pairs(tmp_path_factory):
    """Write frames with a second eye that sees the same, which tells no scale, and with tips."""
    folder = number_frames(write_shapes(tmp_path_factory.mktemp('shapes') / 'data', frames=FRAMES), PER_SEQUENCE)
    path = folder / 'test' / 'frames.json'
    tips = [{'instance': 1, 'point': [0.0, 0.0, 0.07]}]
    facts = [fact | {'baseline': 0.004, 'tips': tips} for fact in json.loads(path.read_text())]
    path.write_text(json.dumps(facts))
    np.save(folder / 'test' / 'right_images.npy', np.load(folder / 'test' / 'images.npy'))
    return folder


@pytest.fixture(scope='module')
def report(checkpoint, pairs, tmp_path_factory):
    folder = tmp_path_factory.mktemp('report')
    options = ['--checkpoint', str(checkpoint), '--device', 'cpu', '--output', str(folder)]
    sources = ['--scale-sources', 'shaft', 'second_eye', 'robot']
    assert main(['evaluate', '--dataset', 'rendered', '--data', str(pairs), *sources, *options]) == 0
    return folder


def test_every_source_is_judged_alone_and_all_together(report):
    sections = json.loads((report / 'report.json').read_text())
    rows = sections['scale']['tables']['sources']
    assert list(rows) == [
        'guess', 'shaft', 'shaft_by_labels', 'second_eye_sparse', 'second_eye_dense', 'robot', 'shaft_robot', 'all',
        'all_dense', 'all_wrong_diameter', 'true',
    ]  # fmt: skip
    assert all(row['mae_mm']['n'] == FRAMES for row in rows.values())
    assert rows['guess']['with_source']['value'] == 0.0
    assert rows['true']['covered_scale']['n'] == 0, 'it has no interval'
    assert rows['guess']['covered_scale']['n'] == FRAMES


def test_what_was_rejected_is_counted_with_its_reason(report):
    verdicts = json.loads((report / 'report.json').read_text())['scale']['tables']['verdicts']
    assert any(verdict.startswith('second_eye: ') and verdict != 'second_eye: accepted' for verdict in verdicts)


def test_steadiness_is_that_of_the_sequences(report):
    rows = json.loads((report / 'report.json').read_text())['scale_over_time']['tables']['sources']
    assert rows['guess']['follow_s'] == {'value': 0.0, 'n': FRAMES // PER_SEQUENCE - 1, 'of': 'cuts'}


def test_errors_are_drawn_over_what_was_promised(report):
    assert (report / 'scale_errors.png').is_file()
    assert '(scale_errors.png)' in (report / 'report.md').read_text()


def test_what_the_data_set_lacks_is_left_out(tmp_path):
    frames = open_frames('rendered', write_shapes(tmp_path / 'data', frames=1), 'val')
    names = [variant.name for variant in variants_of(['shaft', 'second_eye'], FrameEvidence(frames))]
    assert names == ['guess', 'shaft', 'shaft_by_labels']


def test_a_variant_uses_its_own_sources_alone(pairs):
    evidence = FrameEvidence(open_frames('rendered', pairs, 'test'))
    for variant in variants_of(['shaft', 'second_eye', 'robot'], evidence):
        settings = variant.applied_to(Settings(fixed_scale=2.0))
        assert settings.fixed_scale == 0.0
        assert settings.shaft_scale is ('shaft' in variant.name or 'all' in variant.name)
        assert (settings.second_eye != 'off') is variant.eye


def test_scared_gives_a_second_eye_and_no_robot(checkpoint, tmp_path):
    scared = write_scared(tmp_path / 'scared', ((1, 3), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (7, 4)))
    options = ['--dataset', 'scared', '--data', str(scared), '--split', 'val', '--checkpoint', str(checkpoint)]
    options += ['--device', 'cpu', '--output', str(tmp_path / 'out'), '--scale-sources', 'second_eye', 'robot']
    assert main(['evaluate', *options]) == 0
    rows = json.loads((tmp_path / 'out' / 'report.json').read_text())['scale']['tables']['sources']
    assert list(rows) == ['guess', 'second_eye_sparse', 'second_eye_dense', 'true']
    assert rows['second_eye_sparse']['mae_mm']['n'] == 7
    assert rows['second_eye_sparse']['covered_positions'] == {'value': None, 'n': 0, 'of': 'instruments'}


def test_a_source_that_there_is_not_is_refused(tmp_path, capsys):
    options = ['--dataset', 'rendered', '--data', str(tmp_path), '--output', str(tmp_path / 'out')]
    with pytest.raises(SystemExit):
        main(['evaluate', *options, '--scale-sources', 'moon'])
    assert "invalid choice: 'moon'" in capsys.readouterr().err
