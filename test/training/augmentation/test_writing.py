"""Writing and icons are drawn in place and leave most of a picture alone."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.training.augmentation.writing import draw_icon, draw_words, write


def test_lines_differ():
    rng = np.random.default_rng(0)
    lines = [draw_words(rng) for _ in range(40)]
    assert len(set(lines)) > 35 and all(line.isascii() for line in lines)


def test_text_covers_some_pixels_and_not_all():
    shares = []
    for seed in range(20):
        picture = np.full((288, 352, 3), 0.5, np.float32)
        write(picture, np.random.default_rng(seed), 3)
        shares.append((picture != 0.5).any(2).mean())
    assert np.mean(np.array(shares) > 0) > 0.9 and max(shares) < 0.4


def test_every_icon_fits_any_picture():
    for seed in range(60):
        picture = np.full((64, 96, 3), 0.5, np.float32)
        draw_icon(picture, np.random.default_rng(seed))
        assert picture.min() >= 0.0 and picture.max() <= 1.0
