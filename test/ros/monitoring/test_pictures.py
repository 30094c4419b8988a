"""Pictures that are blank, stand still, or are full of instruments."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.scene import Box, Detection, Scene
from mt3dnet_ros.ros.monitoring.pictures import PictureMonitor, PictureState

GENERATOR = np.random.default_rng(5)
TOOLS = (1, 2)


def tissue(seed: int = 0) -> np.ndarray:
    """Return a picture as an endoscope gives it: a bright disc with noise."""
    rows, columns = np.mgrid[:256, :320]
    light = np.clip(1.0 - ((rows - 128) ** 2 + (columns - 160) ** 2) / 200.0**2, 0.0, 1.0)
    picture = light[..., None] * (210, 90, 80) + np.random.default_rng(seed).normal(0.0, 2.0, (256, 320, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)


def noisy(color: tuple[int, int, int], deviation: float = 3.0) -> np.ndarray:
    return np.clip(GENERATOR.normal(color, deviation, (256, 320, 3)), 0, 255).astype(np.uint8)


def with_text(picture: np.ndarray) -> np.ndarray:
    return cv2.putText(picture.copy(), 'NO SIGNAL', (90, 130), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 1)


class SteadyHand:
    """A monitor that is shown a picture every 0.1 s."""

    def __init__(self) -> None:
        self.now = 50.0
        self.monitor = PictureMonitor(TOOLS, lambda: self.now)
        self.stamp = 0

    def show(self, picture: np.ndarray, scene: Scene | None = None, stamped: bool = True) -> PictureState:
        self.now += 0.1
        self.stamp += stamped
        self.monitor.look(Frame(picture, self.stamp))
        self.monitor.interpret(scene)
        return self.monitor.snapshot()


@pytest.fixture
def hand() -> SteadyHand:
    return SteadyHand()


def test_a_living_picture_has_nothing_to_say(hand: SteadyHand) -> None:
    for seed in range(20):
        assert hand.show(tissue(seed)) == PictureState(color=hand.monitor.snapshot().color)


@pytest.mark.parametrize(
    ('picture', 'is_black'),
    [
        (noisy((0, 0, 0)), True),
        (noisy((14, 10, 12)), True),
        (with_text(noisy((0, 0, 0))), True),
        (noisy((20, 40, 200)), False),
        (with_text(noisy((0, 0, 255), 0.0)), False),
        (noisy((255, 255, 255)), False),
        (noisy((128, 128, 128)), False),
    ],
)
def test_a_plain_picture_is_blank_whatever_its_noise(hand: SteadyHand, picture: np.ndarray, is_black: bool) -> None:
    for _ in range(11):
        state = hand.show(picture)
    assert state.blank == pytest.approx(1.0)
    assert state.is_black is is_black
    assert hand.show(tissue()).blank == 0.0


def test_noise_is_blank_and_has_no_colour(hand: SteadyHand) -> None:
    hand.show(noisy((0, 0, 0)))
    state = hand.show(GENERATOR.integers(0, 256, (256, 320, 3), np.uint8))
    assert state.blank == pytest.approx(0.1)
    assert state.color is None and not state.is_black


def test_blank_pictures_and_those_of_no_known_view_are_counted_apart_and_last_together(hand: SteadyHand) -> None:
    unknown = Scene(nothing='no view that the network knows (probability 0.10)', view=0.1)
    for picture, scene in (
        (noisy((0, 0, 0)), Scene(nothing='blank', view=0.0)),
        (tissue(), unknown),
        (tissue(), unknown),
    ):
        state = hand.show(picture, scene)
    assert state.unknown == pytest.approx(0.2) and state.blank == 0.0
    assert (state.blanks, state.strangers, state.view) == (1, 2, 0.1)
    state = hand.show(tissue(), Scene(view=0.9))
    assert (state.unknown, state.blanks, state.strangers, state.view) == (0.0, 1, 2, 0.9)


def test_blank_pictures_that_nobody_asks_about_are_unknown_too(hand: SteadyHand) -> None:
    for _ in range(11):
        state = hand.show(noisy((0, 0, 0)), None)
    assert state.unknown == pytest.approx(1.0)


@pytest.mark.parametrize('scale', [0.25, 0.5, 1.0])
def test_a_dark_picture_that_shows_something_is_not_blank(hand: SteadyHand, scale: float) -> None:
    for seed in range(5):
        assert hand.show((tissue(seed) * scale).astype(np.uint8)).blank == 0.0


def test_a_picture_that_repeats_is_unchanged_until_one_pixel_differs(hand: SteadyHand) -> None:
    picture = tissue()
    for _ in range(11):
        state = hand.show(picture.copy())
    assert state.unchanged == pytest.approx(0.9)  # from the second on
    picture[101, 103] ^= 1  # not one of those that are looked at first
    assert hand.show(picture).unchanged == 0.0


def test_a_stamp_that_stands_is_noticed_and_a_missing_one_is_none(hand: SteadyHand) -> None:
    for seed in range(11):
        state = hand.show(tissue(seed), stamped=seed == 0)
    assert state.same_stamp == pytest.approx(0.9)
    unstamped = SteadyHand()
    for seed in range(3):
        assert unstamped.show(tissue(seed), stamped=False).same_stamp == 0.0


def labels(covered: float, class_id: int = 1) -> Scene:
    picture = np.zeros((256, 320), np.uint8)
    picture[: round(256 * covered)] = class_id
    return Scene(labels=picture)


def box(width: int, class_id: int = 1) -> Scene:
    return Scene(detections=[Detection(class_id, 'forceps', 0.9, 1, Box(0, 0, width, 256))])


@pytest.mark.parametrize(
    ('scene', 'is_covered'),
    [
        (labels(1.0), True),
        (labels(0.85, 2), True),
        (labels(0.75), False),
        (labels(1.0, 3), False),  # tissue may fill the picture
        (box(320), True),
        (box(200), False),
        (box(320, 3), False),
        (Scene(detections=[]), False),
        (None, False),
    ],
)
def test_instruments_that_fill_the_picture_are_strange(hand: SteadyHand, scene: Scene | None, is_covered: bool) -> None:
    for seed in range(11):
        state = hand.show(tissue(seed), scene)
    assert (state.covered == pytest.approx(1.0)) is is_covered
    assert hand.show(tissue(), None).covered == 0.0


def test_what_was_seen_can_be_forgotten(hand: SteadyHand) -> None:
    for _ in range(5):
        hand.show(noisy((0, 0, 0), 0.0), labels(1.0))
    hand.monitor.forget()
    assert hand.monitor.snapshot() == PictureState()
    assert hand.show(noisy((0, 0, 0), 0.0)).unchanged == 0.0
