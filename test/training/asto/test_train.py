"""``mt3dnet train-saliency``, whole: both networks, on small data in the documented layouts."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch
import yaml
from support.endovis_fixtures import write_endovis2017
from support.paths import ROOT
from support.rendered_shapes import number_frames, write_shapes
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.perception.checkpoint import load_checkpoint, load_st_mtl, save_checkpoint
from mt3dnet_ros.perception.checkpoint_header import CheckpointError, read_metadata
from mt3dnet_ros.resources import package_file
from mt3dnet_ros.training.asto.data import WindowData
from mt3dnet_ros.training.asto.module import AstoModule, scheduled
from mt3dnet_ros.training.asto.networks import build_learner
from mt3dnet_ros.training.asto.recipe import AstoRecipe
from mt3dnet_ros.training.asto.scores import build_scores
from mt3dnet_ros.training.asto.window_transform import WindowTransform
from mt3dnet_ros.training.milestones import STATE, Milestones
from mt3dnet_ros.training.recipe import RecipeError
from mt3dnet_ros.training.recipe_file import build_recipe, read_recipe
from mt3dnet_ros.training.train import train

FOLDERS = {'data': 'frames', 'output': 'run'}
QUICK = ('accelerator=cpu', 'threads=1', 'log_every=1', 'batch_size=2', 'batch_windows=1', 'window=2', 'workers=0')
STEPS = {'saliency': 2, 'temporal': 2}


def recipe_file(name):
    return str(package_file('config', 'train', name))


def make_saliency(dataset, data, output):
    for split in ('train', 'val'):
        options = ['--dataset', dataset, '--data', str(data), '--split', split, '--output', str(output)]
        assert main(['make-saliency', *options]) == 0


@pytest.fixture(scope='module')
def rendered(tmp_path_factory):
    """Return a folder with a rendered sequence per split, their saliency, and a checkpoint."""
    folder = number_frames(write_shapes(tmp_path_factory.mktemp('rendered') / 'data', frames=4), per_sequence=4)
    make_saliency('rendered', folder, folder / 'maps')
    save_small_checkpoint(folder / 'mt3dnet.safetensors')
    return folder


def branch_recipe(rendered, output, **changes):
    values = {
        'data': str(rendered), 'saliency': str(rendered / 'maps'), 'output': str(output), 'dataset': 'rendered',
        'network': 'mt3dnet', 'initial': str(rendered / 'mt3dnet.safetensors'), 'stages': list(STEPS),
        'steps': list(STEPS.values()), 'window': 2, 'batch_windows': 1, 'validate_every': 1, 'log_every': 1,
        'accelerator': 'cpu', 'threads': 1, 'learning_rate': 1e-3, 'zoom': [0.9, 1.2], 'appearance': 0.5,
    }  # fmt: skip
    return build_recipe(values | changes)


def column(output, name):
    with (output / 'log' / 'metrics.csv').open() as file:
        return {int(row['step']): float(row[name]) for row in csv.DictReader(file) if row.get(name)}


def test_st_mtl_trains_by_its_recipe_on_endovis2017(tmp_path, capsys):
    data = write_endovis2017(tmp_path / 'cropped_train', frames=4, layout='ternaus')
    make_saliency('endovis2017', data, data)
    output = tmp_path / 'run'
    arguments = [f'data={data}', f'output={output}', 'input_size=[64,64]', 'steps=[1,1,1]', 'temporal_cell=separable',
                 'temporal_hidden=8', 'recalibration=scse', 'validation_windows=2', *QUICK]  # fmt: skip
    assert main(['train-saliency', '--config', recipe_file('st_mtl_endovis2017.yaml'), *arguments]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f'checkpoint: {output / "3_temporal.safetensors"}'
    stages = [load_st_mtl(output / name).state_dict() for name in
              ('1_segmentation.safetensors', '2_saliency.safetensors', '3_temporal.safetensors')]  # fmt: skip
    moved = [{name.partition('.')[0] for name in before if not torch.equal(before[name], after[name])}
             for before, after in pairwise(stages)]  # fmt: skip
    assert moved == [{'saliency'}, {'segmentation_cell', 'saliency_cell'}]
    scores = json.loads(read_metadata(output / '3_temporal.safetensors')['scores'])
    assert {'val_segmentation', 'val_saliency', 'types_dice', 'saliency_sim'} <= set(scores)
    with pytest.raises(CheckpointError, match="of architecture 'st_mtl'"):
        load_checkpoint(output / '3_temporal.safetensors')
    shutil.rmtree(output)  # ST-MTL is large


def test_the_branch_trains_by_its_recipe_and_the_rest_of_mt3dnet_stays(rendered, tmp_path):
    arguments = [f'data={rendered}', f'saliency={rendered / "maps"}', f'initial={rendered / "mt3dnet.safetensors"}',
                 f'output={tmp_path}', 'steps=[2,2]', 'validate_every=2', *QUICK]  # fmt: skip
    assert main(['train-saliency', '--config', recipe_file('saliency_rendered.yaml'), *arguments]) == 0
    before = load_checkpoint(rendered / 'mt3dnet.safetensors').state_dict()
    trained = load_checkpoint(tmp_path / '2_saliency_temporal.safetensors')
    after = trained.state_dict()
    assert trained.config.saliency and trained.config.classes[1] == 'bipolar forceps'
    assert {name.partition('.')[0] for name in after.keys() - before.keys()} == {'saliency'}
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert list(column(tmp_path, 'loss_saliency')) == [0, 1, 2, 3]
    assert list(column(tmp_path, 'val_saliency')) == [1, 3]
    assert (tmp_path / 'curves.png').is_file() and (tmp_path / STATE).is_file()


def test_train_takes_a_recipe_in_stages_as_well(rendered, tmp_path, capsys):
    (tmp_path / 'recipe.yaml').write_text(
        f'{{dataset: rendered, data: {rendered}, saliency: {rendered / "maps"}, output: {tmp_path / "run"}, threads: 1,'
        f' network: mt3dnet, initial: {rendered / "mt3dnet.safetensors"}, stages: [saliency], steps: [1],'
        ' accelerator: cpu}'
    )
    assert main(['train', '--config', str(tmp_path / 'recipe.yaml')]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f'checkpoint: {tmp_path / "run" / "1_saliency.safetensors"}'


@pytest.mark.timeout(400)
def test_two_processes_share_the_windows_and_agree_on_the_scores(rendered, tmp_path):
    values = asdict(branch_recipe(rendered, tmp_path / 'run', processes=2, batch_size=2, batch_windows=2))
    (tmp_path / 'recipe.yaml').write_text(yaml.safe_dump(json.loads(json.dumps(values))))
    module = 'mt3dnet_ros.commands'
    command = [sys.executable, '-m', module, 'train-saliency', '--config', str(tmp_path / 'recipe.yaml')]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=350, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count('checkpoint: ') == 1
    found = {name: column(tmp_path / 'run', name)[3] for name in ('val_saliency', 'saliency_sim')}
    trained = tmp_path / 'run' / '2_temporal.safetensors'
    expected = scores_over_time(branch_recipe(rendered, tmp_path, initial=str(trained)))
    assert found == pytest.approx(expected, rel=1e-3), 'counts of both are joined'


def scores_over_time(recipe):
    """Return the scores of the branch that a recipe starts from, on all windows of the validation split."""
    module, scored = AstoModule(recipe).eval(), {}
    scores = build_scores(['saliency'], module.network, module.settings.losses)
    windows = WindowData(recipe, module.network.config).val.sets[recipe.window]
    transform = WindowTransform(module.network.config, 'whole')
    for index in range(len(windows)):
        batch = transform([windows[index][0]])
        with torch.no_grad():
            logits = module.learner.logits(batch.images, ['saliency'], over_time=True)
        for score in scores:
            score.add(SimpleNamespace(**logits), batch.frames())
            scored |= score.results()
    return scored


def test_a_checkpoint_tells_what_it_was_trained_from(rendered, tmp_path):
    network = load_checkpoint(rendered / 'mt3dnet.safetensors')
    initial = tmp_path / 'initial.safetensors'
    save_checkpoint(initial, network, network.config, {'recipe': '{"steps": 7}', 'step': '7', 'scores': '{}'})
    trained = train(branch_recipe(rendered, tmp_path, initial=str(initial), stages=['saliency'], steps=[1]))
    metadata = read_metadata(trained)
    assert json.loads(metadata['initial']) == {'recipe': '{"steps": 7}', 'step': '7', 'scores': '{}'}
    assert json.loads(metadata['recipe'])['network'] == 'mt3dnet'


def test_a_branch_goes_on_from_what_a_run_before_made_of_it(rendered, tmp_path):
    first = train(branch_recipe(rendered, tmp_path, stages=['saliency'], steps=[1], val_split=''))
    second = build_learner(branch_recipe(rendered, tmp_path, initial=str(first))).network.state_dict()
    assert all(torch.equal(value, second[name]) for name, value in load_checkpoint(first).state_dict().items())
    anew = build_learner(branch_recipe(rendered, tmp_path, initial=str(first), new_branch=True)).network.state_dict()
    assert not torch.equal(second['saliency.fine.0.weight'], anew['saliency.fine.0.weight'])


class KilledError(Exception):
    """A run ends here."""


@pytest.fixture(scope='module')
def whole_run(rendered, tmp_path_factory):
    output = tmp_path_factory.mktemp('whole')
    train(branch_recipe(rendered, output))
    return output


@pytest.mark.parametrize('changes', [{}, {'val_split': ''}], ids=['validated', 'not validated'])
@pytest.mark.parametrize('moment', ['before', 'after'])
@pytest.mark.parametrize('killed_at', [2, 3], ids=['the end of a stage', 'midst of a stage'])
def test_a_resumed_run_ends_as_one_that_was_not_interrupted(
    rendered, whole_run, tmp_path, monkeypatch, killed_at, moment, changes
):
    kept, keep = [], Milestones._keep

    def die_at_keeping(*arguments):
        kept.append(arguments)
        if len(kept) < killed_at or moment == 'after':
            keep(*arguments)
        if len(kept) == killed_at:
            raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Milestones, '_keep', die_at_keeping)
        with pytest.raises(KilledError):
            train(branch_recipe(rendered, tmp_path, **changes))
    resumed = train(branch_recipe(rendered, tmp_path, resume=str(tmp_path / STATE), **changes))
    expected, found = (load_checkpoint(path).state_dict() for path in (whole_run / resumed.name, resumed))
    assert all(torch.equal(value, found[name]) for name, value in expected.items())
    assert column(tmp_path, 'loss_saliency') == column(whole_run, 'loss_saliency')
    if not changes:
        assert column(tmp_path, 'val_saliency') == column(whole_run, 'val_saliency')


def test_resuming_other_stages_is_refused(rendered, tmp_path):
    train(branch_recipe(rendered, tmp_path, stages=['saliency'], steps=[1], val_split=''))
    with pytest.raises(RecipeError, match=r"'stages' is \['temporal'\].* has \['saliency'\]"):
        train(branch_recipe(rendered, tmp_path, stages=['temporal'], steps=[1], resume=str(tmp_path / STATE)))


def test_a_stage_that_is_over_keeps_its_steps_and_the_last_may_go_on(rendered, tmp_path):
    train(branch_recipe(rendered, tmp_path, validate_every=9))
    resume = {'resume': str(tmp_path / STATE), 'validate_every': 9}
    with pytest.raises(RecipeError, match=r"'steps' is \[3, 2\], with which .* 4 steps in all, cannot go on"):
        train(branch_recipe(rendered, tmp_path, steps=[3, 2], **resume))
    longer = train(branch_recipe(rendered, tmp_path, steps=[2, 4], **resume))
    assert read_metadata(longer)['step'] == '4' and list(column(tmp_path, 'loss_saliency')) == [0, 1, 2, 3, 4, 5]


def test_a_state_of_an_earlier_version_is_refused(rendered, tmp_path):
    torch.save({'stages': ['saliency'], 'place': [0, 1], 'network': {}, 'optimizers': {}}, tmp_path / STATE)
    with pytest.raises(RecipeError, match=r'an earlier version of train-saliency kept .* start a new run'):
        train(branch_recipe(rendered, tmp_path, resume=str(tmp_path / STATE)))


def test_the_rate_falls_to_a_hundredth_or_stays():
    assert scheduled('constant', 9, 10) == scheduled('cosine', 0, 10) == 1.0
    assert scheduled('cosine', 5, 10) == pytest.approx(0.505)
    assert scheduled('cosine', 10, 10) == pytest.approx(0.01)


def test_recipe_of_st_mtl_has_the_released_settings():
    recipe = read_recipe(recipe_file('st_mtl_endovis2017.yaml'), ['data=a', 'output=b'])
    assert (recipe.learning_rate, recipe.weight_decay, recipe.batch_size, recipe.seed) == (1e-4, 1e-4, 2, 12)
    epoch = 6 * (225 - 1) // recipe.batch_size  # six sequences, whose first frames have no saliency
    assert recipe.steps[0] == 100 * epoch and recipe.input_size == (1024, 1280)


@pytest.mark.parametrize(
    ('values', 'complaint'),
    [
        ({'stages': ['s1'], 'steps': [1]}, "'stages' must name some of segmentation, saliency.*, got 's1'"),
        ({'steps': [1, 2]}, "'steps' needs one number per stage, 1 or more: 3 stages, got \\[1, 2\\]"),
        ({'steps': [1, 0, 1]}, "'steps' needs one number per stage"),
        ({'stages': [], 'steps': []}, "'steps' needs one number per stage"),
        ({'network': 'unet'}, "'network' must be one of st_mtl, mt3dnet"),
        ({'network': 'mt3dnet'}, "'initial' must name the checkpoint"),
        ({'views': 'all'}, "'views' must be one of random, mirrored"),
        ({'precision': '16'}, "'precision' must be one of"),
        ({'input_size': [32, 64]}, "'input_size' must be multiples of 32 from 64"),
        ({'zoom': [2.0, 1.0]}, "'zoom' must rise"),
        ({'window': 0}, "'window' must be 1 or more"),
        ({'tasks': ['depth']}, "'tasks' is not known"),
    ],
)
def test_mistake_is_named(values, complaint):
    with pytest.raises(RecipeError, match=complaint):
        build_recipe(FOLDERS | values, AstoRecipe)


@pytest.mark.parametrize(
    ('values', 'complaint'),
    [({'accelerator': 'abacus'}, "'accelerator': 'abacus' is unknown .known: auto, cpu, gpu, cuda:<index>"),
     ({'accelerator': 'cuda:99'}, "'accelerator': device 'cuda:99' is not there"),
     ({'accelerator': 'cpu:1'}, "'accelerator': 'cpu:1' is unknown"),
     ({'resume': 'gone.ckpt'}, "'resume' is 'gone.ckpt', which does not exist")],
)  # fmt: skip
def test_what_is_not_there_is_named(rendered, tmp_path, values, complaint):
    with pytest.raises(RecipeError, match=complaint):
        train(branch_recipe(rendered, tmp_path, **values))
