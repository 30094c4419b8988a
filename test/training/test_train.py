"""The training loop on a few drawn frames: it learns, averages, logs and exports."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pytest
import torch
from support.paths import ROOT
from support.rendered_shapes import write_shapes
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.checkpoint_header import read_metadata
from mt3dnet_ros.training.data import TrainingData
from mt3dnet_ros.training.module import TrainingModule
from mt3dnet_ros.training.monitoring.scores import DepthScore, DiceScore
from mt3dnet_ros.training.optimisation import build_optimizer, update_average, warm_up_cosine
from mt3dnet_ros.training.recipe_file import build_recipe
from mt3dnet_ros.training.train import train


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return write_shapes(tmp_path_factory.mktemp('shapes') / 'data')


def recipe(data, output, **changes):
    values = {
        'data': str(data), 'output': str(output), 'input_size': [64, 96], 'decoder_channels': 16, 'batch_size': 2,
        'steps': 4, 'warmup_steps': 2, 'validate_every': 2, 'precision': '32-true', 'threads': 1, 'drop_path': 0.0,
        'accelerator': 'cpu',
    }  # fmt: skip
    return build_recipe(values | changes)


def rows(output):
    with (output / 'log' / 'metrics.csv').open() as file:
        return list(csv.DictReader(file))


def silent_module(settings):
    """Return a module that works without a trainer."""
    torch.manual_seed(0)
    module = TrainingModule(settings)
    module.log = module.log_dict = lambda *values, **options: None
    return module.train()


def first_batch(settings):
    return next(iter(TrainingData(settings).train_dataloader()))


@pytest.mark.parametrize('balancing', ['adversarial', 'fixed', 'uncertainty', 'dynamic'])
def test_loss_falls_on_one_batch(data, tmp_path, balancing):
    module = silent_module(recipe(data, tmp_path, warmup_steps=1, balancing=balancing))
    batch, optimizer = first_batch(module.recipe), module.configure_optimizers()['optimizer']
    losses = []
    for _ in range(20):
        loss = module.training_step(batch, 0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.75 * losses[0]


@pytest.mark.parametrize('optimizer', ['adamw', 'adan'])
def test_step_moves_every_weight(data, tmp_path, optimizer):
    module = silent_module(recipe(data, tmp_path, optimizer=optimizer))
    before = {name: value.clone() for name, value in module.network.named_parameters()}
    chosen = build_optimizer(module.network, module.recipe)
    module.training_step(first_batch(module.recipe), 0).backward()
    chosen.step()
    assert [name for name, value in module.network.named_parameters() if torch.equal(value, before[name])] == []


@pytest.mark.parametrize(('limit', 'norm'), [(0.5, 0.5), (0.0, 2.0), (9.0, 2.0)])
def test_gradients_are_clipped_to_the_limit_and_not_at_all_without_one(data, tmp_path, limit, norm):
    module = TrainingModule(recipe(data, tmp_path, gradient_clip=limit))
    for weight in module.network.parameters():
        weight.grad = torch.zeros_like(weight)
    module.network.types.weight.grad[0, 0] = 2.0
    module.configure_gradient_clipping(None)
    assert module.network.types.weight.grad.norm().item() == pytest.approx(norm, rel=1e-4)


def test_training_logs_scores_and_exports_the_average(data, tmp_path, capfd):
    path = train(recipe(data, tmp_path, further_data=[str(data)]))
    last = rows(tmp_path)[-1]
    assert {'binary_dice', 'types_dice', 'parts_dice', 'depth_mae_mm', 'depth_abs_rel'} <= last.keys()
    assert 0.0 <= float(last['binary_dice']) <= 1.0 and float(last['depth_mae_mm']) > 0.0
    assert 'step 4: binary_dice' in capfd.readouterr().out
    metadata = read_metadata(path)
    assert metadata['step'] == '4' and json.loads(metadata['recipe'])['seed'] == 1
    assert str(tmp_path) not in str(metadata) and str(data) not in str(metadata), 'it names no path of its maker'
    assert sorted(path.name for path in (tmp_path / 'pictures').iterdir()) == ['step_000002.jpg', 'step_000004.jpg']
    assert (tmp_path / 'curves.png').is_file()
    resumable = torch.load(tmp_path / 'last.ckpt', weights_only=True)['state_dict']
    exported = load_checkpoint(path)
    for name, value in exported.named_parameters():
        torch.testing.assert_close(value, resumable[f'average.{name}'], atol=1e-3, rtol=1e-3)


def test_last_steps_after_a_validation_are_exported_too(data, tmp_path):
    path = train(recipe(data, tmp_path, steps=3, validate_every=2))
    assert read_metadata(path)['step'] == '3'


def test_run_too_short_to_log_anything_ends_with_a_checkpoint(data, tmp_path):
    path = train(recipe(data, tmp_path, steps=1, val_split=''))
    assert read_metadata(path)['step'] == '1' and not (tmp_path / 'curves.png').exists()


def test_a_view_head_is_trained_beside_what_the_initial_checkpoint_knows(data, tmp_path, caplog):
    initial = save_small_checkpoint(tmp_path / 'initial.safetensors', saliency=True)
    settings = recipe(
        data, tmp_path / 'run', initial=str(initial), decoder_channels=96, steps=2, warmup_steps=1,
        learning_rate=1e-6, tasks=['segmentation', 'detection', 'depth', 'view'],
    )  # fmt: skip
    with caplog.at_level('INFO'):
        trained = load_checkpoint(train(settings))
    assert 'these are not trained here, and left out: saliency' in caplog.text
    before = load_checkpoint(initial)
    assert trained.config.view and not trained.config.saliency and trained.saliency is None
    for name in ('types.weight', 'detection.heat.weight', 'depth.position.weight'):
        torch.testing.assert_close(trained.state_dict()[name], before.state_dict()[name], atol=1e-3, rtol=1e-3)
    last = rows(tmp_path / 'run')[-1]
    assert 0.0 <= float(last['views_told']) <= 1.0
    assert last['nothing_told'] == 'nan', 'all frames are views'


def test_what_is_exported_goes_back_to_the_initial_checkpoint_as_far_as_the_recipe_says(data, tmp_path):
    initial = save_small_checkpoint(tmp_path / 'initial.safetensors')
    options = {'initial': str(initial), 'decoder_channels': 96, 'steps': 2, 'warmup_steps': 1}
    trained, back = (
        load_checkpoint(train(recipe(data, tmp_path / str(share), initial_share=share, **options)))
        for share in (0.0, 1.0)
    )
    before = load_checkpoint(initial).state_dict()
    weights = {name: value for name, value in back.state_dict().items() if value.is_floating_point()}
    assert all(torch.equal(value, before[name]) for name, value in weights.items())
    assert not torch.equal(trained.types.weight, before['types.weight'])


def test_equal_seeds_give_equal_networks(data, tmp_path):
    first, second = (load_checkpoint(train(recipe(data, tmp_path / name, steps=2))) for name in ('a', 'b'))
    assert all(torch.equal(value, second.state_dict()[name]) for name, value in first.state_dict().items())


def test_average_follows_the_network_and_copies_counters():
    average, network = (torch.nn.BatchNorm1d(1) for _ in range(2))
    torch.nn.init.constant_(network.weight, 3.0)
    network.num_batches_tracked += 7
    update_average(average, network, decay=0.9, step=10_000)
    assert average.weight.item() == pytest.approx(1.2) and average.num_batches_tracked == 7


def test_average_follows_faster_at_first():
    average, network = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    torch.nn.init.zeros_(average.weight)
    torch.nn.init.ones_(network.weight)
    update_average(average, network, decay=0.999, step=0)
    assert average.weight.item() == pytest.approx(0.9)


def test_learning_rate_warms_up_and_falls_to_a_hundredth(data, tmp_path):
    settings = recipe(data, tmp_path, steps=100, warmup_steps=10, learning_rate=1.0)
    optimizer = build_optimizer(torch.nn.Linear(2, 2), settings)
    schedule = warm_up_cosine(optimizer, settings)
    rates = []
    for _ in range(101):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    assert rates[:10] == pytest.approx([0.1 * (index + 1) for index in range(10)])
    assert rates[-1] == pytest.approx(0.01) and rates[10:] == sorted(rates[10:], reverse=True)


def test_norms_and_biases_do_not_decay(data, tmp_path):
    module = TrainingModule(recipe(data, tmp_path))
    groups = build_optimizer(module.network, module.recipe).param_groups
    assert all(value.dim() <= 1 for value in groups[1]['params']) and groups[1]['weight_decay'] == 0.0
    assert sum(len(group['params']) for group in groups) == len(list(module.network.parameters()))


def test_dice_scores_of_a_known_confusion():
    score = DiceScore(3)
    score.update(torch.tensor([[[0, 1, 1, 2]]]), torch.tensor([[[0, 1, 2, 2]]]))
    assert score.binary() == 1.0
    assert score.macro() == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_depth_score_ignores_the_unknown():
    score = DepthScore()
    score.update(torch.tensor([[[[0.12, 0.5]]]]), torch.tensor([[[[0.1, 0.0]]]]))
    assert score.mean_absolute() == pytest.approx(0.02, rel=1e-4)
    assert score.mean_relative() == pytest.approx(0.2, rel=1e-4)


@pytest.mark.timeout(400)
def test_two_processes_share_a_batch_and_agree_on_the_scores(data, tmp_path):
    (tmp_path / 'recipe.yaml').write_text(
        f'{{data: {data}, output: {tmp_path / "run"}, input_size: [64, 96], decoder_channels: 16, batch_size: 4,'
        ' steps: 1, warmup_steps: 1, validate_every: 1, precision: 32-true, processes: 2, threads: 1, accelerator: cpu}'
    )
    command = [sys.executable, '-m', 'mt3dnet_ros.commands', 'train', '--config', str(tmp_path / 'recipe.yaml')]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=350, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count('checkpoint: ') == 1
    scores = json.loads(read_metadata(tmp_path / 'run' / 'mt3dnet.safetensors')['scores'])
    logged = rows(tmp_path / 'run')[-1]
    assert scores['binary_dice'] == pytest.approx(float(logged['binary_dice']), abs=1e-4), 'counts of both are joined'


def test_command_names_a_missing_data_set(tmp_path, capsys):
    (tmp_path / 'recipe.yaml').write_text('output: run\n')
    status = main(['train', '--config', str(tmp_path / 'recipe.yaml'), f'data={tmp_path / "none"}'])
    assert status == 1
    assert 'does not exist; render it with' in capsys.readouterr().err
