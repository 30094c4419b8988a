"""The transparent picture of the console: what is drawn where, in which order it is left out, and what it may cover."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.console.draw import draw_console
from mt3dnet_ros.perception.console.parts import PARTS
from mt3dnet_ros.perception.console.view import EyeView, see
from mt3dnet_ros.perception.scene import UNKNOWN, Box, Detection, Fixation
from mt3dnet_ros.perception.taxonomy import load_taxonomy

SIZE = HEIGHT, WIDTH = 512, 640
CAMERA = Camera(WIDTH, HEIGHT, 600.0, 600.0, 320.0, 256.0)
PALETTE = load_taxonomy('endovis2018').palette()
TIP = (0.02, -0.01, 0.1)  # seen at column 440, row 196
ALL = tuple(PARTS)
BOX = Box(400, 150, 200, 120)


def detection(box: Box = BOX, **fields: object) -> Detection:
    known = {'tip': TIP, 'position': TIP, 'position_deviation': 0.002, 'instance_id': 1} | fields
    return Detection(1, 'bipolar forceps', 0.9, box=box, **known)  # type: ignore[arg-type]


def view_of(*detections: Detection, camera: Camera | None = CAMERA, **rest: object) -> EyeView:
    labels = np.zeros(SIZE, np.uint8)
    for each in detections:
        box = each.box
        labels[box.y : box.y + box.height, box.x : box.x + box.width] = each.class_id
    return see(SIZE, labels, detections, camera, PALETTE, **rest)  # type: ignore[arg-type]


def drawn(view: EyeView, shown: tuple[str, ...] = ALL, most_covered: float = 0.25) -> np.ndarray:
    picture = np.zeros((*view.size, 4), np.uint8)
    draw_console(view, picture, shown, most_covered)
    return picture


def covered(picture: np.ndarray) -> np.ndarray:
    return picture[..., 3] > 0


def test_nothing_seen_is_nothing_drawn() -> None:
    assert not drawn(view_of()).any()


@pytest.mark.parametrize('kind', [kind for kind in ALL if kind != 'gaze'])
def test_each_part_can_be_left_away(kind: str) -> None:
    view = view_of(detection())
    alone, rest = drawn(view, (kind,)), drawn(view, tuple(other for other in ALL if other != kind))
    assert covered(alone).any() and covered(rest).any()
    assert not drawn(view, ()).any()


def test_an_outline_follows_the_mask_in_the_colour_of_its_class() -> None:
    picture = drawn(view_of(detection()), ('outlines',))
    red, green, blue = PALETTE[1].tolist()
    assert picture[150, 500].tolist() == pytest.approx([blue, green, red, 255], abs=30)
    rows, columns = np.nonzero(covered(picture))
    assert (rows.min(), rows.max()) == (pytest.approx(150, abs=3), pytest.approx(269, abs=3))
    assert (columns.min(), columns.max()) == (pytest.approx(400, abs=3), pytest.approx(599, abs=3))
    assert not covered(picture)[160:260, 410:590].any()  # the instrument itself stays visible


def test_the_edge_of_the_picture_is_no_outline() -> None:
    picture = drawn(view_of(detection(Box(560, 400, 80, 112))), ('outlines',))
    assert covered(picture)[400, 600] and covered(picture)[450, 560]
    assert not covered(picture)[430:500, 636:].any() and not covered(picture)[508:, 590:].any()


def test_a_tip_is_a_ring_that_leaves_the_tip_itself_visible() -> None:
    picture = drawn(view_of(detection()), ('tips',))
    rows, columns = np.nonzero(covered(picture))
    assert (rows.mean(), columns.mean()) == (pytest.approx(196, abs=0.5), pytest.approx(440, abs=0.5))
    assert not covered(picture)[196, 440]


@pytest.mark.parametrize(
    ('deviation', 'measured'), [(0.002, True), (0.05, False), (float('nan'), False)], ids=['measured', 'guess', 'no']
)
def test_a_distance_that_is_a_guess_is_marked_as_one(deviation: float, measured: bool) -> None:
    view = view_of(detection(position_deviation=deviation))
    assert (view.instruments[0].distance, view.instruments[0].is_measured) == (0.1, measured)
    plain = drawn(view_of(detection()), ('distances',))
    assert np.array_equal(drawn(view, ('distances',)), plain) == measured


def test_without_a_camera_or_a_tip_there_is_no_tip() -> None:
    for view in (view_of(detection(), camera=None), view_of(detection(tip=UNKNOWN))):
        assert not drawn(view, ('tips', 'distances')).any()
        assert drawn(view, ('outlines', 'names')).any()


def test_a_tip_outside_of_the_picture_is_not_drawn() -> None:
    assert view_of(detection(tip=(1.0, 0.0, 0.1))).instruments[0].tip is None
    assert view_of(detection(tip=(0.0, 0.0, -0.1))).instruments[0].tip is None


def test_gaze_is_where_the_point_is_seen_or_else_the_first_stop() -> None:
    stops = [Fixation(1, 1, (100, 90), UNKNOWN, 0.2, 2), Fixation(2, 1, (60, 50), UNKNOWN, 0.8, 1)]
    assert view_of(gaze=TIP, scanpath=stops).gaze == (440, 196)
    assert view_of(scanpath=stops).gaze == (60, 50)
    assert view_of(camera=None, gaze=TIP, scanpath=stops).gaze == (60, 50)
    assert view_of(gaze=UNKNOWN).gaze is None
    assert covered(drawn(view_of(gaze=TIP), ('gaze',))).any()
    assert not covered(drawn(view_of(gaze=TIP), ('gaze',)))[186:206, 430:450].any()


def test_what_matters_least_is_left_out_first() -> None:
    view = view_of(detection(), gaze=TIP)
    picture = np.zeros((*SIZE, 4), np.uint8)
    whole = draw_console(view, picture, ALL, 0.25)
    assert not whole.left_out and 0.0 < whole.covered < 0.05
    for most in np.linspace(whole.covered - 1e-4, 0.0, 20):
        picture[:] = 0
        part = draw_console(view, picture, ALL, float(most))
        assert part.left_out and part.covered <= most
        assert np.count_nonzero(picture[..., 3]) == round(part.covered * HEIGHT * WIDTH)
    assert part.left_out == {'tips': 1, 'distances': 1, 'gaze': 1, 'outlines': 1, 'names': 1}
    picture[:] = 0
    assert set(draw_console(view, picture, ALL, whole.covered - 1e-4).left_out) == {'names'}


def test_however_much_is_seen_no_more_is_covered_than_allowed() -> None:
    generator = np.random.default_rng(0)
    boxes = [Box(*generator.integers(0, 400, 2).tolist(), 90, 80) for _ in range(60)]
    view = view_of(*(detection(box) for box in boxes))
    picture = np.zeros((*SIZE, 4), np.uint8)
    assert draw_console(view, picture, ALL, 0.02).left_out
    assert np.count_nonzero(picture[..., 3]) <= 0.02 * HEIGHT * WIDTH


def test_the_picture_over_a_ground_looks_as_if_it_were_drawn_on_it() -> None:
    """Colours of half transparent pixels are not multiplied by alpha: the console does that."""
    picture = drawn(view_of(detection()), ('tips',)).astype(np.float32)
    alpha = picture[..., 3:] / 255.0
    blended = alpha * picture[..., :3] + (1.0 - alpha) * 200.0
    expected = np.full((*SIZE, 3), 200, np.uint8)
    cv2.circle(expected, (440, 196), 5, (0, 0, 0), 3, cv2.LINE_AA)
    expected = cv2.addWeighted(expected, 2 / 3, np.full_like(expected, 200), 1 / 3, 0.0)
    cv2.circle(expected, (440, 196), 5, PALETTE[1, ::-1].tolist(), 1, cv2.LINE_AA)
    assert ((picture[..., 3] > 0) & (picture[..., 3] < 255)).any()
    np.testing.assert_allclose(blended, expected, atol=3.0)


def test_texts_stay_inside_of_the_picture_and_apart() -> None:
    boxes = [Box(0, 0, 40, 30), Box(600, 480, 40, 32), Box(0, 490, 30, 22), Box(610, 0, 30, 20)]
    picture = drawn(view_of(*(detection(box, tip=UNKNOWN) for box in boxes)), ('names',))
    one = np.count_nonzero(covered(drawn(view_of(detection(boxes[0], tip=UNKNOWN)), ('names',))))
    assert np.count_nonzero(covered(picture)) == 4 * one


def test_boxes_that_leave_the_picture_break_nothing() -> None:
    labels = np.ones(SIZE, np.uint8)
    for box in (Box(5000, 5000, 10, 10), Box(0, 0, 0, 0)):
        assert not drawn(see(SIZE, labels, [detection(box)], None), ('outlines',)).any()
    picture = drawn(see(SIZE, labels, [detection(Box(600, 500, 4000, 4000))], None), ('outlines',))
    assert covered(picture)[497:, 597:].any() and not covered(picture)[:490].any()
