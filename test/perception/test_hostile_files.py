"""A checkpoint, a recipe, a taxonomy or another file from somebody else executes nothing, and reads nothing else."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.reached import OpenedFiles

import mt3dnet_ros
from mt3dnet_ros.commands.making.plan import PlanError, read_plan
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.media.calibration_file import read_calibration_file
from mt3dnet_ros.models.pretrained import read_weights
from mt3dnet_ros.perception.checkpoint import load_network
from mt3dnet_ros.perception.checkpoint_header import CheckpointError
from mt3dnet_ros.perception.export.onnx_file import read_exported
from mt3dnet_ros.perception.taxonomy import TaxonomyError, load_taxonomy, taxonomy_of_network
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.resources import package_file
from mt3dnet_ros.training.milestones import steps_done
from mt3dnet_ros.training.recipe import RecipeError
from mt3dnet_ros.training.recipe_file import build_recipe, read_recipe


class Code:
    """Unpickled, it makes a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Return a folder that is there once hostile code has run."""
    return tmp_path / 'trace'


def resumed(path: Path) -> object:
    return steps_done(build_recipe({'data': 'a', 'output': 'b', 'resume': str(path)}))


@pytest.mark.parametrize('write', [partial(pickle.dump, protocol=2), torch.save], ids=['pickle', 'torch'])
@pytest.mark.parametrize(
    ('name', 'read'),
    [
        ('net.safetensors', load_network),
        ('net.safetensors', mt3dnet_ros.load),
        ('net.onnx', mt3dnet_ros.load),
        ('last.ckpt', resumed),
        ('mit_b0.pth', read_weights),
    ],
)
def test_code_in_a_file_of_weights_does_not_run(
    name: str, read: Callable[[Path], object], write: Callable[..., None], tmp_path: Path, trace: Path
) -> None:
    path = tmp_path / name
    with path.open('wb') as file:
        write({'state_dict': Code(trace), 'global_step': 3}, file)
    with pytest.raises(MT3DNetError):
        read(path)
    assert not trace.exists()
    with path.open('rb') as file:
        torch.load(file, weights_only=False) if write is torch.save else pickle.load(file)
    assert trace.exists()  # the test can fail: this is what must not happen


@pytest.mark.parametrize(
    'read',
    [
        load_taxonomy,
        load_domain,
        read_plan,
        read_calibration_file,
        read_recipe,
        lambda path: read_recipe(package_file('config', 'train', 'default.yaml'), [f'data={path.read_text()}']),
    ],
)
@pytest.mark.parametrize('tag', ['object/apply', 'object/new', 'name'])
def test_code_in_yaml_does_not_run(read: Callable[[Path], object], tag: str, tmp_path: Path, trace: Path) -> None:
    path = tmp_path / 'file.yaml'
    path.write_text(f'{{name: !!python/{tag}:os.mkdir [{trace}], classes: []}}')
    with pytest.raises(MT3DNetError):
        read(path)
    assert not trace.exists()


def test_code_in_an_array_does_not_run(tmp_path: Path, trace: Path) -> None:
    (tmp_path / 'train').mkdir()
    np.save(tmp_path / 'train/images.npy', np.array([Code(trace)], object), allow_pickle=True)
    with pytest.raises(MT3DNetError, match='is damaged'):
        RenderedFrames(tmp_path, 'train')
    assert not trace.exists()


@pytest.mark.parametrize('reader', ['os:system', 'subprocess:call', 'shutil:rmtree'])
def test_a_recipe_or_plan_calls_no_function(reader: str, tmp_path: Path) -> None:
    path = tmp_path / 'recipe.yaml'
    path.write_text(f'{{dataset: "{reader}", data: a, output: b}}')
    with pytest.raises(RecipeError, match=f"names code, '{reader}', as its data set: a file executes nothing"):
        read_recipe(path)
    path.write_text('{data: a, output: b}')
    assert read_recipe(path, [f'dataset={reader}']).dataset == reader  # whoever types it knows it
    path.write_text(f'{{stages: {{one: {{command: calibrate, dataset: "{reader}", data: a}}}}}}')
    with pytest.raises(PlanError, match='names code'):
        read_plan(path)


def test_xml_reads_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / 'secret.txt'
    secret.write_text('1')
    watch = OpenedFiles(secret)
    path = tmp_path / 'camera.xml'
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
        '<opencv_storage><camera_matrix>&e;</camera_matrix></opencv_storage>'
    )
    with pytest.raises(MT3DNetError):
        read_calibration_file(path)
    assert watch.count() == 0
    watch.close()


def test_a_network_that_names_another_file_as_its_labels_does_not_tell_what_is_in_it(tmp_path: Path) -> None:
    secret = tmp_path / 'passwords.yaml'
    secret.write_text('{name: mine, classes: [{id: secret word}]}')
    with pytest.raises(TaxonomyError) as refusal:
        taxonomy_of_network(str(secret), ['background'])
    assert 'secret word' not in repr(refusal.value) and refusal.value.__cause__ is None
    (tmp_path / 'key').write_text('secret word')
    with pytest.raises(TaxonomyError, match='is no YAML file'):
        taxonomy_of_network(str(tmp_path / 'key'), ['background'])


def test_the_name_of_a_taxonomy_leaves_no_folder() -> None:
    for name in ('../train/default', '..', '.', 'endovis2018\0', '~', ''):
        with pytest.raises((TaxonomyError, ValueError)):
            load_taxonomy(name)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    shutil.copy(package_file('config', 'checkpoints', 'mt3dnet_lite0.onnx'), tmp_path / 'net.onnx')
    return tmp_path / 'net.onnx'


@pytest.mark.parametrize('where', ['initializer', 'constant', 'branch'])
@pytest.mark.parametrize('location', ['secret.bin', '../secret.bin', '{}/secret.bin'])
def test_an_exported_network_with_weights_in_other_files_is_refused(
    where: str, location: str, shipped: Path, tmp_path: Path
) -> None:
    onnx = pytest.importorskip('onnx')
    model = onnx.load(shipped)
    tensor = onnx.TensorProto(name='secret', data_type=1, dims=[4], data_location=onnx.TensorProto.EXTERNAL)
    tensor.external_data.add(key='location', value=location.format(tmp_path))
    constant = onnx.helper.make_node('Constant', [], ['made'], value=tensor)
    if where == 'initializer':
        model.graph.initializer.append(tensor)
    elif where == 'constant':
        model.graph.node.append(constant)
    else:
        branch = onnx.helper.make_graph([constant], 'branch', [], [])
        model.graph.node.append(onnx.helper.make_node('If', ['c'], ['d'], then_branch=branch, else_branch=branch))
    shipped.write_bytes(model.SerializeToString())
    with pytest.raises(CheckpointError, match='has weights in other files, which are not opened'):
        read_exported(shipped)
    with pytest.raises(CheckpointError, match='has weights in other files'):
        mt3dnet_ros.load(shipped)


def test_the_exported_network_that_ships_is_whole(shipped: Path) -> None:
    assert read_exported(shipped).path == shipped
