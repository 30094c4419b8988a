"""A teacher is loaded from a local folder, and a folder that holds none is named with the remedy."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from support.depth_teacher import write_teacher

from mt3dnet_ros.datasets.depth.teacher import Teacher, TeacherError

CPU = torch.device('cpu')


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (64, 90, 3), np.uint8)


def own_output(folder, image):
    """Return what transformers' own pipeline makes of an image."""
    from transformers import pipeline

    estimate = pipeline('depth-estimation', str(folder), device='cpu')
    return estimate(Image.fromarray(image))['predicted_depth'].numpy()


def test_depth_has_the_size_of_the_image(tmp_path, image):
    depth = Teacher(write_teacher(tmp_path), CPU)(image)
    assert depth.shape == (64, 90) and depth.dtype == np.float32
    assert np.isfinite(depth).all() and depth.std() > 0.0


def test_metric_teacher_gives_the_inverse_of_its_metres(tmp_path, image):
    relative = Teacher(write_teacher(tmp_path / 'relative'), CPU)
    metric = Teacher(write_teacher(tmp_path / 'metric', metric=True), CPU)
    assert metric.is_metric and not relative.is_metric
    np.testing.assert_allclose(metric(image), 1.0 / np.maximum(own_output(tmp_path / 'metric', image), 1e-4), rtol=1e-5)
    np.testing.assert_allclose(relative(image), own_output(tmp_path / 'relative', image), rtol=1e-5)


def test_same_image_gives_the_same_depth_after_loading_again(tmp_path, image):
    write_teacher(tmp_path)
    np.testing.assert_array_equal(Teacher(tmp_path, CPU)(image), Teacher(tmp_path, CPU)(image))


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(TeacherError, match=r"teacher folder '.*nowhere' does not exist; name a folder as"):
        Teacher(tmp_path / 'nowhere', CPU)


@pytest.mark.parametrize('name', ['config.json', 'preprocessor_config.json'])
def test_missing_description_is_named(tmp_path, name):
    (write_teacher(tmp_path) / name).unlink()
    with pytest.raises(TeacherError, match=rf'has no {name}'):
        Teacher(tmp_path, CPU)


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        ('{"model_type": "bert"}', r"model type 'bert' .* is not supported \(supported: depth_anything, dpt\)"),
        ('{}', 'cannot be loaded: .*model_type'),
        ('no json', 'cannot be loaded'),
    ],
)
def test_folder_of_something_else_is_named(tmp_path, content, reason):
    (write_teacher(tmp_path) / 'config.json').write_text(content)
    with pytest.raises(TeacherError, match=reason):
        Teacher(tmp_path, CPU)


def test_missing_weights_are_named(tmp_path):
    (write_teacher(tmp_path) / 'model.safetensors').unlink()
    with pytest.raises(TeacherError, match=r'cannot be loaded: .*model\.safetensors'):
        Teacher(tmp_path, CPU)


def test_weights_that_lack_tensors_are_refused_and_not_made_up(tmp_path):
    path = write_teacher(tmp_path) / 'model.safetensors'
    tensors = {name: tensor for name, tensor in load_file(path).items() if not name.startswith('head.')}
    save_file(tensors, path, {'format': 'pt'})
    with pytest.raises(TeacherError, match=r"lack 6 of the model's tensors, first head\.conv1\.bias"):
        Teacher(tmp_path, CPU)


def test_weights_of_another_width_are_refused(tmp_path):
    config = json.loads((write_teacher(tmp_path) / 'config.json').read_text())
    config['fusion_hidden_size'] = 12
    (tmp_path / 'config.json').write_text(json.dumps(config))
    with pytest.raises(TeacherError, match='cannot be loaded'):
        Teacher(tmp_path, CPU)
