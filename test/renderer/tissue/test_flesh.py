"""Anatomical tissue: what its textures hold, and the shapes that it takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.domains.tissue import Flesh
from mt3dnet_ros.renderer.tissue.flesh import BLOOD, paint_textures
from mt3dnet_ros.renderer.tissue.ground import GRID, fat_lumps, field_depth_at, height_field, with_cavity_and_ridges
from mt3dnet_ros.renderer.tissue.palettes import TISSUE_KINDS
from mt3dnet_ros.renderer.tissue.tissue import sample_tissue
from mt3dnet_ros.renderer.tissue.vessels import TEXTURE, vessel_trees

ENDOSCOPE = load_domain('endoscope')
BARE = Flesh(share=1.0, regions=(1, 1))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def field_at(distance: float):
    return height_field(rng(), distance, ENDOSCOPE.ground)


def only(monkeypatch, *names: str) -> None:
    for name in set(TISSUE_KINDS) - set(names):
        monkeypatch.delitem(TISSUE_KINDS, name)


def test_every_surface_has_a_texture_of_its_own_in_the_range_of_colours():
    textures = paint_textures(rng(), Flesh(regions=(2, 2), blood=1.0, char=1.0), 0.1, count=3, fat=1)
    assert len(textures) == 4
    for texture in textures:
        assert texture.albedo.shape == (TEXTURE, TEXTURE, 3) and texture.albedo.dtype == np.float32
        assert texture.albedo.min() >= 0 and texture.albedo.max() <= 1
        assert texture.wetness.min() > 0
    assert np.abs(textures[0].albedo - textures[1].albedo).mean() > 0.01


def test_fat_is_bright_and_yellow_and_liver_is_dark_and_red(monkeypatch):
    def colour(name: str) -> np.ndarray:
        with monkeypatch.context() as patch:
            only(patch, name)
            return paint_textures(rng(), BARE, 0.1, count=1)[0].albedo.mean((0, 1))

    fat, liver = colour('fat'), colour('liver')
    assert fat.mean() > 3 * liver.mean()
    assert fat[1] / fat[0] > 1.5 * liver[1] / liver[0]


def test_blood_colours_spots_and_smooths_them(monkeypatch):
    only(monkeypatch, 'fascia')
    clean, stained = (paint_textures(rng(3), replace(BARE, blood=chance), 0.1, count=1)[0] for chance in (0.0, 1.0))
    spots = np.abs(stained.albedo - BLOOD).max(-1) < 0.15
    assert 0.02 < spots.mean() < 0.7
    assert stained.bumps[spots].std() < 0.5 * clean.bumps[spots].std()


def test_bleached_tissue_has_white_patches_and_the_rest_stays(monkeypatch):
    only(monkeypatch, 'liver')
    plain, bleached = (paint_textures(rng(3), replace(BARE, bleached=b), 0.1, count=1)[0] for b in (0.0, 1.0))
    gain = (bleached.albedo - plain.albedo).mean(-1)
    assert gain.max() > 0.3
    assert np.median(gain) < 0.05
    assert bleached.albedo.max() <= 1


def test_glaring_patches_shine_more_and_keep_their_colour():
    glaring = replace(BARE, glaring=1.0, glare=(5.0, 5.0))
    plain, bright = (paint_textures(rng(3), flesh, 0.1, count=1)[0] for flesh in (BARE, glaring))
    ratio = bright.wetness / plain.wetness
    np.testing.assert_array_equal(plain.albedo, bright.albedo)
    assert 5.0 < ratio.max() <= 6.01
    assert np.median(ratio) < 2.0


def test_wet_tissue_shines_in_proportion():
    dry, wet = (paint_textures(rng(), replace(BARE, wetness=(level, level)), 0.1, count=1)[0] for level in (0.5, 2.0))
    np.testing.assert_allclose(wet.wetness, 4 * dry.wetness, rtol=1e-4)


def test_thicker_vessels_cover_more():
    thin, thick = (vessel_trees(1, width).mean() for width in (1, 4))
    assert 0 < thin < 0.7 * thick < 0.5


def test_a_recess_is_deeper_than_the_field_and_the_rest_stays():
    plain = field_at(0.1)
    flesh = Flesh(cavity=1.0, cavity_depth=(0.03, 0.03))
    deeper = with_cavity_and_ridges(rng(), plain, 0.1, flesh).vertices[:, 2] - plain.vertices[:, 2]
    assert deeper.max() == pytest.approx(0.03, rel=0.05)
    assert np.mean(deeper < 0.003) > 0.5 and deeper.min() >= 0


def test_folds_rise_towards_the_camera():
    plain = field_at(0.1)
    nearer = (
        plain.vertices[:, 2]
        - with_cavity_and_ridges(rng(), plain, 0.1, Flesh(ridge=1.0, ridge_height=(0.01, 0.01))).vertices[:, 2]
    )
    assert nearer.min() >= 0 and nearer.max() == pytest.approx(0.01, rel=0.05)


def test_the_depth_of_a_field_is_exact_at_its_corners_and_between():
    field = field_at(0.1)
    points = field.vertices.reshape(GRID, GRID, 3)
    np.testing.assert_allclose(field_depth_at(field, points[7, 3:9, :2]), points[7, 3:9, 2], atol=1e-9)
    middle = 0.5 * (points[7, 3] + points[7, 4])
    np.testing.assert_allclose(field_depth_at(field, middle[None, :2]), middle[2], atol=1e-9)


def test_fat_lies_on_the_field_in_lumps_of_its_size():
    field = field_at(0.1)
    flesh = Flesh(fat_count=(3, 3), fat_radius=(0.01, 0.01))
    heap = fat_lumps(rng(), field, 0.1, flesh)
    assert len(heap) == 3
    for fat_lump in heap:
        middle = fat_lump.vertices.mean(0)
        assert abs(field_depth_at(field, middle[None, :2])[0] - middle[2]) < 0.005
        assert 0.01 < np.ptp(fat_lump.vertices[:, 0]) < 0.04


def test_tissue_without_anatomy_does_not_change_when_it_is_made_possible():
    def sampled(flesh: Flesh):
        return sample_tissue(rng(5), 0.1, ENDOSCOPE.ground, ENDOSCOPE.skin, (), flesh)

    plain, possible = sampled(Flesh()), sampled(Flesh(share=1e-9, fat=1.0, blood=1.0))
    np.testing.assert_array_equal(plain.albedo, possible.albedo)
    assert len(sampled(Flesh(share=1.0, fat=1.0)).meshes) > len(plain.meshes)
