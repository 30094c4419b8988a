"""Recipes are typed, and mistakes in them are named."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from mt3dnet_ros.resources import package_file
from mt3dnet_ros.training.asto.recipe import AstoRecipe
from mt3dnet_ros.training.recipe import CommonRecipe, Recipe, RecipeError
from mt3dnet_ros.training.recipe_file import build_recipe, describe_keys, read_recipe

FOLDERS = {'data': 'frames', 'output': 'run'}


def test_shipped_recipe_describes_the_shipped_network():
    recipe = read_recipe(package_file('config', 'train', 'first_checkpoint.yaml'), ['data=a', 'output=b'])
    network = recipe.network()
    assert recipe.encoder == network.encoder == 'b0'
    assert network.classes[:2] == ('background', 'bipolar forceps') and len(network.classes) == 9


def test_overrides_win_over_the_file(tmp_path):
    (tmp_path / 'recipe.yaml').write_text('data: a\noutput: b\nsteps: 10\nvalidate_every: 10\n')
    recipe = read_recipe(
        tmp_path / 'recipe.yaml', ['steps=1000', 'learning_rate=2e-4', 'input_size=[64, 96]', 'data=c']
    )
    assert (recipe.steps, recipe.learning_rate, recipe.input_size, recipe.data) == (1000, 2e-4, (64, 96), 'c')


@pytest.mark.parametrize(
    ('values', 'complaint'),
    [
        ({'stpes': 1}, "'stpes' is not known"),
        ({'steps': 'many'}, "'steps' must be of type int, got 'many'"),
        ({'steps': True}, "'steps' must be of type int"),
        ({'steps': 0}, "'steps' must be 1 or more"),
        ({'learning_rate': 'fast'}, "'learning_rate' must be of type float"),
        ({'input_size': [256]}, "'input_size' needs 2 values"),
        ({'input_size': [250, 320]}, "'input_size' must be multiples of 32"),
        ({'optimizer': 'sgd'}, "'optimizer' must be one of adamw, adan, got 'sgd'"),
        ({'balancing': 'fair'}, "'balancing' must be one of fixed, adversarial"),
        ({'tasks': ['saliency']}, "'tasks' must name some of segmentation, detection, depth"),
        ({'tasks': 'depth'}, "'tasks' needs a list"),
        ({'tasks': []}, "'tasks' must name some of"),
        ({'task_weights': [1.0, 2.0]}, "'task_weights' needs one number per task, 3; got 2"),
        ({'class_weights': [1.0]}, "'class_weights' needs one number per class, 9; got 1"),
        ({'balance_reference': 'goals'}, 'give balance_goals'),
        ({'balance_floor': 1.0}, "'balance_floor' must lie from 0"),
        ({'synchronise_batch_norm': 1}, "'synchronise_batch_norm' must be of type bool"),
        ({'zoom': [2.0, 1.0]}, "'zoom' must rise"),
        ({'appearance': -1}, "'appearance' must be 0 or more"),
        ({'nothing': 1.5}, "'nothing' is a share, from 0 to 1, got 1.5"),
        ({'surround': -0.1}, "'surround' must be 0 or more"),
        ({'initial_share': 1.2}, "'initial_share' is a share, from 0 to 1, got 1.2"),
        ({'roll': 200}, "'roll' must lie from 0 to 180 degrees"),
        ({'batch_size': 9, 'processes': 2}, 'must divide among 2 processes'),
        ({'accelerator': 'cuda:1', 'processes': 2}, "'accelerator' is one GPU, 'cuda:1'; take gpu"),
        ({'encoder': 'b9'}, "'encoder' must be one of b0, b1, b2, b3, b4, b5, efficientnet_lite0, got 'b9'"),
        ({'frozen_stages': 5}, "'frozen_stages' must be 4 or less, got 5"),
        ({'workers': -1}, "'workers' must be 0 or more"),
        ({'stages': ['saliency'], 'steps': [1], 'batch_windows': 3, 'processes': 2}, "'batch_windows' .3. must divide"),
    ],
)
def test_mistake_is_named(values, complaint):
    with pytest.raises(RecipeError, match=complaint):
        build_recipe(FOLDERS | values)


def test_lists_are_as_long_as_they_are_given():
    recipe = build_recipe(FOLDERS | {'tasks': ['depth', 'detection'], 'task_weights': [1, 3]})
    assert recipe.tasks == ('depth', 'detection') and recipe.task_weights == (1.0, 3.0)


@pytest.mark.parametrize('kind', [Recipe, AstoRecipe])
def test_help_names_every_key_with_default_and_meaning(kind):
    text = describe_keys(kind)
    assert all(re.search(rf'^{member.name}( = .+)?\n    \S', text, re.MULTILINE) for member in fields(kind))


def test_help_shows_defaults_and_choices():
    assert 'steps = 4000\n    optimiser steps; the learning rate reaches its end at the last' in describe_keys(Recipe)
    assert 'learning_rate = 0.0001\n' in describe_keys(AstoRecipe) and 'network = st_mtl\n' in describe_keys(AstoRecipe)
    assert describe_keys(Recipe).count('its name: adamw, adan\n') == 1


def test_kinds_of_recipes_share_settings_and_declare_none_twice():
    common = {member.name for member in fields(CommonRecipe)}
    own = [{member.name for member in fields(kind)} - common for kind in (Recipe, AstoRecipe)]
    assert own[0] & own[1] == {'steps'}, 'one number here, one per stage there'


def test_every_component_of_the_losses_of_frames_has_a_factor():
    recipe = build_recipe(FOLDERS | {'factor_boxes': 0.7})
    assert recipe.losses().factors == {
        'types': 1.0, 'parts': 1.0, 'heat': 0.2, 'boxes': 0.7, 'depth': 1.0, 'saliency': 1.0, 'view': 1.0
    }  # fmt: skip


@pytest.mark.parametrize('path', sorted(package_file('config', 'train').glob('*.yaml')), ids=lambda path: path.stem)
def test_recipes_that_ship_can_be_read(path):
    recipe = read_recipe(path, ['data=frames', 'output=run'])
    assert isinstance(recipe, AstoRecipe if path.stem.startswith(('saliency', 'st_mtl')) else Recipe)


def test_a_key_of_earlier_versions_is_read_with_a_warning():
    with pytest.warns(FutureWarning, match="'device' is called 'accelerator' now; write accelerator: cpu"):
        recipe = build_recipe(FOLDERS | {'device': 'cpu'}, AstoRecipe)
    assert recipe.accelerator == 'cpu'


def test_steps_are_counted_over_stages():
    recipe = build_recipe(FOLDERS | {'stages': ['saliency', 'temporal'], 'steps': [3, 2], 'validate_every': 2})
    assert [recipe.place(step) for step in range(5)] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    assert [recipe.is_milestone(done) for done in range(1, 6)] == [False, True, True, False, True]
    assert recipe.total_steps == 5


def test_checkpoints_tell_no_path_of_their_maker():
    recipe = build_recipe(FOLDERS | {'further_data': ['more'], 'initial': 'mine', 'teacher': 'hers'})
    assert {
        'data',
        'output',
        'further_data',
        'initial',
        'depth',
        'pretrained',
        'teacher',
        'resume',
    } & recipe.without_paths().keys() == set()
    assert recipe.without_paths()['seed'] == 1


def test_missing_folders_are_named():
    with pytest.raises(RecipeError, match='recipe lacks data, output'):
        build_recipe({})


@pytest.mark.parametrize('text', ['- a list', 'a: [unclosed'])
def test_unreadable_recipe_is_refused(tmp_path, text):
    (tmp_path / 'recipe.yaml').write_text(text)
    with pytest.raises(RecipeError, match=r'recipe\.yaml'):
        read_recipe(tmp_path / 'recipe.yaml')


def test_override_without_value_is_refused(tmp_path):
    (tmp_path / 'recipe.yaml').write_text('data: a\noutput: b\n')
    with pytest.raises(RecipeError, match='must look like key=value'):
        read_recipe(tmp_path / 'recipe.yaml', ['steps'])
