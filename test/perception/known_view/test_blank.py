"""Pictures of one colour and mere grain are blank; whatever has structure is not, however dark or faint."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from support.nothing import BLANKS, PATTERNS, SIZES, plain, static
from support.small_network import tissue

from mt3dnet_ros.perception.known_view.blank import is_blank, is_grain, plain_color, sample


def blank(rgb: np.ndarray) -> bool:
    return is_blank(sample(rgb))


@pytest.mark.parametrize('size', SIZES, ids=str)
@pytest.mark.parametrize('kind', BLANKS)
def test_blanks_are_told_in_every_size(kind, size):
    assert blank(BLANKS[kind](size))


@pytest.mark.parametrize('size', [(1, 1), (3, 4), (8, 12)], ids=str)
def test_the_smallest_pictures_of_one_colour_are_blank_too(size):
    assert blank(plain(90, 30, 20)(size))


@pytest.mark.parametrize('make', [plain(120, 120, 120), static], ids=['grey', 'noise'])
def test_a_blank_between_black_borders_is_blank(make):
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[:, 50:590] = make((480, 540))
    assert blank(picture)


@pytest.mark.parametrize('size', [(48, 64), (240, 320), (720, 1280)], ids=str)
@pytest.mark.parametrize('faintness', [1, 2, 4], ids=lambda faintness: f'contrast 1/{faintness}')
def test_what_has_structure_is_not_blank(size, faintness):
    for seed in range(4):
        picture = tissue(*size, seed=seed) // faintness
        noise = np.random.default_rng(seed).normal(0.0, 4.0, picture.shape)
        assert not blank(np.clip(picture + noise, 0, 255).astype(np.uint8))


@pytest.mark.parametrize('size', [(240, 320), (1080, 1920)], ids=str)
@pytest.mark.parametrize('kind', PATTERNS)
def test_patterns_have_structure(kind, size):
    assert not is_grain(sample(PATTERNS[kind](size)))


def test_a_tool_before_a_plain_ground_is_not_blank():
    picture = plain(200, 60, 60, 3.0)((576, 720))
    cv2.line(picture, (0, 300), (300, 280), (90, 90, 95), 30)
    assert not blank(picture)


def test_a_small_sign_leaves_the_colour_plain():
    picture = cv2.putText(plain(0, 0, 255)((480, 640)), 'NO SIGNAL', (200, 240), 0, 1.0, (255, 255, 255), 2)
    assert plain_color(sample(picture)) == (0, 0, 255)


@pytest.mark.parametrize('make', [plain(90, 90, 90, 2.0), static], ids=['grey', 'noise'])
def test_a_large_picture_takes_no_more_time_than_a_small_one(make):
    def fastest(picture: np.ndarray) -> float:
        times = []
        for _ in range(20):
            start = time.perf_counter()
            blank(picture)
            times.append(time.perf_counter() - start)
        return min(times)

    assert fastest(make((1080, 1920))) < 5 * fastest(make((80, 100)))
