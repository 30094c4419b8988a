"""Shafts tell the scale of depth, or say why they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.shaft_scene import CAMERA, DIAMETER, HEIGHT, LENS, WIDTH, ShaftScene, cylinder_through, shaft_view

from mt3dnet_ros.perception.scale.evidence import Evidence
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.shaft.diameter import Diameter
from mt3dnet_ros.perception.scale.shaft.estimator import ShaftEstimator
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy('endovis2018')
SLANTED = cylinder_through((0.01, -0.01, 0.06), (1.0, -0.6, 1.2))
THIN = cylinder_through((0.0, 0.01, 0.12), (-1.0, 0.4, 0.3))


def observation(view) -> ScaleObservation:
    (found,) = ShaftEstimator(TAXONOMY).observe(view)
    assert isinstance(found, ScaleObservation), found
    assert found.source == 'shaft'
    return found


def reason(view) -> str:
    (found,) = ShaftEstimator(TAXONOMY).observe(view)
    assert isinstance(found, Rejection) and found.source == 'shaft'
    return found.reason


@pytest.mark.parametrize('camera', [pytest.param(CAMERA, id='ideal'), pytest.param(LENS, id='lens')])
@pytest.mark.parametrize('cylinder', [ShaftScene().cylinder, SLANTED, THIN], ids=['across', 'slanted', 'far'])
@pytest.mark.parametrize('factor', [0.5, 1.6])
def test_factor_is_found_whatever_the_pose_and_the_lens(camera, cylinder, factor):
    found = observation(shaft_view(ShaftScene(cylinder, camera=camera), factor))
    assert found.factor == pytest.approx(factor, rel=0.01)
    assert (found.of, found.instance_id) == ('large needle driver', 1)


def test_bright_shaft_is_as_good_as_a_dark_one():
    assert observation(shaft_view(ShaftScene(grey=240.0))).factor == pytest.approx(1.0, rel=0.015)


@pytest.mark.parametrize('cylinder', [ShaftScene().cylinder, SLANTED])
def test_axis_is_that_of_the_cylinder(cylinder):
    axis = observation(shaft_view(ShaftScene(cylinder))).axis
    assert axis is not None
    assert axis.diameter == DIAMETER
    point, direction = np.array(axis.point), np.array(axis.direction)
    off = point - cylinder.nearest
    assert np.linalg.norm(off - (off @ cylinder.direction) * cylinder.direction) < 0.001
    assert np.linalg.norm(direction) == pytest.approx(1.0)
    assert np.arccos(direction @ cylinder.direction) < 3 * axis.angle_deviation + 0.02
    assert axis.deviation == pytest.approx(point[2] * np.hypot(0.2 / 8.6, 0.015), rel=0.05)


def test_direction_leads_to_the_tip():
    turned = cylinder_through((0.0, 0.0, 0.07), (-1.0, -0.25, 0.5))
    axis = observation(shaft_view(ShaftScene(turned))).axis
    assert axis is not None and axis.direction[0] < 0


def test_mask_only_tells_where_to_look():
    def grown(ids):
        return np.maximum.reduce([np.roll(ids, shift, axis=0) for shift in range(-5, 6)])

    assert observation(shaft_view(instances=grown)).factor == pytest.approx(1.0, rel=0.01)


def test_picture_that_is_stored_blue_first_gives_the_same():
    def stored(rgb):
        return np.ascontiguousarray(rgb[..., ::-1])[..., ::-1]

    assert observation(shaft_view(rgb=stored)).factor == pytest.approx(observation(shaft_view()).factor, rel=1e-5)


def test_frame_is_known_less_than_the_instrument():
    view = shaft_view()
    found = observation(replace(view, shape_deviation=0.1))
    assert found.own_deviation == pytest.approx(np.hypot(np.hypot(0.2 / 8.6, 0.015), 0.04), rel=0.05)
    assert found.deviation == pytest.approx(np.hypot(found.own_deviation, 0.1))
    assert found.systematic is not None and found.own_deviation < found.systematic < found.deviation


def test_users_word_goes_before_the_class_and_knowledge_of_the_instance_before_both():
    by_class = observation(shaft_view())
    by_user = observation(shaft_view(settings=Settings(shaft_diameters=('Large_Needle-Driver=4.3+-0.1', 'all=8'))))
    by_instance = observation(
        shaft_view(
            settings=Settings(shaft_diameters=('all=8',)), evidence=Evidence(diameters={1: Diameter(0.0172, 1e-4)})
        )
    )
    assert by_user.factor == pytest.approx(0.5 * by_class.factor, rel=0.01)
    assert by_instance.factor == pytest.approx(2.0 * by_class.factor, rel=0.02)


def test_unknown_diameter_is_asked_for():
    assert reason(shaft_view(name='other')) == 'diameter unknown: name it in shaft_diameters'
    named = Settings(shaft_diameters=('all=8.6',))
    assert observation(shaft_view(name='other', settings=named)).factor == pytest.approx(1.0, rel=0.01)


def test_name_that_is_no_class_is_said():
    view = shaft_view(settings=Settings(shaft_diameters=('nedle driver=8',)))
    rejected, _ = ShaftEstimator(TAXONOMY).observe(view)
    assert isinstance(rejected, Rejection)
    assert "knows no 'nedle driver'" in rejected.reason


def test_switched_off_it_says_nothing():
    assert ShaftEstimator(TAXONOMY).observe(shaft_view(settings=Settings(shaft_scale=False))) == []


def no_shaft(parts):
    return np.where(parts > 0, 2, 0).astype(np.uint8)


def other_beside(ids):
    beside = np.maximum.reduce([np.roll(ids, shift, axis=0) for shift in range(0, 60, 4)])
    return np.where(ids > 0, 1, np.where(beside > 0, 2, 0)).astype(np.uint8)


def test_shaft_that_is_not_seen():
    assert reason(shaft_view(parts=no_shaft)) == 'no shaft seen'


def test_shaft_cut_by_the_border():
    along_border = cylinder_through((0.0, 0.0318, 0.07), (1.0, 0.0, 0.0))
    assert reason(shaft_view(ShaftScene(along_border))) == 'cut by the border'


def test_shaft_cut_by_another_instrument():
    found = ShaftEstimator(TAXONOMY).observe(shaft_view(instances=other_beside))
    assert isinstance(found[0], Rejection)
    assert found[0].reason == 'cut by another instrument'


def test_short_shaft():
    _, parts = ShaftScene().truth()
    first = np.flatnonzero((parts == 1).any(axis=0))[-1] - 20

    def end(labels):
        return np.where(np.arange(WIDTH) < first, 0, labels).astype(np.uint8)

    assert reason(shaft_view(instances=end, parts=end)) == 'too short'


def test_cone_is_no_cylinder():
    def wedge(rgb):
        out = np.full_like(rgb, (190, 90, 80))
        for column in range(300, 600):
            half = 15 + 0.45 * (600 - column)
            out[round(HEIGHT / 2 - half) : round(HEIGHT / 2 + half), column] = 30
        return out

    def mask(ids):
        return (wedge(np.zeros((HEIGHT, WIDTH, 3), np.uint8))[..., 0] == 30).astype(np.uint8)

    view = shaft_view(rgb=wedge, instances=mask, parts=mask)
    assert reason(view) == 'edges not parallel enough for a cylinder'


def test_second_pair_of_edges_is_named():
    def doubled(rgb):
        twice = np.minimum(rgb, np.roll(rgb, 14, axis=0))
        return np.where((np.arange(HEIGHT) % 2 > 0)[:, None, None], rgb, twice)

    assert reason(shaft_view(rgb=doubled)) in {'a second pair of edges is as likely', 'no straight edges'}


def test_blurred_noise_has_no_edges():
    def blank(rgb):
        return np.random.default_rng(1).integers(90, 110, rgb.shape).astype(np.uint8)

    assert reason(shaft_view(rgb=blank)) == 'no straight edges'


def test_unknown_depth_of_the_network_is_said():
    view = shaft_view(depth=lambda depth: np.full_like(depth, np.nan))
    assert reason(view) == 'the depth of the network is unknown there'
