"""Views move pixels, labels and depth together; appearance leaves geometry alone."""

from __future__ import annotations

import pytest
import torch

from mt3dnet_ros.datasets.rendered import RawSample
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.training import appearance
from mt3dnet_ros.training.augment import FrameTransform, View, affine, random_view, whole_view

CONFIG = MT3DNetConfig(classes=('background', 'forceps'), input_size=(64, 96))


def sample(height=64, width=96, focal=130.0):
    """Return a frame whose red channel repeats its type mask: a bright disc."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing='ij')
    disc = ((rows - height * 0.4) ** 2 + (columns - width * 0.6) ** 2 < (height / 4) ** 2).to(torch.uint8)
    image = torch.stack([disc * 255, torch.full_like(disc, 40), torch.full_like(disc, 40)], -1)
    depth = torch.full((height, width), 0.1).half() * (columns > 9)
    return RawSample(image, torch.stack([disc, disc * 2, disc]), depth, torch.tensor(focal))


def unnormalised(batch):
    mean, std = (torch.tensor(values)[:, None, None] for values in (CONFIG.mean, CONFIG.std))
    return batch.images * std + mean


def test_whole_view_of_a_frame_of_the_inputs_size_changes_nothing():
    raw = sample()
    batch = FrameTransform(CONFIG, random=False, label_stride=1)([raw])
    torch.testing.assert_close(unnormalised(batch)[0] * 255, raw.image.movedim(-1, 0).float(), atol=0.1, rtol=0)
    assert torch.equal(batch.types[0], raw.labels[0].long())
    assert torch.equal(batch.parts[0], raw.labels[1].long())
    assert torch.equal(batch.instances[0], raw.labels[2])


def test_depth_is_brought_to_the_canonical_focal_length_and_back():
    # The input shows the 128 x 192 frame at half size: 260 pixels become 130, half of the canonical 260.
    batch = FrameTransform(CONFIG, random=False, label_stride=1)([sample(128, 192, 260.0)])
    assert batch.scale.tolist() == pytest.approx([0.5])
    known = batch.depth[0, 0, :, 10:]
    assert known.unique().tolist() == pytest.approx([0.2], rel=1e-3)
    assert not batch.depth[0, 0, :, :4].any(), 'unknown stays unknown'


@pytest.mark.parametrize('seed', range(4))
def test_random_view_moves_image_and_labels_together(seed, monkeypatch):
    monkeypatch.setattr('mt3dnet_ros.training.augment.randomise_appearance', lambda images: images)
    torch.manual_seed(seed)
    batch = FrameTransform(CONFIG, random=True, label_stride=2)([sample(72, 108)] * 8)
    # Stride 2 labels sit between four pixels.
    bright = torch.nn.functional.avg_pool2d(unnormalised(batch)[:, :1], 2)[:, 0] > 0.6
    assert batch.types.any() and (bright != (batch.types > 0)).float().mean() < 0.02


def test_zoomed_view_sees_nearer_canonical_depth():
    view = View(torch.tensor([2.0]), torch.zeros(1, 2), torch.zeros(1), torch.ones(1))
    near = torch.tensor([130.0]) * view.zoom / CONFIG.canonical_focal
    assert near.item() == 1.0


def test_affine_maps_the_inputs_centre_to_the_views_centre():
    torch.manual_seed(0)
    view = random_view(5, (72, 108), (64, 96))
    centre = affine(view, (72, 108), (64, 96))[..., 2]
    expected = view.centre / torch.tensor([108.0, 72.0]) * 2
    torch.testing.assert_close(centre, expected)


def test_whole_view_fits_the_longer_side():
    assert whole_view(1, (64, 192), (64, 96)).zoom.item() == 0.5


CHANGES = [
    appearance.shade,
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
