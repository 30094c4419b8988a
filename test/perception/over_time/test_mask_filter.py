"""Masks that do not flicker, and do not lag."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.drawing import CONFIG, NETWORK, SURE, Drawing
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.over_time.mask_filter import MaskFilter
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings

WHOLE = Letterbox(NETWORK, NETWORK)
TOOL, BESIDE = (10, 10, 30, 30), (40, 10, 60, 30)
FRAME = 40_000_000  # nanoseconds
GREY = np.full((*NETWORK, 3), 90, np.uint8)


def picture_of(box):
    """Return a picture with a bright tool in a box of cells."""
    image, (left, top, right, bottom) = GREY.copy(), (4 * edge for edge in box)
    image[top:bottom, left:right] = 200
    return image


def canvas_of(picture):
    return NumPyCanvas(WHOLE, picture)


def labels_of(prediction):
    return Interpretation(prediction, WHOLE, None, CONFIG, Settings()).labels


def run(predictions, pictures, time_constant=0.12):
    """Return the labels of each frame of a stream at 25 frames per second."""
    masks, found = MaskFilter(), []
    for number, (prediction, picture) in enumerate(zip(predictions, pictures, strict=True), start=1):
        found.append(labels_of(masks(prediction, canvas_of(picture), number * FRAME, time_constant)))
    return found


def test_a_doubt_of_one_frame_does_not_show_where_the_picture_rests():
    sure, doubt = (Drawing().tool(TOOL, 4, logit=SURE).prediction for _ in range(2))
    doubt.types[0, 0] += 14.0  # background, in this frame alone
    steps = [sure, sure, doubt, sure]
    assert [bool(labels.any()) for labels in run(steps, [GREY] * 4)] == [True] * 4
    assert [bool(labels.any()) for labels in run(steps, [GREY] * 4, 0.0)] == [True, True, False, True]


def test_a_tool_that_moves_is_where_it_is_now():
    steps = [Drawing().tool(box, 4).prediction for box in (TOOL, TOOL, BESIDE)]
    labels = run(steps, [picture_of(box) for box in (TOOL, TOOL, BESIDE)])[-1]
    assert np.array_equal(labels, labels_of(steps[-1]))


def test_a_change_of_the_prediction_alone_arrives_after_some_time_constants():
    steps = [Drawing().prediction] + [Drawing().tool(TOOL, 4).prediction] * 12
    shown = [bool(labels.any()) for labels in run(steps, [GREY] * 13)]
    assert not shown[1] and shown[-1] and shown == sorted(shown)


def test_the_share_of_what_is_new_follows_the_time_between_frames():
    before, after = Drawing().prediction, Drawing().tool(TOOL, 4).prediction
    shares = []
    for elapsed in (FRAME, 3 * FRAME):
        masks = MaskFilter()
        masks(before, canvas_of(GREY), FRAME, 0.12)
        found = masks(after, canvas_of(GREY), FRAME + elapsed, 0.12)
        shares.append(found.types[0, 4, 20, 20].item() / SURE)
    assert shares == pytest.approx([1 - np.exp(-0.04 / 0.12), 1 - np.exp(-0.12 / 0.12)], abs=1e-4)


def test_parts_are_smoothed_with_types():
    before, after = Drawing().prediction, Drawing().part(TOOL, 2).prediction
    masks = MaskFilter()
    masks(before, canvas_of(GREY), FRAME, 0.12)
    assert 0.0 < masks(after, canvas_of(GREY), 2 * FRAME, 0.12).parts[0, 2, 20, 20].item() < 0.5 * SURE


@pytest.mark.parametrize('stamp', [0, 2 * FRAME])
def test_a_first_frame_and_one_without_a_stamp_are_taken_as_they_are(stamp):
    prediction, masks = Drawing().tool(TOOL, 4).prediction, MaskFilter()
    masks(Drawing().prediction, canvas_of(GREY), FRAME, 0.12)
    if stamp:
        masks.forget()
    assert np.array_equal(masks(prediction, canvas_of(GREY), stamp, 0.12).types, prediction.types)


@pytest.fixture(scope='module')
def network(tmp_path_factory):
    return load_checkpoint(save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors'))


@pytest.mark.parametrize(('second', 'remembered'), [(1.04, True), (0.96, False), (2.5, False), (0.0, False)])
def test_perception_smooths_within_a_stream_alone(network, second, remembered):
    first, grainy = tissue(64, 96), tissue(64, 96) ^ 1  # a grain of one grey value
    perceiver = make_perceiver(network, torch.device('cpu'), Settings(mask_time_constant=0.5))
    alone = perceiver(Frame(grainy), None, {'confidence'}).confidence
    perceiver(Frame(first, stamp=10**9), None, {'labels'})
    after = perceiver(Frame(grainy, stamp=round(1e9 * second)), None, {'confidence'}).confidence
    assert np.array_equal(after, alone) != remembered


def test_what_is_not_a_number_is_not_remembered():
    mad, sound, masks = Drawing().prediction, Drawing().tool(TOOL, 4).prediction, MaskFilter()
    mad.types[0, 3, 5, 5] = np.nan
    masks(sound, canvas_of(GREY), FRAME, 0.12)
    masks(mad, canvas_of(GREY), 2 * FRAME, 0.12)
    assert np.isfinite(masks(sound, canvas_of(GREY), 3 * FRAME, 0.12).types).all()
