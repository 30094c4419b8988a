"""Views move pixels, labels and depth together; what has no label keeps none."""

from __future__ import annotations

import pytest
import torch

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.rendered import RawSample
from mt3dnet_ros.datasets.targets import boxes_from_instances
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.training.augmentation.augment import FrameTransform

CONFIG = MT3DNetConfig(classes=('background', 'forceps'), input_size=(64, 96))


def sample(height=64, width=96, focal=130.0):
    """Return a frame whose red channel repeats its type mask: a bright disc."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing='ij')
    disc = ((rows - height * 0.4) ** 2 + (columns - width * 0.6) ** 2 < (height / 4) ** 2).to(torch.uint8)
    image = torch.stack([disc * 255, torch.full_like(disc, 40), torch.full_like(disc, 40)], -1)
    depth = torch.full((height, width), 0.1).half() * (columns > 9)
    intrinsics = torch.tensor([[focal, 0.0, 0.4 * width], [0.0, focal, 0.6 * height], [0.0, 0.0, 1.0]])
    return RawSample(image, torch.stack([disc, disc * 2, disc]), depth, intrinsics)


def unnormalised(batch):
    mean, std = (torch.tensor(values)[:, None, None] for values in (CONFIG.mean, CONFIG.std))
    return batch.images * std + mean


def test_whole_crop_of_a_frame_of_the_inputs_size_changes_nothing():
    raw = sample()
    batch = FrameTransform(CONFIG, random=False, label_stride=1)([raw])
    torch.testing.assert_close(unnormalised(batch)[0] * 255, raw.image.movedim(-1, 0).float(), atol=0.1, rtol=0)
    assert torch.equal(batch.types[0], raw.labels[0].long())
    assert torch.equal(batch.parts[0], raw.labels[1].long())
    assert torch.equal(batch.instances[0], raw.labels[2])
    torch.testing.assert_close(batch.intrinsics[0], raw.intrinsics)


def test_depth_is_brought_to_the_canonical_focal_length_and_back():
    # The input shows the 128 x 192 frame at half size: 260 pixels become 130, half of the canonical 260.
    batch = FrameTransform(CONFIG, random=False, label_stride=1)([sample(128, 192, 260.0)])
    assert batch.scale.tolist() == pytest.approx([0.5])
    known = batch.depth[0, 0, :, 10:]
    assert known.unique().tolist() == pytest.approx([0.2], rel=1e-3)
    assert not batch.depth[0, 0, :, :4].any(), 'unknown stays unknown'


@pytest.mark.parametrize('seed', range(4))
def test_random_crop_moves_image_and_labels_together(seed, monkeypatch):
    monkeypatch.setattr('mt3dnet_ros.training.augmentation.augment.randomise_appearance', lambda images, _: images)
    torch.manual_seed(seed)
    batch = FrameTransform(CONFIG, random=True, label_stride=2)([sample(72, 108)] * 8)
    # Stride 2 labels sit between four pixels.
    bright = torch.nn.functional.avg_pool2d(unnormalised(batch)[:, :1], 2)[:, 0] > 0.6
    assert batch.types.any() and (bright != (batch.types > 0)).float().mean() < 0.02


def test_zoom_reads_depth_as_through_a_longer_lens():
    torch.manual_seed(0)
    raw = sample()
    raw = raw._replace(depth=torch.full_like(raw.depth, 0.1))
    batch = FrameTransform(CONFIG, random=True, label_stride=2, zoom=(1.5, 1.5), strength=0.0)([raw])
    assert batch.scale.item() == pytest.approx(1.5 * 130 / 260)
    known = batch.depth[batch.depth > 0]
    assert (known * batch.scale).unique().tolist() == pytest.approx([0.1], rel=1e-3), 'true depth comes back'


def test_batch_has_the_camera_of_its_crops():
    torch.manual_seed(1)
    batch = FrameTransform(CONFIG, random=True, label_stride=2, zoom=(1.5, 1.5), strength=0.0)([sample()])
    intrinsics = batch.intrinsics[0]
    assert intrinsics[0, 0].item() == pytest.approx(195.0) == intrinsics[1, 1].item()
    assert batch.scale.item() == pytest.approx(195.0 / CONFIG.canonical_focal), 'depth is that of the same camera'


def test_unlabelled_pixels_stay_unlabelled_and_borders_are_background():
    raw = sample()
    labels = raw.labels.clone()
    labels[:, 20:40, 30:50] = IGNORED
    transform = FrameTransform(CONFIG, random=True, label_stride=2, zoom=(0.5, 0.5), strength=0.0)
    batch = transform([raw._replace(labels=labels)] * 2)
    assert set(batch.types.unique().tolist()) == {0, 1, IGNORED}
    assert set(batch.parts.unique().tolist()) == {0, 2, IGNORED}
    assert not batch.types[:, [0, -1]].any() and not batch.depth[:, :, [0, -1]].any(), 'outside of the frame'


def test_frame_without_labels_has_none_outside_of_it_either():
    raw, bare = sample(), sample()
    bare.labels[1:] = IGNORED
    batch = FrameTransform(CONFIG, random=True, label_stride=2, zoom=(0.5, 0.5), strength=0.0)([raw, bare])
    assert (batch.parts[1] == IGNORED).all() and (batch.instances[1] == IGNORED).all()
    assert (batch.parts[0] != IGNORED).all() and (batch.types != IGNORED).all()


def augment(**settings):
    """Return a transform without crops that change anything but what the settings name."""
    options = {'zoom': (1.0, 1.0), 'inside': True, 'strength': 0.0, 'roll': 0.0}
    return FrameTransform(CONFIG, random=True, label_stride=2, **options | settings)


ADDITIONS = {'white_balance': 1.0, 'overexposure': 0.5, 'surround': 0.5, 'nothing': 0.5, 'roll': 180.0}


def test_frames_are_scenes_unless_told():
    for transform in (FrameTransform(CONFIG, False, 1), augment(), augment(surround=1.0)):
        assert transform([sample()] * 4).known.tolist() == [1.0] * 4


def test_what_is_off_draws_no_number():
    torch.manual_seed(3)
    before = augment()([sample()] * 4)
    state = torch.get_rng_state()
    torch.manual_seed(3)
    after = augment(**dict.fromkeys(('white_balance', 'overexposure', 'surround', 'nothing'), 0.0))([sample()] * 4)
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize('name', ADDITIONS)
def test_same_seed_gives_the_same_batch_and_another_one_another(name):
    batches = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        batches.append(augment(**{name: ADDITIONS[name]})([sample()] * 8).images)
    assert torch.equal(batches[0], batches[1]) and not torch.equal(batches[0], batches[2])


@pytest.mark.parametrize('name', ADDITIONS)
def test_images_stay_in_range(name):
    torch.manual_seed(4)
    shown = unnormalised(augment(**{name: ADDITIONS[name]})([sample()] * 16))
    assert shown.min() > -1e-5 and shown.max() < 1 + 1e-5


def test_picture_without_a_scene_has_background_and_no_depth_even_where_the_frame_had_no_labels():
    torch.manual_seed(5)
    bare = sample()
    bare.labels[:] = IGNORED
    batch = augment(nothing=0.5)([sample(), bare] * 10)
    nothing = batch.known == 0
    assert 3 < nothing.sum() < 17
    for labels in (batch.types, batch.parts, batch.instances, batch.depth):
        assert not labels[nothing].any()
    assert (batch.types[1::2][~nothing[1::2]] == IGNORED).all()
    assert all(frame.any() for frame in batch.types[~nothing])


def test_surround_hides_labels_where_it_hides_the_image():
    torch.manual_seed(6)
    white = sample()._replace(image=torch.full((64, 96, 3), 255, dtype=torch.uint8))
    white.labels[:] = 1
    white.depth[:] = 0.1
    batch = augment(surround=1.0)([white] * 40)
    hidden = batch.types == 0
    assert 0.2 < hidden.float().mean() < 0.8
    assert torch.equal(hidden, batch.parts == 0) and torch.equal(hidden, batch.instances == 0)
    assert torch.equal(hidden, batch.depth[:, 0] == 0)
    bright = torch.nn.functional.avg_pool2d(unnormalised(batch).mean(1, keepdim=True), 2)[:, 0] > 0.5
    assert (bright == ~hidden).float().mean() > 0.85


def test_surround_leaves_missing_labels_missing():
    torch.manual_seed(7)
    bare = sample()
    bare.labels[1:] = IGNORED
    batch = augment(surround=1.0)([bare] * 6)
    assert (batch.parts == IGNORED).all() and (batch.instances == IGNORED).all() and (batch.types != IGNORED).all()


def test_instance_that_a_surround_hides_has_no_box():
    torch.manual_seed(8)
    raw = sample()
    raw.labels[:] = 0
    raw.labels[:, 28:36, 40:56] = 1  # in the middle, and in a corner
    raw.labels[:2, :6, :6] = 1
    raw.labels[2, :6, :6] = 2
    batch = augment(surround=1.0)([raw] * 40)
    boxes = boxes_from_instances(batch.instances, batch.types.to(torch.uint8), 2, least_pixels=1)
    corner = (batch.instances == 2).flatten(1).any(1)
    assert not corner.all() and torch.equal(boxes.classes[:, 1] > 0, corner)
    assert torch.equal(boxes.classes[:, 0] > 0, (batch.instances == 1).flatten(1).any(1))


def test_view_within_a_surround_shows_up_to_the_whole_frame_and_keeps_true_depth():
    torch.manual_seed(9)
    raw = sample()
    raw = raw._replace(depth=torch.full_like(raw.depth, 0.1))
    batch = augment(surround=1.0)([raw] * 40)
    assert batch.scale.max() <= 0.5 + 1e-6 and batch.scale.min() < 0.35  # whole frames have 130 of 260 pixels
    metres = batch.depth * batch.scale[:, None, None, None]
    torch.testing.assert_close(metres[metres > 0], torch.full((int((metres > 0).sum()),), 0.1), rtol=2e-3, atol=0)
    torch.testing.assert_close(batch.intrinsics[:, 0, 0], batch.scale * CONFIG.canonical_focal)
