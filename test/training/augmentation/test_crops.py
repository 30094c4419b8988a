"""The intrinsics of a crop show a point of space where the crop's resampling puts the point's pixel."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from mt3dnet_ros.training.augmentation.crops import (
    Crop,
    affine,
    crop_intrinsics,
    move_points,
    random_crop,
    to_input,
    whole_crop,
)

FRAME, SIZE = (72, 108), (64, 96)
CAMERAS = {
    'square pixels': torch.tensor([[130.0, 0.0, 50.0], [0.0, 130.0, 39.0], [0.0, 0.0, 1.0]]),
    'oblong pixels': torch.tensor([[130.0, 0.0, 50.0], [0.0, 117.0, 39.0], [0.0, 0.0, 1.0]]),
}


def crop(zoom=1.0, centre=(0.0, 0.0), angle=0.0, flip=1.0):
    return Crop(torch.tensor([zoom]), torch.tensor([centre]), torch.tensor([angle]), torch.tensor([flip]))


def project(intrinsics, points):
    """Return pixels (B, N, 2) of points (B, N, 3)."""
    homogeneous = points @ intrinsics.mT
    return homogeneous[..., :2] / homogeneous[..., 2:]


@pytest.mark.parametrize('camera', CAMERAS)
def test_point_lands_on_the_same_pixel_by_the_image_and_by_the_camera(camera):
    torch.manual_seed(0)
    crops, intrinsics = random_crop(16, FRAME, SIZE), CAMERAS[camera].expand(16, 3, 3)
    points = torch.rand(16, 5, 3) * torch.tensor([0.06, 0.04, 0.1]) + torch.tensor([-0.03, -0.02, 0.08])
    pixels = F.pad(project(intrinsics, points), (0, 1), value=1.0) @ to_input(crops, FRAME, SIZE).mT
    moved = project(crop_intrinsics(crops, intrinsics, FRAME, SIZE), move_points(crops, points))
    torch.testing.assert_close(moved, pixels[..., :2], atol=1e-3, rtol=0)


def test_bright_pixel_of_the_frame_appears_where_the_mapping_says():
    torch.manual_seed(1)
    crops = random_crop(8, FRAME, SIZE, zoom=(2.0, 2.0))
    input_pixels = torch.tensor([40.0, 25.0, 1.0]).expand(8, 3)
    x, y = (torch.linalg.inv(to_input(crops, FRAME, SIZE)) @ input_pixels[..., None])[:, :2, 0].unbind(1)
    rows, columns = torch.arange(FRAME[0])[:, None], torch.arange(FRAME[1])
    blobs = torch.exp(-((rows - y[:, None, None]) ** 2 + (columns - x[:, None, None]) ** 2) / 8)
    grid = F.affine_grid(affine(crops, FRAME, SIZE), [8, 1, *SIZE], align_corners=False)
    seen = F.grid_sample(blobs[:, None], grid, align_corners=False).flatten(1).argmax(1)
    assert torch.all((seen % SIZE[1] - 40).abs() <= 1) and torch.all((seen // SIZE[1] - 25).abs() <= 1)


def corners_in_the_frame(crops):
    """Return the frame's pixels (B, 4, 2) at the outer corners of the input."""
    corners = torch.tensor([[-0.5, -0.5, 1.0], [SIZE[1] - 0.5, -0.5, 1.0], [-0.5, SIZE[0] - 0.5, 1.0],
                            [SIZE[1] - 0.5, SIZE[0] - 0.5, 1.0]])  # fmt: skip
    return (corners.expand(len(crops.zoom), 4, 3) @ torch.linalg.inv(to_input(crops, FRAME, SIZE)).mT)[..., :2]


def test_crops_inside_never_show_what_lies_beyond_the_frame():
    torch.manual_seed(3)
    crops = random_crop(200, FRAME, SIZE, zoom=(1.0, 1.8), inside=True)
    corners = corners_in_the_frame(crops)
    assert corners.min() > -0.51 and (corners - torch.tensor([FRAME[1], FRAME[0]])).max() < -0.49
    assert crops.angle.abs().max() > 0.2, 'enlarged crops do roll'


def test_crop_of_the_whole_frame_cannot_roll_inside():
    torch.manual_seed(4)
    crops = random_crop(20, FRAME, SIZE, zoom=(1.0, 1.0), inside=True)
    assert crops.angle.abs().max() < 1e-3 and crops.centre.abs().max() < 1e-3


def test_to_input_is_the_inverse_of_affine():
    torch.manual_seed(2)
    crops = random_crop(4, FRAME, SIZE)
    pixels = torch.tensor([[0.0, 0.0], [95.0, 63.0], [10.0, 50.0]]).expand(4, 3, 2)
    spread = (2 * pixels + 1) / torch.tensor([SIZE[1], SIZE[0]]) - 1
    spread = F.pad(spread, (0, 1), value=1.0) @ affine(crops, FRAME, SIZE).mT
    frame = (spread + 1) * torch.tensor([FRAME[1], FRAME[0]]) / 2 - 0.5
    back = F.pad(frame, (0, 1), value=1.0) @ to_input(crops, FRAME, SIZE).mT
    torch.testing.assert_close(back[..., :2], pixels, atol=1e-3, rtol=0)


def test_mirrored_crop_keeps_focal_lengths_and_mirrors_the_principal_point():
    mirrored = crop_intrinsics(crop(flip=-1.0), CAMERAS['oblong pixels'][None], SIZE, SIZE)
    expected = torch.tensor([[[130.0, 0.0, 95.0 - 50.0], [0.0, 117.0, 39.0], [0.0, 0.0, 1.0]]])
    torch.testing.assert_close(mirrored, expected)


def test_zoomed_crop_of_the_centre_enlarges_focal_lengths():
    zoomed = crop_intrinsics(crop(zoom=2.0), CAMERAS['square pixels'][None], SIZE, SIZE)
    assert zoomed[0, 0, 0].item() == zoomed[0, 1, 1].item() == 260.0
    assert zoomed[0, :2, 2].tolist() == pytest.approx([47.5 + 2 * (50 - 47.5), 31.5 + 2 * (39 - 31.5)])


def test_affine_maps_the_inputs_centre_to_the_crops_centre():
    torch.manual_seed(0)
    drawn = random_crop(5, FRAME, SIZE)
    torch.testing.assert_close(affine(drawn, FRAME, SIZE)[..., 2], drawn.centre / torch.tensor([108.0, 72.0]) * 2)


def test_whole_crop_fits_the_longer_side():
    assert whole_crop(1, (64, 192), (64, 96)).zoom.item() == 0.5


def test_random_zoom_stays_within_its_range():
    torch.manual_seed(3)
    zoom = random_crop(64, FRAME, SIZE, zoom=(0.5, 2.0)).zoom / whole_crop(1, FRAME, SIZE).zoom
    assert 0.5 <= zoom.min() < 0.7 and 1.6 < zoom.max() <= 2.0
