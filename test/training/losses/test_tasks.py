"""The table of losses: every output costs something, and what it costs counts where it is labelled."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
import torch
from support.drawing import CONFIG

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.targets import DetectionTargets
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import OUTPUTS, TASKS
from mt3dnet_ros.training.losses import tasks
from mt3dnet_ros.training.losses.tasks import (
    COMPONENTS,
    DEFAULT_TASKS,
    FRAME_TASKS,
    Labels,
    LossSettings,
    component_means,
    frame_losses,
    labelled,
    start_scores,
    task_losses,
)
from mt3dnet_ros.training.recipe import Recipe

SMALL = replace(CONFIG, decoder_channels=16)


def labels_of(frames: int = 2, saliency: bool = False, known: bool = False) -> Labels:
    generator = torch.Generator().manual_seed(1)
    draw = lambda *shape: torch.rand(frames, *shape, generator=generator)  # noqa: E731
    heat, weights = draw(len(CONFIG.classes) - 1, 8, 12), draw(8, 12)
    heat[:, 0, 2, 3] = 1.0
    return Labels(
        types=(9 * draw(64, 96)).long(),
        parts=(4 * draw(64, 96)).long(),
        depth=draw(1, 64, 96),
        detection=DetectionTargets(heat, 20 * draw(4, 8, 12) + 1, weights),
        located=torch.ones(frames, dtype=torch.bool),
        saliency=draw(1, 64, 96) if saliency else None,
        known=(torch.arange(frames) % 2).float() if known else None,
    )


def predict(**switches: bool):
    torch.manual_seed(0)
    return MT3DNet(replace(SMALL, **switches)).eval()(torch.randn(2, 3, 64, 96))


def test_every_output_has_a_loss_and_every_task_its_components():
    assert set(COMPONENTS) == set(OUTPUTS)
    assert set(tasks.TASKS) == set(TASKS)
    assert tasks.TASKS['detection'] == ('heat', 'boxes')


def test_recipes_train_every_task_that_all_networks_have_and_may_train_those_that_single_frames_teach():
    assert Recipe('data', 'output').tasks == DEFAULT_TASKS == ('segmentation', 'detection', 'depth')
    assert set(FRAME_TASKS) - set(DEFAULT_TASKS) == {
        name for name, task in TASKS.items() if task.flag and not task.over_time
    }


def test_factors_of_recipes_are_those_of_the_table_unless_they_say_otherwise():
    assert Recipe('data', 'output').losses().factors == LossSettings().factors
    assert {field.name[7:] for field in fields(Recipe) if field.name.startswith('factor_')} <= set(COMPONENTS)


@pytest.mark.parametrize('switches', [{}, {'saliency': True}, {'view': True}], ids=['plain', 'saliency', 'view'])
def test_what_the_network_gives_costs_and_teaches_its_head(switches):
    prediction = predict(**switches)
    losses = frame_losses(prediction, labels_of(saliency=True, known=True), LossSettings())
    assert losses.keys() == prediction.outputs().keys()
    for name, loss in losses.items():
        assert loss.shape == (2,) and (loss > 0).all(), name
        (gradient,) = torch.autograd.grad(loss.sum(), getattr(prediction, name), retain_graph=True)
        assert gradient.any(), name


def test_saliency_without_labels_is_an_error_that_says_so():
    with pytest.raises(ValueError, match='frames with saliency maps'):
        frame_losses(predict(saliency=True), labels_of(), LossSettings())


def test_a_view_head_without_word_of_which_images_are_views_is_an_error_that_says_so():
    with pytest.raises(ValueError, match='batches that say which images are views'):
        frame_losses(predict(view=True), labels_of(), LossSettings())


@pytest.mark.parametrize(
    ('change', 'silent'),
    [
        ({'types': torch.full((2, 64, 96), IGNORED)}, {'types'}),
        ({'parts': torch.full((2, 64, 96), IGNORED)}, {'parts'}),
        ({'depth': torch.zeros(2, 1, 64, 96)}, {'depth'}),
        ({'located': torch.zeros(2, dtype=torch.bool)}, {'heat', 'boxes'}),
        ({'saliency': None}, {'saliency'}),
        ({'known': None}, {'view'}),
    ],
)
def test_a_component_counts_only_frames_that_are_labelled_for_it(change, silent):
    names = 'types', 'parts', 'heat', 'boxes', 'depth', 'saliency', 'view'
    present = labelled(labels_of(saliency=True, known=True)._replace(**change), names)
    assert {name for name, weights in present.items() if not weights.any()} == silent
    means = component_means(dict.fromkeys(names, torch.tensor([1.0, 3.0])), present)
    assert all(mean == (0.0 if name in silent else 2.0) for name, mean in means.items())


def test_the_loss_of_a_task_is_the_weighted_sum_of_its_components():
    components = {'heat': torch.tensor(2.0), 'boxes': torch.tensor(3.0), 'depth': torch.tensor(5.0)}
    found = task_losses(components, {'heat': 0.5, 'boxes': 2.0, 'depth': 1.0}, ('depth', 'detection'))
    assert found.tolist() == [5.0, 7.0]


def test_validations_score_what_the_network_gives():
    names = [name for score in start_scores(SMALL) for name in score.results()]
    assert names == ['binary_dice', 'types_micro', 'types_dice', 'parts_dice', 'depth_mae_mm', 'depth_abs_rel']
    of_view = [name for score in start_scores(replace(SMALL, view=True)) for name in score.results()]
    assert of_view == [*names, 'views_told', 'nothing_told']
