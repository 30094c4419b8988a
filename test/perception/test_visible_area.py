"""What lies around the endoscope's view shows nothing: it is found, and nothing else is taken for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from support.drawing import CONFIG, NETWORK, Drawing
from support.small_network import save_small_checkpoint

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.visible_area import VisibleArea, find_visible_area

SIZES = (576, 720), (1024, 1280), (1080, 1920)


def picture(*, top=0, bottom=0, left=0, right=0, size=(100, 200)):
    """Return noise above black, with borders of black noise."""
    height, width = size
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 20, (height, width, 3), np.uint8)
    inside = rgb[top : height - bottom, left : width - right]
    inside += rng.integers(30, 200, inside.shape, np.uint8)
    return rgb


def tissue(size, *, dimmed=1.0):
    """Return smooth, reddish blotches, (H, W, 3) float, from 40 to 220 in red before they are dimmed."""
    rng = np.random.default_rng(2)
    blotches = cv2.resize(
        rng.uniform(40, 220, (12, 15, 1)).astype(np.float32), size[::-1], interpolation=cv2.INTER_CUBIC
    )
    return np.clip(blotches[..., None], 30, 230) * np.array([1.0, 0.6, 0.5]) * dimmed


def view(shape, size, share):
    """Return the mask, (H, W) uint8, of a view that leaves a share of the width on both sides."""
    height, width = size
    mask, side = np.zeros(size, np.uint8), round(share * width)
    middle, radius = (width // 2 - 7, height // 2 + 5), width // 2 - side
    if shape == 'rectangle':
        mask[height // 20 :, side : width - side] = 255
    elif shape == 'octagon':
        cut, top = round(min(0.13 * width, 0.3 * (width - 2 * side))), height // 20
        across, down = (side, width - 1 - side), (top, height - 1 - top)
        corners = [(x, y + s * cut) for x, y, s in ((across[0], down[1], -1), (across[0], down[0], 1))]
        corners += [(across[0] + cut, down[0]), (across[1] - cut, down[0])]
        corners += [(across[1], down[0] + cut), (across[1], down[1] - cut)]
        corners += [(across[1] - cut, down[1]), (across[0] + cut, down[1])]
        cv2.fillConvexPoly(mask, np.array(corners), 255)
    else:  # a circle is cut above and below where it is larger than the picture
        axes = radius, round(radius / (1.067 if shape == 'ellipse' else 1.0))
        cv2.ellipse(mask, middle, axes, 0, 0, 360, 255, cv2.FILLED)
    return mask


def surrounded(mask, content, *, level=0.0, noise=0.0, soft=0.0, print_in_it=False):
    """Return a picture, (H, W, 3) uint8, whose content is seen through a mask."""
    height, width = mask.shape
    rng = np.random.default_rng(3)
    around = np.full((height, width, 3), level)
    if print_in_it:
        for text, place in (('12:34:56', (0.01, 0.1)), ('Case 0815', (0.02, 0.6)), ('R', (0.93, 0.3))):
            at = tuple(round(share * side) for share, side in zip(place, (width, height), strict=True))
            cv2.putText(around, text, at, cv2.FONT_HERSHEY_SIMPLEX, width / 1400, (230, 230, 230), 2)
        inset = content[: height // 6, : width // 8]
        around[-inset.shape[0] :, -inset.shape[1] :] = inset
    share = mask[..., None] / 255.0
    share = cv2.GaussianBlur(share, (0, 0), soft)[..., None] if soft else share
    shown = share * content + (1.0 - share) * around + rng.normal(0.0, noise or 1e-6, content.shape)
    return np.clip(shown, 0, 255).astype(np.uint8)


def seen(rgb):
    """Return what is visible, (H, W) bool."""
    shown = np.ones(rgb.shape[:2], np.uint8)
    find_visible_area(rgb).crop(shown, 0)
    return shown > 0


def everything(rgb):
    return seen(rgb).all()


@pytest.mark.parametrize(
    'borders',
    [
        {},
        {'left': 7},
        {'top': 3, 'bottom': 5},
        {'top': 9, 'bottom': 1, 'left': 19, 'right': 2},
        {'left': 60, 'right': 60},
    ],
)
def test_visible_area_lies_between_the_borders(borders):
    rows, columns = (area := find_visible_area(picture(**borders))).rows, area.columns
    assert (rows.start, 100 - rows.stop) == (borders.get('top', 0), borders.get('bottom', 0))
    assert (columns.start, 200 - columns.stop) == (borders.get('left', 0), borders.get('right', 0))
    assert area.mask is None


@pytest.mark.parametrize(('share', 'size'), zip([0.08, 0.16, 0.25, 0.35], [*SIZES, (480, 640)], strict=True))
@pytest.mark.parametrize('shape', ['rectangle', 'octagon', 'circle', 'ellipse'])
def test_a_surround_of_any_width_is_found(shape, share, size):
    mask = view(shape, size, share) > 0
    found = seen(surrounded(mask.astype(np.uint8) * 255, tissue(size)))
    assert (found & ~mask).sum() <= 0.02 * (~mask).sum()
    assert (mask & ~found).sum() <= 0.015 * mask.sum()


@pytest.mark.parametrize(
    'look',
    [
        {'level': 45.0},
        {'noise': 5.0},
        {'level': 16.0, 'noise': 3.0},
        {'soft': 4.0},
        {'print_in_it': True},
        {'level': 20.0, 'noise': 2.0, 'soft': 2.0, 'print_in_it': True},
    ],
)
@pytest.mark.parametrize('shape', ['rectangle', 'octagon', 'circle'])
def test_a_surround_may_be_grey_noisy_soft_and_printed_on(shape, look):
    mask = view(shape, SIZES[1], 0.2)
    found = seen(surrounded(mask, tissue(SIZES[1]), **look))
    assert (found & (mask == 0)).sum() <= 0.03 * (mask == 0).sum()
    assert ((mask > 0) & ~found).sum() <= 0.015 * (mask > 0).sum()


def test_a_black_shaft_at_the_outline_changes_nothing():
    mask, content = view('circle', SIZES[0], 0.2), tissue(SIZES[0])
    without = find_visible_area(surrounded(mask, content))
    cv2.line(content, (80, 500), (400, 300), (4.0, 4.0, 4.0), 90)
    cv2.line(content, (620, 60), (420, 280), (4.0, 4.0, 4.0), 60)
    within = find_visible_area(surrounded(mask, content))
    assert within.mask is not None and without.mask is not None
    assert (within.mask != without.mask).mean() < 0.004
    assert not (within.mask[mask > 0] == 0).mean() > 0.005


@pytest.mark.parametrize('angle', [2, 20, 45, 88])
@pytest.mark.parametrize('shift', [-0.45, 0.0, 0.45])
def test_a_black_shaft_is_not_a_surround(angle, shift):
    rgb = tissue(SIZES[0])
    middle = np.array([360 + shift * 720, 288 + shift * 200])
    along = 900 * np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    ends = [tuple(np.round(middle + end).astype(int).tolist()) for end in (along, -along)]
    cv2.line(rgb, *ends, (3.0, 3.0, 3.0), 110)
    assert everything(rgb.astype(np.uint8))


@pytest.mark.parametrize('shape', ['circle', 'rectangle'])
def test_light_that_falls_off_is_not_a_surround(shape):
    size = SIZES[0]
    y, x = np.mgrid[: size[0], : size[1]]
    distance = np.hypot(x - 350, y - 290) / 420 if shape == 'circle' else abs(x - 350) / 420
    rgb = tissue(size) * np.clip(1.0 - distance, 0.0, 1.0)[..., None] ** 1.5
    assert everything(rgb.astype(np.uint8))


def test_a_bright_organ_in_the_dark_is_not_a_view():
    size = SIZES[0]
    mask = np.zeros(size, np.uint8)
    cv2.ellipse(mask, (330, 300), (260, 150), 35, 0, 360, 255, cv2.FILLED)
    cv2.ellipse(mask, (200, 200), (120, 90), 0, 0, 360, 255, cv2.FILLED)
    assert everything(surrounded(mask, tissue(size)))


@pytest.mark.parametrize('level', [0, 12, 40, 128, 255])
@pytest.mark.parametrize('size', [(100, 200), (1, 4), (7, 9), (576, 720)])
def test_a_blank_picture_is_visible_all_over(level, size):
    assert everything(np.full((*size, 3), level, np.uint8))


def test_a_dark_picture_is_visible_all_over():
    rgb = np.clip(np.random.default_rng(0).normal(4, 4, (576, 720, 3)), 0, 255).astype(np.uint8)
    assert everything(rgb)


def test_what_is_found_does_not_depend_on_the_memory_layout():
    mask = view('circle', SIZES[0], 0.16)
    rgb = surrounded(mask, tissue(SIZES[0]), print_in_it=True)
    flipped = np.ascontiguousarray(rgb[..., ::-1])[..., ::-1]
    assert (seen(rgb) == seen(flipped)).all()


def test_outside_of_the_visible_area_there_is_no_instrument_and_no_depth():
    drawing = Drawing().tool((10, 8, 30, 64), 4, depth=0.1).tool((50, 62, 60, 64), 2, depth=0.1)
    visible = VisibleArea(slice(0, 240), slice(0, 320))  # the second tool lies below
    letterbox = Letterbox(NETWORK, NETWORK)
    canvas = NumPyCanvas(letterbox, visible=visible)
    found = Interpretation(drawing.prediction, letterbox, None, CONFIG, Settings(), canvas)
    assert set(np.unique(found.labels)) == {0, 4} and not found.labels[240:].any()
    assert [item.class_id for item in found.detections] == [4]
    box = found.detections[0].box
    assert box.y + box.height == 240
    assert np.isfinite(found.depth[:240]).all() and np.isnan(found.depth[240:]).all()


def test_the_visible_area_is_that_of_each_frame(tmp_path):
    torch.manual_seed(1)
    perceiver = load(save_small_checkpoint(tmp_path / 'small.safetensors'), 'cpu')
    for left in (8, 0):
        rgb = tissue((144, 180)).astype(np.uint8)  # of mere noise nothing would be said
        rgb[:, :left] = 0
        depth = perceiver(Frame(rgb), None, frozenset({'depth'})).depth
        assert np.isnan(depth[:, :left]).all() and np.isfinite(depth[:, left:]).all()


def test_a_round_view_has_depth_inside_and_none_outside(tmp_path):
    torch.manual_seed(1)
    perceiver = load(save_small_checkpoint(tmp_path / 'small.safetensors'), 'cpu')
    mask = view('circle', (144, 180), 0.2)
    scene = perceiver(Frame(surrounded(mask, tissue((144, 180)))), None, frozenset({'depth', 'labels'}))
    inner, outer = cv2.erode(mask, np.ones((5, 5))) > 0, cv2.dilate(mask, np.ones((5, 5))) == 0
    assert np.isfinite(scene.depth[inner]).all() and np.isnan(scene.depth[outer]).all()
    assert not scene.labels[outer].any()


@pytest.mark.parametrize('borders', [{'left': 40, 'right': 30}, {'top': 20, 'bottom': 24, 'left': 36}])
def test_within_borders_all_is_as_in_the_view_alone(borders, tmp_path):
    torch.manual_seed(1)
    perceiver = load(save_small_checkpoint(tmp_path / 'small.safetensors'), 'cpu')
    rgb = picture(**borders, size=(144, 200))
    area = find_visible_area(rgb)
    (top, bottom), (left, right) = area.box
    camera = Camera(200, 144, 210.0, 210.0, 101.0, 70.0)
    whole = perceiver(Frame(rgb), camera)
    view_alone = np.ascontiguousarray(rgb[top:bottom, left:right])
    alone = perceiver(Frame(view_alone), camera.cropped(left, top, right - left, bottom - top))
    for name in ('labels', 'parts', 'instances', 'confidence', 'depth'):
        inside = getattr(whole, name)[top:bottom, left:right]
        np.testing.assert_array_equal(inside, getattr(alone, name), err_msg=name)
    assert len(whole.detections) == len(alone.detections)
    for one, other in zip(whole.detections, alone.detections, strict=True):
        assert (one.box.x, one.box.y) == (other.box.x + left, other.box.y + top)
        np.testing.assert_allclose(one.position, other.position, rtol=1e-4)


def test_print_beside_a_round_view_does_not_reach_the_network(tmp_path):
    torch.manual_seed(1)
    perceiver = load(save_small_checkpoint(tmp_path / 'small.safetensors'), 'cpu')
    mask, content = view('circle', (288, 360), 0.2), tissue((288, 360))
    seen_content = [
        perceiver.run(Frame(surrounded(mask, content, print_in_it=printed))).canvas.content for printed in (False, True)
    ]
    assert (seen_content[0] != seen_content[1]).any(axis=-1).mean() < 0.01
    corner = seen_content[0][:6, :6]
    assert (corner == corner[0, 0]).all() and corner[0, 0, 0] > corner[0, 0, 1] > 20  # the tissue's mean colour
