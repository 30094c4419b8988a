"""The pictures show what was measured, where it was measured, and at what scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mt3dnet_ros.demo.overview import Moment, draw_overview, draw_saliency, panel_size
from mt3dnet_ros.demo.side_view import BACKGROUND, SideView
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.media.depth_colors import UNKNOWN_GREY, DepthColors
from mt3dnet_ros.perception.scene import UNKNOWN, Fixation


def slope(height: int, width: int) -> np.ndarray:
    """Return depth from 60 mm at the left to 120 mm at the right, unknown in the first rows."""
    depth = np.tile(np.linspace(0.06, 0.12, width, dtype=np.float32), (height, 1))
    depth[:5] = np.nan
    return depth


def make_moment(height: int, width: int) -> Moment:
    image = np.full((height, width, 3), (200, 60, 30), np.uint8)
    depth = slope(height, width)
    rays = np.array(ray_grid(Camera.from_field_of_view(width, height, 1.0), 2))
    return Moment(7, image, image[..., ::-1].copy(), depth, rays * depth[::2, ::2, None], image[::2, ::2])


@pytest.mark.parametrize(
    ('height', 'width', 'expected'),
    [
        (512, 640, (512, 640)),
        (1024, 1280, (512, 640)),
        (128, 160, (128, 160)),
        (576, 720, (512, 640)),
        (101, 99, (100, 98)),
        (1080, 1920, (360, 640)),
    ],
)
def test_panels_are_even_small_enough_and_keep_the_aspect(
    height: int,
    width: int,
    expected: tuple[int, int],
) -> None:
    size = panel_size(height, width)
    assert np.abs(np.subtract(size, expected)).max() <= 2
    assert size[0] % 2 == size[1] % 2 == 0


@pytest.mark.parametrize(('height', 'width'), [(128, 160), (512, 640), (576, 720)])
def test_overview_has_four_panels_in_their_places(height: int, width: int) -> None:
    moment = make_moment(height, width)
    size = panel_size(height, width)
    view = SideView.around([moment.xyz], size)
    picture = draw_overview(moment, DepthColors.of([moment.depth]), view)
    assert picture.shape == (2 * size[0], 2 * size[1], 3)
    middle_row, middle_column = size[0] // 2, size[1] // 2
    np.testing.assert_array_equal(picture[middle_row, middle_column], (200, 60, 30))
    np.testing.assert_array_equal(picture[middle_row, size[1] + middle_column], (30, 60, 200))
    depth_row = picture[size[0] + middle_row, : size[1]].astype(int)
    assert depth_row[5, 0] > depth_row[5, 2]  # near is red
    assert depth_row[int(0.8 * size[1]), 2] > depth_row[int(0.8 * size[1]), 0]  # far is blue
    cloud = picture[size[0] :, size[1] :]
    assert 0.05 < (cloud == (200, 60, 30)).all(-1).mean() < 0.95


def blob(height: int, width: int, highest: int = 255) -> np.ndarray:
    """Return saliency that falls from the middle of the left half."""
    rows, columns = np.ogrid[:height, :width]
    squared = (rows - height / 2) ** 2 + (columns - width / 4) ** 2
    return (highest * np.exp(-squared / (width / 12) ** 2)).astype(np.uint8)


def test_saliency_is_shown_on_the_input_where_there_is_any() -> None:
    moment, colors = make_moment(128, 160), DepthColors(0.06, 0.12)
    view = SideView.around([moment.xyz], (128, 160))
    plain = draw_overview(moment, colors, view)[:128, :160]
    shown = draw_overview(replace(moment, saliency=blob(128, 160)), colors, view)[:128, :160]
    assert (shown[60:68, 36:44] != plain[60:68, 36:44]).any(-1).all()
    np.testing.assert_array_equal(shown[40:90, 110:], plain[40:90, 110:])


def test_fixations_are_numbered_where_they_are() -> None:
    image, saliency = np.full((512, 640, 3), 128, np.uint8), np.zeros((512, 640), np.uint8)
    stops = [Fixation(k, -1, (150 * k, 250), UNKNOWN, 0.5, k) for k in (1, 2)]
    picture = draw_saliency(image, saliency, stops)
    changed = (picture != 128).any(-1)
    assert all(changed[250, column] for column in (150, 225, 300))  # both stops and the line between
    first, second = (picture[235:266, column - 15 : column + 16] for column in (150, 300))
    assert (first[:, :13] != second[:, :13]).any()  # other figures in alike circles
    assert not changed[:200].any()
    assert (image == 128).all()


def test_weak_saliency_is_not_made_to_look_strong() -> None:
    image = np.full((64, 96, 3), 128, np.uint8)
    difference = [
        np.abs(draw_saliency(image, blob(64, 96, highest), []).astype(int) - image).max() for highest in (2, 20)
    ]
    assert difference[0] < difference[1] / 2


def test_moment_stays_as_it_was_when_drawn() -> None:
    moment = make_moment(128, 160)
    before = moment.image.copy(), moment.overlay.copy(), moment.depth.copy()
    draw_overview(moment, DepthColors.of([moment.depth]), SideView.around([moment.xyz], (128, 160)))
    for now, then in zip((moment.image, moment.overlay, moment.depth), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_depth_limits_fit_what_is_known_and_unknown_depth_is_grey() -> None:
    depth = slope(100, 200)
    colors = DepthColors.of([depth])
    assert (colors.near, colors.far) == pytest.approx((0.06, 0.12))
    picture = colors.draw(depth)
    assert (picture[:5] == UNKNOWN_GREY).all()
    assert not (picture[5:] == UNKNOWN_GREY).all(-1).any()
    assert colors.ticks() == pytest.approx([0.06, 0.08, 0.10, 0.12])


@pytest.mark.parametrize('far', [0.005, 0.011, 0.05, 0.2, 0.5, 3.0])
def test_ticks_are_few_and_within_the_limits(far: float) -> None:
    colors = DepthColors(0.005 if far > 0.005 else 0.0, far)
    ticks = colors.ticks()
    assert 1 <= len(ticks) <= 6
    assert colors.near - 1e-9 <= min(ticks) <= max(ticks) <= colors.far + 1e-9


def test_depth_that_is_all_unknown_can_be_drawn() -> None:
    unknown = np.full((20, 30), np.nan, np.float32)
    assert (DepthColors.of([unknown]).draw(unknown) == UNKNOWN_GREY).all()
    view = SideView.around([np.full((4, 4, 3), np.nan, np.float32)], (20, 30))
    assert (view.draw(np.full((4, 4, 3), np.nan, np.float32), np.zeros((4, 4, 3), np.uint8)) == BACKGROUND).all()


def test_side_view_has_the_cloud_in_the_picture_at_its_scale() -> None:
    xyz = make_moment(128, 160).xyz
    view = SideView.around([xyz], (128, 160))
    known = xyz[np.isfinite(xyz).all(-1)]
    seen = view.scale * (known @ view.rotation.T - view.centre)[:, :2]
    inside = (np.abs(seen) <= (80, 64)).all(-1)
    assert inside.mean() > 0.97
    np.testing.assert_allclose(view.rotation @ view.rotation.T, np.eye(3), atol=1e-6)  # keeps lengths
    assert np.linalg.det(view.rotation) == pytest.approx(1.0)


def test_near_points_hide_far_ones() -> None:
    view = SideView(np.eye(3, dtype=np.float32), np.zeros(3, np.float32), 1000.0, (40, 40))
    xyz = np.array([[0.0, 0.0, 0.05], [0.0, 0.0, 0.02], [0.0, 0.0, 0.09]], np.float32)
    rgb = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    np.testing.assert_array_equal(view.draw(xyz, rgb)[20, 20], (0, 255, 0))


def test_points_outside_of_the_picture_are_left_out() -> None:
    view = SideView(np.eye(3, dtype=np.float32), np.zeros(3, np.float32), 1000.0, (40, 40))
    xyz = np.array([[1.0, 0.0, 0.05], [-1.0, 0.0, 0.05], [0.0, 1.0, 0.05], [0.0, -1.0, 0.05]], np.float32)
    assert (view.draw(xyz, np.full((4, 3), 255, np.uint8)) == BACKGROUND).all()
