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


@pytest.mark.parametrize('inside', [False, True])
@pytest.mark.parametrize('roll', [15.0, 60.0, 180.0])
@pytest.mark.parametrize('camera', CAMERAS)
def test_point_lands_on_the_same_pixel_by_the_image_and_by_the_camera(camera, roll, inside):
    torch.manual_seed(0)
    crops = random_crop(16, FRAME, SIZE, inside=inside, roll=roll)
    intrinsics = CAMERAS[camera].expand(16, 3, 3)
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


def degrees(crops):
    """Return by how much crops are rolled, in degrees from 0 to 180, either way."""
    return torch.rad2deg(torch.atan2(crops.angle.sin(), crops.angle.cos())).abs()


@pytest.mark.parametrize(('roll', 'largest'), [(0.0, 0.0), (5.0, 5.0), (15.0, 15.0), (45.0, 45.0), (60.0, 60.0)])
def test_crops_roll_up_to_the_largest_roll(roll, largest):
    torch.manual_seed(5)
    rolled = degrees(random_crop(400, FRAME, SIZE, roll=roll)).max()
    assert 0.9 * largest <= rolled <= largest + 1e-3


@pytest.mark.parametrize('inside', [False, True])
def test_half_of_the_crops_are_turned_by_quarters_or_by_any_angle(inside):
    torch.manual_seed(6)
    rolled = degrees(random_crop(2000, (72, 72), (64, 64), zoom=(1.2, 1.4), inside=inside, roll=180.0))
    assert 0.5 < (rolled < 15.5).float().mean() < 0.6, 'upright, or by chance'
    assert 0.17 < ((rolled - 90).abs() < 15).float().mean() < 0.25, 'two of three quarter turns, or by chance'
    assert 0.08 < ((rolled - 180).abs() < 15).float().mean() < 0.13, 'one of three, or by chance'
    assert 0.05 < ((rolled > 20) & (rolled < 70)).float().mean() < 0.09, 'of the free ones, 50 degrees of 180'


def test_no_turn_is_larger_than_the_largest_roll():
    torch.manual_seed(7)
    assert degrees(random_crop(500, FRAME, SIZE, roll=100.0)).max() < 105.0
    assert degrees(random_crop(500, FRAME, SIZE, roll=60.0)).max() <= 60.0


def test_turned_crops_inside_look_beyond_the_frame_only_where_a_quarter_turn_does_not_fill():
    torch.manual_seed(8)
    crops = random_crop(600, FRAME, SIZE, zoom=(1.0, 1.3), inside=True, roll=180.0)
    corners = corners_in_the_frame(crops)
    beyond = torch.maximum(-0.5 - corners, corners - torch.tensor([FRAME[1] - 0.5, FRAME[0] - 0.5])).amax((1, 2)) > 0.01
    exact = (degrees(crops) - 90).abs() < 15.0
    assert beyond.any() and not (beyond & ~exact).any()
    fitting = random_crop(600, FRAME, SIZE, zoom=(1.6, 1.7), inside=True, roll=180.0)
    corners = corners_in_the_frame(fitting)
    assert corners.min() > -0.51 and (corners - torch.tensor([FRAME[1], FRAME[0]])).max() < -0.49


def test_free_turns_are_enlarged_no_more_than_needed():
    torch.manual_seed(9)
    zoom = random_crop(600, FRAME, SIZE, zoom=(1.0, 1.0), inside=True, roll=180.0).zoom
    zoom = zoom / whole_crop(1, FRAME, SIZE).zoom
    assert zoom.min() == pytest.approx(1.0) and 1.6 < zoom.max() < 1.81  # hypot(96, 64) / 64
    assert (zoom < 1.001).float().mean() > 0.7


def test_usual_roll_draws_what_was_always_drawn():
    torch.manual_seed(10)
    usual = random_crop(8, FRAME, SIZE)
    torch.manual_seed(10)
    torch.empty(8).uniform_(), (angle := torch.empty(8).uniform_(-0.26, 0.26))
    assert torch.equal(usual.angle, angle)


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
