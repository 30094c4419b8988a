"""Casts move red against blue on a part of the images; overexposure only brightens."""

from __future__ import annotations

import torch

from mt3dnet_ros.training.augmentation.colour import overexpose, shift_white_balance


def grey(count, level=0.4):
    return torch.full((count, 3, 16, 24), level)


def test_casts_are_warm_and_cool_on_half_of_the_images():
    torch.manual_seed(0)
    red, green, blue = (shift_white_balance(grey(600)) / 0.4).mean((2, 3)).unbind(1)
    changed = (red - 1).abs() + (blue - 1).abs() > 1e-6
    assert 0.43 < changed.float().mean() < 0.57
    assert red[changed].min() < 0.78 and red[changed].max() > 1.28 and red.min() > 0.6 and red.max() < 1.5
    assert blue[changed].min() < 0.65 and blue[changed].max() > 1.3 and blue.max() < 1.55
    assert torch.corrcoef(torch.stack([(red / green)[changed], (blue / green)[changed]]))[0, 1] < -0.5


def test_weaker_casts_are_nearer_to_none():
    spread = []
    for strength in (0.3, 1.0):
        torch.manual_seed(1)
        spread.append((shift_white_balance(grey(200), strength) / 0.4).log().abs().mean())
    assert 0.2 < spread[0] / spread[1] < 0.4


def test_no_strength_changes_nothing():
    images = torch.rand(8, 3, 16, 24)
    torch.testing.assert_close(shift_white_balance(images.clone(), 0.0), images)


def test_cast_stays_in_range():
    torch.manual_seed(2)
    changed = shift_white_balance(torch.rand(64, 3, 16, 24))
    assert changed.min() >= 0.0 and changed.max() <= 1.0


def test_overexposure_only_brightens_and_cuts_to_white():
    torch.manual_seed(3)
    images = torch.rand(64, 3, 32, 48)
    changed = overexpose(images.clone())
    assert (changed >= images - 1e-6).all() and changed.max() == 1.0
    white = (changed == 1.0).float().mean((1, 2, 3))
    assert (white > 0.05).float().mean() > 0.7 and white.max() < 0.95


def test_overexposure_is_all_over_or_in_patches():
    torch.manual_seed(4)
    gain = (overexpose(grey(100, 0.05)) / 0.05).mean(1)
    even = (gain.flatten(1).amax(1) - gain.flatten(1).amin(1)) < 1e-3
    assert 0.3 < even.float().mean() < 0.7
    assert gain[even].min() > 1.29 and gain[even].max() < 3.01
    assert (gain[~even].flatten(1).amin(1) == 1.0).float().mean() > 0.9, 'patches leave the rest alone'
