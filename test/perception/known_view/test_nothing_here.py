"""Where there is nothing that the network knows, a scene says so, and says nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from support.drawing import CONFIG
from support.nothing import BLANKS, PATTERNS, SIZES
from support.small_network import save_small_checkpoint, tissue

import mt3dnet_ros
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.settings import Settings

SIZE = (96, 128)
CAMERA = Camera(SIZE[1], SIZE[0], 140.0, 140.0, 61.0, 50.0)
SECOND = 1_000_000_000
BLACK = np.zeros((*SIZE, 3), np.uint8)

pytestmark = pytest.mark.usefixtures('one_thread')


def camera_of(size: tuple[int, int]) -> Camera:
    return Camera(size[1], size[0], float(size[1]), float(size[1]), size[1] / 2, size[0] / 2)


def assert_nothing(scene: Scene) -> None:
    """Check a scene of all outputs; with saliency or without."""
    assert scene.nothing
    for name in ('labels', 'instances', 'parts', 'confidence'):
        assert not getattr(scene, name).any(), name
    assert scene.detections == []
    assert np.isnan(scene.depth).all() and np.isnan(scene.cloud.xyz).all() and not scene.cloud.labels.any()
    assert scene.saliency is None or not scene.saliency.any()
    assert scene.scanpath in (None, ())
    assert scene.gaze is None or np.isnan(scene.gaze).all()


@pytest.fixture(scope='module')
def shipped() -> Perceiver:
    return mt3dnet_ros.load(device='cpu', settings=Settings(score_threshold=0.01, max_depth=10.0))


def look(perceiver: Perceiver, make: Callable[[tuple[int, int]], np.ndarray], size: tuple[int, int]) -> Scene:
    return perceiver(Frame(make(size)), camera_of(size))


@pytest.mark.parametrize('size', SIZES, ids=str)
@pytest.mark.parametrize('kind', ['black', 'noise'])
def test_the_shipped_network_sees_nothing_in_a_blank_of_any_size(shipped, kind, size):
    assert_nothing(look(shipped, BLANKS[kind], size))


@pytest.mark.parametrize('kind', BLANKS)
def test_the_shipped_network_sees_nothing_in_any_blank(shipped, kind):
    assert_nothing(look(shipped, BLANKS[kind], (240, 320)))


@pytest.mark.parametrize('size', SIZES, ids=str)
@pytest.mark.parametrize('kind', PATTERNS)
def test_the_shipped_network_sees_nothing_in_a_test_pattern_or_menu(shipped, kind, size):
    if not shipped.config.view:
        pytest.skip('the shipped network has no view head')
    assert_nothing(look(shipped, PATTERNS[kind], size))


def small(bias: float = 0.0, **settings: float) -> Perceiver:
    """Return a perceiver of a small network with a view head whose logit is the same for all pictures."""
    torch.manual_seed(3)
    model = MT3DNet(replace(CONFIG, input_size=SIZE, decoder_channels=16, view=True)).eval()
    with torch.no_grad():
        model.types.weight *= 40.0
        model.view.logit.weight.zero_()
        model.view.logit.bias.fill_(bias)
    return make_perceiver(model, torch.device('cpu'), Settings(**{'score_threshold': 0.0} | settings))


def test_a_picture_that_the_network_does_not_know_is_nothing_here():
    scene = small(-2.0)(tissue(*SIZE), CAMERA)
    assert_nothing(scene)
    assert scene.view == pytest.approx(0.119, abs=1e-3)
    assert scene.nothing == 'no view that the network knows (probability 0.12)'
    assert 'nothing here: no view' in str(scene) and 'nothing here: no view' in repr(scene)


def test_a_known_view_says_how_likely_it_is_one_and_scores_follow():
    sure, likely = (small(bias)(tissue(*SIZE), CAMERA) for bias in (20.0, 2.0))
    assert likely.nothing == '' and likely.view == pytest.approx(0.881, abs=1e-3)
    assert 'a view that the network knows, probability 0.88' in str(likely)
    assert np.array_equal(sure.labels, likely.labels) and sure.labels.any()
    assert sure.detections
    for one, other in zip(sure.detections, likely.detections, strict=True):
        assert other.score == pytest.approx(likely.view * one.score, rel=1e-4)
        assert other.class_scores == pytest.approx([likely.view * score for score in one.class_scores], rel=1e-4)


def test_the_threshold_may_change_at_any_time_and_spares_no_blank():
    perceiver = small(-2.0)
    perceiver.settings = replace(perceiver.settings, view_threshold=0.1)
    assert perceiver(tissue(*SIZE), CAMERA).nothing == ''
    perceiver.settings = replace(perceiver.settings, view_threshold=0.0)
    assert_nothing(perceiver(BLACK, CAMERA))


def test_the_overlay_says_so_in_words():
    overlay = small()(np.zeros((480, 640, 3), np.uint8), None, {'overlay'}).overlay
    rows, columns = overlay.all(axis=2).nonzero()
    assert 200 < rows.min() < rows.max() < 280, 'across the middle'
    assert columns.max() - columns.min() > 200


@pytest.fixture(scope='module')
def remembering(tmp_path_factory: pytest.TempPathFactory) -> MT3DNet:
    return load_checkpoint(
        save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors', saliency=True)
    )


def last_scene(model: MT3DNet, stamped: list[tuple[np.ndarray, float]]) -> tuple[Scene, int]:
    """Return what is seen in the last of some frames, and how often the stream began anew."""
    settings = Settings(score_threshold=0.0, mask_time_constant=0.3, gaze_time_constant=0.5, saliency_reset_gap=1.0)
    perceiver = make_perceiver(model, torch.device('cpu'), settings)
    scenes = [perceiver(Frame(rgb, round(seconds * SECOND)), CAMERA) for rgb, seconds in stamped]
    return scenes[-1], perceiver.resets


def test_a_blank_between_good_frames_changes_nothing(remembering):
    first = tissue(*SIZE) // 2 + 20
    second = first + np.random.default_rng(1).integers(0, 3, first.shape, np.uint8)  # so alike that masks are smoothed
    seen, resets = last_scene(remembering, [(first, 10.0), (BLACK, 10.1), (BLACK, 10.2), (second, 10.3)])
    as_if, _ = last_scene(remembering, [(first, 10.0), (second, 10.3)])
    alone, _ = last_scene(remembering, [(second, 10.3)])
    assert resets == 0
    assert np.array_equal(seen.saliency, as_if.saliency) and not np.array_equal(seen.saliency, alone.saliency)
    assert np.array_equal(seen.confidence, as_if.confidence) and not np.array_equal(seen.confidence, alone.confidence)
    assert seen.gaze == as_if.gaze


def test_after_a_long_blank_a_stream_begins_anew(remembering):
    first, second = tissue(*SIZE), tissue(*SIZE, seed=1)
    blanks = [(BLACK, 10.0 + 0.2 * number) for number in range(1, 7)]
    seen, resets = last_scene(remembering, [(first, 10.0), *blanks, (second, 11.4)])
    alone, _ = last_scene(remembering, [(second, 11.4)])
    assert resets == 1
    assert np.array_equal(seen.saliency, alone.saliency) and seen.gaze == alone.gaze


def test_a_stream_that_begins_blank_has_nothing_to_forget(remembering):
    seen, resets = last_scene(remembering, [(BLACK, 10.0), (BLACK, 10.1), (tissue(*SIZE), 10.2)])
    alone, _ = last_scene(remembering, [(tissue(*SIZE), 10.2)])
    assert resets == 0 and np.array_equal(seen.saliency, alone.saliency)
