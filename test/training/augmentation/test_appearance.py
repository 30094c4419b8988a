"""Random appearance varies from image to image, stays in range, and leaves what it should alone."""

from __future__ import annotations

import pytest
import torch

from mt3dnet_ros.training.augmentation import appearance

CHANGES = [
    appearance.shade,
    appearance.add_highlights,
    appearance.add_smoke,
    appearance.recolour,
    appearance.blur,
    appearance.add_noise,
    appearance.compress,
    appearance.randomise_appearance,
]


@pytest.mark.parametrize('change', CHANGES, ids=lambda change: change.__name__)
def test_change_is_finite_and_draws_per_image(change):
    torch.manual_seed(1)
    images = torch.rand(1, 3, 64, 96).expand(8, -1, -1, -1).clone()
    changed = change(images.clone())
    assert changed.shape == images.shape and changed.isfinite().all()
    assert len({round(float(image.double().sum()), 3) for image in changed}) > 2


def test_appearance_stays_in_range():
    torch.manual_seed(2)
    changed = appearance.randomise_appearance(torch.rand(16, 3, 64, 96))
    assert changed.min() >= 0.0 and changed.max() <= 1.0


def test_blur_keeps_a_flat_image_flat():
    torch.testing.assert_close(appearance.blur(torch.full((2, 3, 32, 32), 0.4)), torch.full((2, 3, 32, 32), 0.4))


def test_hue_and_saturation_keep_grey_grey():
    grey = appearance._saturation_hue(6) @ torch.full((3, 1), 0.5)
    torch.testing.assert_close(grey, torch.full((6, 3, 1), 0.5))


def test_cosine_basis_is_orthonormal():
    basis = appearance._cosine_basis()
    torch.testing.assert_close(basis @ basis.T, torch.eye(8), atol=1e-6, rtol=0)


def test_highlights_only_brighten_and_only_few_pixels():
    torch.manual_seed(4)
    images = torch.full((8, 3, 64, 96), 0.5)
    gain = appearance.add_highlights(images.clone()) - images
    assert gain.min() >= 0.0 and gain.max() > 0.45
    assert (gain > 0.1).float().mean() < 0.1


def test_highlights_prefer_bright_surfaces():
    torch.manual_seed(5)
    images = torch.full((16, 3, 64, 96), 0.2)
    images[..., 48:] = 0.7
    gain = appearance.add_highlights(images.clone()) - images
    assert (gain[..., 48:] > 0.1).sum() > 2 * (gain[..., :48] > 0.1).sum()


def test_smoke_lowers_contrast_towards_grey():
    torch.manual_seed(6)
    images = torch.zeros(8, 3, 64, 96)
    images[:, 0, :, ::2] = 1.0
    veiled = appearance.add_smoke(images.clone())
    contrast = (veiled[..., ::2] - veiled[..., 1::2])[:, 0].mean((1, 2))
    assert (contrast < 0.98).all() and (contrast > 0.1).all()


def test_no_strength_changes_nothing():
    torch.manual_seed(7)
    images = torch.rand(4, 3, 64, 96) * 0.98 + 0.01
    torch.testing.assert_close(appearance.randomise_appearance(images.clone(), 0.0), images, atol=1e-5, rtol=0)
