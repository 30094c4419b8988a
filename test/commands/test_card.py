"""A checkpoint tells what it is, and carries its model card."""

from __future__ import annotations

import pytest
from support.paths import ROOT
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.perception.checkpoint import load_checkpoint, read_metadata


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


def test_shipped_checkpoint_carries_the_card_of_the_docs(capsys):
    card = (ROOT / 'docs' / 'notebook' / 'model_card.md').read_text(encoding='utf-8')
    assert main(['card']) == 0
    assert capsys.readouterr().out.endswith(card + '\n')
