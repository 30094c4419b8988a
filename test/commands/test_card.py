"""A checkpoint tells what it is, and carries its model card."""

from __future__ import annotations

import pytest
import yaml
from support.paths import ROOT
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.checkpoint_header import read_metadata


@pytest.fixture
def checkpoint(tmp_path):
    return save_small_checkpoint(tmp_path / 'small.safetensors')


def test_facts_are_printed_and_a_missing_card_is_said(checkpoint, capsys):
    assert main(['card', str(checkpoint)]) == 0
    printed = capsys.readouterr().out
    assert 'config:\n' in printed and '  encoder: b0' in printed
    assert 'model card: none' in printed


def test_card_is_carried_and_leaves_weights_and_facts_alone(checkpoint, tmp_path, capsys):
    before, weights = read_metadata(checkpoint), load_checkpoint(checkpoint).state_dict()
    card = tmp_path / 'card.md'
    for text in ('# An old card\n', '# What it is for\nNothing clinical: 35 °C\n'):
        card.write_text(text, encoding='utf-8')
        assert main(['card', str(checkpoint), '--write', str(card)]) == 0
    assert read_metadata(checkpoint) == before | {'model_card': text}
    assert all(value.equal(weights[key]) for key, value in load_checkpoint(checkpoint).state_dict().items())
    capsys.readouterr()
    main(['card', str(checkpoint)])
    assert capsys.readouterr().out.endswith(text + '\n')


@pytest.mark.parametrize(
    ('content', 'reason'), [(None, 'cannot be read'), (b'\xff\xfe', 'cannot be read'), (b' \n', 'is empty')]
)
def test_unusable_card_is_refused(checkpoint, tmp_path, capsys, content, reason):
    card = tmp_path / 'card.md'
    if content is not None:
        card.write_bytes(content)
    assert main(['card', str(checkpoint), '--write', str(card)]) == 1
    assert reason in capsys.readouterr().err
    assert 'model_card' not in read_metadata(checkpoint)


@pytest.mark.parametrize(
    ('named', 'page'),
    [([], 'model_card.md'), ([str(ROOT / 'config' / 'checkpoints' / 'mt3dnet_b0.safetensors')], 'model_card_b0.md')],
)
def test_shipped_checkpoint_carries_the_card_of_the_docs(named, page, capsys):
    card = (ROOT / 'docs' / 'notebook' / page).read_text(encoding='utf-8')
    assert main(['card', *named]) == 0
    assert capsys.readouterr().out.endswith(f'\n\n{card}\n')


@pytest.mark.parametrize(('name', 'page'), [('mt3dnet_lite0', 'model_card.md'), ('mt3dnet_b0', 'model_card_b0.md')])
def test_shipped_plan_ends_with_the_card_of_its_checkpoint(name, page):
    plan = ROOT / 'config' / 'checkpoints' / f'{name}.yaml'
    last = list(yaml.safe_load(plan.read_text())['stages'].items())[-1]
    assert last[0] == name
    assert (plan.parent / last[1]['write']).resolve() == ROOT / 'docs' / 'notebook' / page
