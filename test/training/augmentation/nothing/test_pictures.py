"""Pictures without a scene: of every kind, in range, repeatable, and in their share of a batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mt3dnet_ros.training.augmentation.nothing import blank
from mt3dnet_ros.training.augmentation.nothing.pictures import KINDS, draw_nothing, replace_by_nothing, vary

SIZES = [(64, 96), (96, 64), (288, 352)]


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_is_a_picture_that_differs_from_draw_to_draw(kind, size):
    drawn = [KINDS[kind].draw(np.random.default_rng(seed), size) for seed in range(8)]
    assert all(picture.shape == (*size, 3) and np.isfinite(picture).all() for picture in drawn)
    assert len({round(float(picture.mean()), 6) for picture in drawn}) > 2


@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_is_in_range_once_it_is_varied(kind):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        picture = vary(KINDS[kind].draw(rng, (64, 96)), rng)
        assert picture.shape == (64, 96, 3) and picture.min() >= 0.0 and picture.max() <= 1.0


def test_same_seed_draws_the_same_picture():
    drawn = [draw_nothing(np.random.default_rng(seed), (64, 96)) for seed in (3, 3, 4)]
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])


def test_pictures_are_dark_bright_coloured_and_textured():
    drawn = [draw_nothing(np.random.default_rng(seed), (64, 96)) for seed in range(150)]
    means = np.array([picture.mean((0, 1)) for picture in drawn])
    flat = np.array([np.ptp(picture) < 0.02 for picture in drawn])
    assert (means < 0.05).all(1).mean() > 0.05, 'black'
    assert (means > 0.9).all(1).mean() > 0.03, 'white'
    assert (np.ptp(means, 1) > 0.2).mean() > 0.15, 'coloured'
    assert 0.05 < flat.mean() < 0.5, 'exactly plain'


def test_some_black_and_white_is_exact():
    black = [blank.black(np.random.default_rng(seed), (8, 8)) for seed in range(20)]
    white = [blank.white(np.random.default_rng(seed), (8, 8)) for seed in range(20)]
    assert any(not picture.any() for picture in black) and any((picture == 1.0).all() for picture in white)


def test_a_share_of_the_batch_is_replaced_and_told():
    torch.manual_seed(0)
    images = torch.full((400, 3, 16, 24), 0.3)
    known = replace_by_nothing(images, 0.25)
    changed = (images != 0.3).flatten(1).any(1)
    assert torch.equal(changed, known == 0) and set(known.unique().tolist()) == {0.0, 1.0}
    assert 0.18 < changed.float().mean() < 0.32
    assert images.min() >= 0.0 and images.max() <= 1.0


@pytest.mark.parametrize(('share', 'left'), [(0.0, 8), (1.0, 0)])
def test_shares_of_none_and_all(share, left):
    assert replace_by_nothing(torch.rand(8, 3, 16, 24), share).sum() == left
