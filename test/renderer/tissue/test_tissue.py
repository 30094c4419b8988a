"""Tissue and picture: what tells a network how far away tissue is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from mt3dnet_ros.renderer.camera.control_unit import TYPICAL_RADIANCE, gain
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.tissue.ground import height_field, organ
from mt3dnet_ros.renderer.tissue.plain_textures import crop_to_lit_part
from mt3dnet_ros.renderer.tissue.tissue import sample_tissue

ENDOSCOPE = load_domain('endoscope')


def tissue_at(distance: float, **skin):
    changed = replace(ENDOSCOPE.skin, **skin)
    return sample_tissue(np.random.default_rng(4), distance, ENDOSCOPE.ground, changed, ())


def crossings_per_metre(slopes: np.ndarray, size: float) -> float:
    changes = np.diff(np.signbit(slopes), axis=1)
    return np.count_nonzero(changes) / len(slopes) / size


@pytest.mark.parametrize('distance', [0.05, 0.1])
def test_texture_and_organs_have_sizes_of_their_own_at_every_distance(distance):
    least, largest = ENDOSCOPE.skin.texture_size
    assert least <= tissue_at(distance).texture_size <= largest
    width, height, _ = np.ptp(organ(np.random.default_rng(1), distance, ENDOSCOPE.ground).vertices, axis=0)
    least, largest = ENDOSCOPE.ground.organ_radius
    assert 1.4 * least < min(width, height)
    assert max(width, height) < 2.6 * largest


def test_bumps_have_a_size_in_metres_whatever_the_texture_covers():
    small, large = (tissue_at(0.08, texture_size=(size, size)).bumps[0, ..., 0] for size in (0.05, 0.1))
    assert crossings_per_metre(small, 0.05) == pytest.approx(crossings_per_metre(large, 0.1), rel=0.15)


def test_higher_bumps_are_steeper_in_proportion():
    low, high = (tissue_at(0.08, bump_height=(height, height)).bumps for height in (1e-4, 2e-4))
    np.testing.assert_allclose(high, 2 * low, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize('distance', [0.05, 0.11])
def test_the_height_field_is_wider_than_the_view(distance):
    points = height_field(np.random.default_rng(2), distance, ENDOSCOPE.ground).vertices
    slopes = np.abs(points[:, :2] / points[:, 2:])
    half_view = 0.5 / ENDOSCOPE.optics.focal_per_width[0] + 0.05
    on_the_rim = np.any(np.isclose(np.abs(points[:, :2]), np.abs(points[:, :2]).max()), axis=1)
    assert slopes[on_the_rim].max(axis=1).min() > half_view
    assert abs(np.median(points[:, 2]) - distance) < 0.3 * distance


@pytest.mark.parametrize(('adaptation', 'ratio'), [(1.0, 1.0), (0.0, 2.0)])
def test_adaptation_hides_how_bright_the_scene_is(adaptation, ratio):
    control_unit = replace(ENDOSCOPE.camera.control_unit, adaptation=(adaptation, adaptation))
    dim, bright = (
        gain(np.random.default_rng(0), np.full((40, 50, 3), radiance, np.float32), control_unit).mean()
        for radiance in (TYPICAL_RADIANCE, 2 * TYPICAL_RADIANCE)
    )
    assert bright / dim == pytest.approx(ratio, rel=0.02)


def test_a_round_view_is_cut_to_what_is_lit():
    rows, columns = np.mgrid[:120, :200]
    lit = (rows - 60) ** 2 + (columns - 90) ** 2 < 55**2
    part = crop_to_lit_part(np.where(lit[..., None], 200, 0).astype(np.uint8).repeat(3, axis=2))
    assert min(part.shape[:2]) > 50
    assert part.mean() > 195
