"""Pictures show labels and predictions side by side, in the same colours."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import pytest
import torch

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.augmentation.augment import Batch
from mt3dnet_ros.training.monitoring.pictures import SamplePictures, draw_batch

HEIGHT, WIDTH = 64, 96
CONFIG = MT3DNetConfig(load_taxonomy('endovis2018').names, input_size=(HEIGHT, WIDTH))


def labelled_frames(count=2):
    """Return black frames with an instrument of type 2 whose depth is half of what lies around."""
    bar = slice(None), slice(16, 32), slice(24, 64)
    types, depth = torch.zeros(count, HEIGHT, WIDTH, dtype=torch.int64), torch.full((count, 1, HEIGHT, WIDTH), 0.2)
    types[bar], depth[:, :, 16:32, 24:64] = 2, 0.1
    images = -(torch.tensor(CONFIG.mean) / torch.tensor(CONFIG.std))[:, None, None].expand(count, 3, HEIGHT, WIDTH)
    ones, intrinsics = torch.ones(count), torch.eye(3).expand(count, 3, 3)
    return Batch(images, types, types.clamp(max=1), (types > 0).byte(), depth, ones, intrinsics, ones)


def perfect(batch):
    """Return the prediction that says what the labels say, with its box where the instrument is."""
    heat = torch.full((len(batch.images), 8, HEIGHT // 8, WIDTH // 8), -9.0)
    boxes = torch.zeros(len(batch.images), 4, HEIGHT // 8, WIDTH // 8)
    heat[:, 1, 2, 5] = 9.0  # the cell at column 43.5, row 19.5
    boxes[:, :, 2, 5] = torch.tensor([20.0, 4.0, 20.0, 12.0])
    types, parts = (
        torch.nn.functional.one_hot(labels, classes).movedim(-1, 1).float()
        for labels, classes in ((batch.types, 9), (batch.parts, 4))
    )
    return Prediction(types, parts, batch.depth, heat, boxes)


def panels(picture):
    """Return the seven columns of the picture's first row."""
    return [picture[:HEIGHT, WIDTH * index : WIDTH * (index + 1)] for index in range(7)]


def test_row_per_frame_and_a_column_per_view():
    batch = labelled_frames(3)
    assert draw_batch(batch, perfect(batch), CONFIG).shape == (3 * HEIGHT, 7 * WIDTH, 3)


def test_perfect_prediction_looks_like_the_labels():
    batch = labelled_frames()
    image, types, same_types, parts, same_parts, depth, same_depth = panels(draw_batch(batch, perfect(batch), CONFIG))
    assert not image.any() and types.any() and parts.any() and len({tuple(color) for color in depth[:, 30]}) == 2
    assert (types == same_types).all() and (parts == same_parts).all() and (depth == same_depth).all()


@pytest.mark.parametrize(('label', 'panel'), [('types', 1), ('parts', 3), ('depth', 5)])
def test_what_is_not_labelled_is_grey(label, panel):
    batch = labelled_frames(1)
    bare = torch.full_like(getattr(batch, label), 0 if label == 'depth' else IGNORED)
    shown = panels(draw_batch(batch._replace(**{label: bare}), perfect(batch), CONFIG))[panel][40:]
    assert (shown == shown[..., :1]).all() and 0 < shown.min() == shown.max() < 255


def test_picture_of_the_first_batch_is_written(tmp_path):
    batch = labelled_frames(3)
    trainer = SimpleNamespace(is_global_zero=True, sanity_checking=False, global_step=500, loggers=[])
    average = lambda images: perfect(labelled_frames(len(images)))  # noqa: E731
    average.config = CONFIG
    callback = SamplePictures(tmp_path, frames=2)
    for index in range(2):
        callback.on_validation_batch_end(trainer, SimpleNamespace(average=average), None, batch, index)
    assert [path.name for path in (tmp_path / 'pictures').iterdir()] == ['step_000500.jpg']
    assert cv2.imread(str(tmp_path / 'pictures' / 'step_000500.jpg')).shape == (2 * HEIGHT, 7 * WIDTH, 3)
