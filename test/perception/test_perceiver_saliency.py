"""Saliency over the frames of a stream, with a small network of random weights."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from perception.test_perceiver import camera_of, image_of, same
from support.drawing import CONFIG, Drawing, DrawnBackEnd

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception import postprocess
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.preprocess import Letterbox, normalize
from mt3dnet_ros.perception.scene import ALL_OUTPUTS
from mt3dnet_ros.perception.settings import Settings

SECOND = 1_000_000_000
CPU = torch.device('cpu')
SIZE = (64, 96)
SMALL = replace(CONFIG, input_size=SIZE, decoder_channels=32, saliency=True)
CAMERA = camera_of(SIZE)
ATTENTION = frozenset({'saliency', 'scanpath', 'gaze'})


pytestmark = pytest.mark.usefixtures('one_thread')


@pytest.fixture(scope='module')
def model() -> MT3DNet:
    """Return a network whose saliency depends on what it remembers, and varies over the image."""
    torch.manual_seed(7)
    model = MT3DNet(SMALL).eval()
    with torch.no_grad():
        model.saliency.temporal.cell.out.weight.normal_(0.0, 5.0)
        model.saliency.logits.weight *= 20.0
        model.saliency.logits.bias.zero_()
    return model


@pytest.fixture
def perceiver(model) -> Perceiver:
    return make_perceiver(model, CPU, Settings(score_threshold=0.0, max_depth=1.0))


def frame(k: int, seconds: float) -> Frame:
    """Return the k-th picture."""
    return Frame(image_of(SIZE, k), round(seconds * SECOND))


def saliency_of(perceiver: Perceiver, *frames: Frame) -> np.ndarray:
    """Return the saliency of the last of some frames."""
    return [perceiver(frame, CAMERA, {'saliency'}).saliency for frame in frames][-1]


def test_frames_of_a_stream_are_seen_as_the_network_sees_a_sequence(perceiver, model):
    images = torch.from_numpy(
        np.concatenate([normalize(image_of(SIZE, k), SIZE, SMALL.mean, SMALL.std) for k in range(3)])
    )
    with torch.inference_mode():
        logits = model.forward_sequence(images[None]).saliency[0, :, 0]
    for k, expected in enumerate((255.0 * logits.sigmoid()).round().byte().numpy()):
        found = saliency_of(perceiver, frame(k, 1.0 + 0.1 * k))
        assert np.abs(found - Letterbox(SIZE, SIZE).map_to_image(expected).astype(int)).max() <= 1
    assert perceiver.resets == 0


def test_what_was_seen_before_changes_the_saliency(perceiver):
    alone = saliency_of(perceiver, frame(0, 5.0))
    perceiver.reset()
    assert np.abs(saliency_of(perceiver, frame(1, 1.0), frame(0, 1.1)) - alone.astype(int)).max() > 10


@pytest.mark.parametrize('stamp', [0.0, 0.9, 2.1], ids=['no stamp', 'time went back', 'gap'])
def test_after_a_break_a_frame_is_seen_as_a_first_one(perceiver, stamp):
    first = saliency_of(perceiver, frame(0, 5.0))
    perceiver.reset()
    assert np.array_equal(saliency_of(perceiver, frame(1, 1.0), frame(0, stamp)), first)
    assert perceiver.resets == 2


def test_longer_gaps_can_be_allowed(perceiver):
    first = saliency_of(perceiver, frame(0, 5.0))
    perceiver.reset()
    perceiver.settings = replace(perceiver.settings, saliency_reset_gap=2.0)
    assert not np.array_equal(saliency_of(perceiver, frame(1, 1.0), frame(0, 2.1)), first)


def test_frames_without_saliency_among_the_outputs_are_remembered_too(perceiver):
    expected = saliency_of(perceiver, frame(1, 1.0), frame(0, 1.1))
    perceiver.reset()
    perceiver(frame(1, 1.0), CAMERA, {'depth'})
    assert np.array_equal(saliency_of(perceiver, frame(0, 1.1)), expected)


def test_warming_up_leaves_no_memory(perceiver):
    first = saliency_of(perceiver, frame(0, 5.0))
    perceiver.reset()
    perceiver.warm_up(SIZE, CAMERA)
    assert np.array_equal(saliency_of(perceiver, frame(0, 5.0)), first)


def test_the_other_outputs_are_those_of_the_network_without_saliency(perceiver, model):
    plain = MT3DNet(replace(SMALL, saliency=False)).eval()
    plain.load_state_dict({key: value for key, value in model.state_dict().items() if not key.startswith('saliency')})
    without = make_perceiver(plain, CPU, perceiver.settings)
    for k in range(2):
        expected, scene = (each(frame(k, 1.0 + 0.1 * k), CAMERA) for each in (without, perceiver))
        assert all(same(scene, expected, name) for name in ALL_OUTPUTS - ATTENTION)
        assert all(getattr(expected, name) is None for name in ATTENTION)
        assert all(getattr(scene, name) is not None for name in ATTENTION)
    assert without.resets == 0


def test_nothing_of_saliency_is_computed_unless_asked_for(perceiver, monkeypatch):
    monkeypatch.delattr(postprocess, 'find_scanpath')
    scene = perceiver(frame(0, 1.0), CAMERA, ALL_OUTPUTS - {'scanpath', 'gaze'})
    assert scene.saliency is not None
    monkeypatch.delattr(postprocess, 'read_probability')
    scene = perceiver(frame(0, 1.0), CAMERA, ALL_OUTPUTS - ATTENTION)
    assert all(getattr(scene, name) is None for name in ATTENTION)
    with pytest.raises(NameError):
        perceiver(frame(0, 1.0), CAMERA, {'saliency'})


@pytest.fixture
def tool_at(perceiver):
    """Let the network see one tool, at a depth in canonical metres."""

    def place(depth: float) -> None:
        box = (4, 4, 16, 12)
        drawing = Drawing(SIZE).tool(box, 4, depth=depth).salient(box, 0.7)
        perceiver.back_end = DrawnBackEnd(drawing, perceiver.config, SIZE)

    return place


def gaze_of(perceiver: Perceiver, seconds: float) -> tuple[float, float, float]:
    return perceiver(frame(0, seconds), CAMERA, {'gaze'}).gaze


def test_gaze_is_smoothed_between_frames_and_jumps_after_a_break(perceiver, tool_at):
    perceiver.settings = replace(perceiver.settings, gaze_time_constant=0.2)
    tool_at(0.1)
    near = gaze_of(perceiver, 10.0)
    tool_at(0.2)
    between, far = gaze_of(perceiver, 10.1), gaze_of(perceiver, 20.0)
    assert far[2] == pytest.approx(2.0 * near[2])
    assert between[2] == pytest.approx(near[2] * (2.0 - math.exp(-0.5)))


def test_gaze_of_an_interpretation_is_not_smoothed_and_smooths_no_other(perceiver, tool_at):
    tool_at(0.1)
    near = gaze_of(perceiver, 10.0)
    tool_at(0.2)
    seen = perceiver.run(frame(0, 10.1), CAMERA)
    for _ in range(2):
        assert perceiver.interpret(seen, CAMERA, {'gaze'}).gaze[2] == pytest.approx(2.0 * near[2])
    tool_at(0.1)
    assert gaze_of(perceiver, 10.2) == pytest.approx(near)


def test_scanpath_is_not_smoothed(perceiver, tool_at):
    tool_at(0.1)
    gaze_of(perceiver, 10.0)
    tool_at(0.2)
    scene = perceiver(frame(0, 10.1), CAMERA, {'gaze', 'scanpath'})
    assert scene.scanpath[0].point[2] > scene.gaze[2]


def test_a_picture_that_is_repeated_has_no_gaze_and_no_scanpath_until_it_lives_again(perceiver, tool_at):
    tool_at(0.1)
    wanted = {'gaze', 'scanpath', 'saliency', 'overlay'}
    scenes = [perceiver(frame(0, 10.0 + 0.1 * number), CAMERA, wanted) for number in range(5)]
    assert [scene.frozen for scene in scenes] == [False, False, False, True, True]
    assert [len(scene.scanpath) for scene in scenes] == [1, 1, 1, 0, 0]
    assert [bool(np.isfinite(scene.gaze).all()) for scene in scenes] == [True, True, True, False, False]
    assert scenes[3].saliency.any(), 'all else is as ever'
    assert not np.array_equal(scenes[3].overlay, scenes[0].overlay), 'the overlay says so'
    living = perceiver(frame(1, 10.5), CAMERA, wanted)
    assert not living.frozen and living.scanpath and np.isfinite(living.gaze).all()


def test_a_simulated_camera_may_stand_still(perceiver, tool_at):
    perceiver.settings = replace(perceiver.settings, frozen_timeout=0.0)
    tool_at(0.1)
    assert all(np.isfinite(gaze_of(perceiver, 10.0 + 0.1 * number)).all() for number in range(20))


def test_gaze_is_unknown_without_a_camera(perceiver, tool_at):
    tool_at(0.1)
    assert np.isnan(perceiver(frame(0, 1.0), None, {'gaze'}).gaze).all()


def test_overlay_shows_saliency_only_where_the_settings_say_so(perceiver, tool_at):
    tool_at(0.1)
    plain = perceiver(frame(0, 1.0), CAMERA, {'overlay'}).overlay
    perceiver.settings = replace(perceiver.settings, overlay_saliency=True)
    assert not np.array_equal(perceiver(frame(0, 1.0), CAMERA, {'overlay'}).overlay, plain)
