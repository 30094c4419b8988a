"""Recipes are typed, and mistakes in them are named."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from mt3dnet_ros.resources import package_file
from mt3dnet_ros.training.recipe import Recipe
from mt3dnet_ros.training.recipe_file import RecipeError, build_recipe, describe_keys, read_recipe

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
        ({'batch_size': 9, 'processes': 2}, 'must divide among 2 processes'),
    ],
)
def test_mistake_is_named(values, complaint):
    with pytest.raises(RecipeError, match=complaint):
        build_recipe(FOLDERS | values)


def test_lists_are_as_long_as_they_are_given():
    recipe = build_recipe(FOLDERS | {'tasks': ['depth', 'detection'], 'task_weights': [1, 3]})
    assert recipe.tasks == ('depth', 'detection') and recipe.task_weights == (1.0, 3.0)


def test_every_key_is_documented_in_order():
    described = re.findall(r':param (\w+):', Recipe.__doc__)
    keys = [field.name for field in fields(Recipe)]
    assert set(described) <= set(keys)
    assert described == sorted(described, key=keys.index), 'the docstring follows the order of the keys'


def test_help_names_every_key_with_default_and_meaning():
    text = describe_keys()
    assert all(f'\n{field.name}' in f'\n{text}' for field in fields(Recipe))
    assert 'steps = 4000\n    optimiser steps; the learning rate reaches its end at the last' in text


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
