"""Plans of checkpoints: what is wrong with one is named before anything is made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.checkpoint_plan import STAGES, write_plan
from support.paths import ROOT

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.commands.making.make import Maker
from mt3dnet_ros.commands.making.plan import PlanError, read_plan, resolve


def test_stages_come_in_order_and_know_what_they_start_from(tmp_path: Path) -> None:
    plan = read_plan(write_plan(tmp_path))
    assert [stage.name for stage in plan.stages] == list(STAGES)
    assert {stage.name: stage.uses for stage in plan.stages}['saliency'] == ('sequences', 'maps', 'network')


def test_what_was_made_stands_in_place_of_its_name_and_all_else_stays() -> None:
    made = {'wide': 'out/wide', 'net': 'out/net.safetensors'}
    options = {'data': '$wide', 'further_data': ['$wide', 'own'], 'initial': '$net', 'domain': 'wide', 'steps': 3}
    assert resolve(options, made) == {
        'data': 'out/wide', 'further_data': ['out/wide', 'own'], 'initial': 'out/net.safetensors', 'domain': 'wide',
        'steps': 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ('text', 'problem'),
    [
        ('stages: [', 'cannot be read'),
        ('- render', "must have the key 'stages'"),
        ('stages: {}', "must have the key 'stages'"),
        ('stages: {a: {command: train}}\nmore: 1', 'and no other'),
        ('stages: {a: {command: fly}}', "stage 'a' must have the key 'command', one of render, make-saliency, train"),
        ('stages: {meshes: {command: train}}', "stage 'meshes' must have another name"),
        ('stages: {../a: {command: train}}', "stage '../a' must have another name"),
        ('stages: {a: {command: train, data: $b}}', r"stage 'a' uses '\$b', but no stage before it has that name"),
    ],
)
def test_a_plan_that_cannot_be_understood_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / 'plan.yaml'
    path.write_text(text)
    with pytest.raises(PlanError, match=problem):
        read_plan(path)


@pytest.mark.parametrize(
    ('stage', 'change', 'problem'),
    [
        ('frames', {'trian': 4}, "stage 'frames' cannot be run as the plan has it; see above"),
        ('frames', {'domain': 'tunnel'}, "stage 'frames': domain 'tunnel' is unknown"),
        ('network', {'recipe': 'none.yaml'}, "stage 'network': there is no file 'none.yaml'"),
        ('network', {'stpes': 4}, "stage 'network': recipe key 'stpes' is not known"),
        ('saliency', {'steps': [3]}, "stage 'saliency': recipe key 'steps' needs one number per stage"),
        ('tiny', {'write': 'none.md'}, "stage 'tiny': .*none.md"),
    ],
)
def test_an_impossible_stage_is_named_before_the_first_begins(
    stage: str, change: dict[str, object], problem: str, tmp_path: Path
) -> None:
    path = write_plan(tmp_path / 'plan', STAGES | {stage: STAGES[stage] | change})
    with pytest.raises(PlanError, match=problem):
        Maker(read_plan(path), None, tmp_path / 'out').check()
    assert not (tmp_path / 'out').exists()


def test_a_stage_without_what_it_needs_is_named(tmp_path: Path) -> None:
    path = write_plan(tmp_path / 'plan', STAGES | {'network': {'command': 'train', 'data': '$frames'}})
    with pytest.raises(PlanError, match=r"stage 'network' \(train\) lacks the key 'recipe'"):
        Maker(read_plan(path), None, tmp_path / 'out').check()


@pytest.mark.parametrize('path', sorted((ROOT / 'config/checkpoints').glob('*.yaml')), ids=lambda path: path.stem)
def test_a_plan_that_ships_can_be_begun(path: Path, tmp_path: Path) -> None:
    imagenet = tmp_path / 'imagenet.pth'
    imagenet.touch()
    plan = read_plan(path)
    Maker(plan, Path('meshes'), tmp_path / 'out', imagenet).check()
    assert plan.stages[-1].name == path.stem


def test_imagenet_weights_that_a_plan_asks_for_must_be_named(tmp_path: Path) -> None:
    plan = read_plan(ROOT / 'config/checkpoints/mt3dnet_lite0.yaml')
    with pytest.raises(PlanError, match="stage 'small' starts from ImageNet weights; name their file with --imagenet"):
        Maker(plan, Path('meshes'), tmp_path / 'out').check()


def test_the_plan_of_the_docs_can_be_begun(tmp_path: Path) -> None:
    page = (ROOT / 'docs/train/training.md').read_text()
    (shown,) = re.findall(r'```yaml\n(stages:.*?)```', page, re.DOTALL)
    (tmp_path / 'my_plan.yaml').write_text(shown)
    plan = read_plan(tmp_path / 'my_plan.yaml')
    Maker(plan, Path('meshes'), tmp_path / 'out').check()
    assert plan.stages[-1].name == 'mine'


def test_an_unknown_plan_is_refused_with_the_one_that_ships(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match='2'):
        main(['make-checkpoint', 'none', '--output', 'out'])
    assert (
        "there is no file 'none', and no such plan ships (mt3dnet_b0 and mt3dnet_lite0 do)" in capsys.readouterr().err
    )
