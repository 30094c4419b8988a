"""Things on a table: every kind that a domain may name, of sizes that things have."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from mt3dnet_ros.renderer.bench.solids import height_of, moved, reach_of
from mt3dnet_ros.renderer.bench.things import KINDS, sample_thing
from mt3dnet_ros.renderer.domains.bench import Things


def test_every_kind_of_a_domain_can_be_drawn_and_no_other():
    assert sorted(KINDS) == sorted(f.name for f in fields(Things))


@pytest.mark.parametrize('kind', KINDS)
def test_a_thing_stands_on_the_table_and_fits_on_it(kind):
    for seed in range(4):
        thing = KINDS[kind](np.random.default_rng(seed))
        assert thing
        lowest = min(solid.shape.mesh.vertices[:, 2].min() for solid in thing)
        assert -0.005 < lowest < 0.02
        assert 0.0002 < height_of(thing) < 0.4
        assert 0.001 < reach_of(thing) < 0.6
        for solid in thing:
            prop = solid.prop()
            assert len(prop.local) == len(prop.mesh.vertices)
            assert np.isfinite(prop.mesh.vertices).all() and np.isfinite(prop.mesh.normals).all()
            assert prop.finish.scratches.min() >= 0 and prop.finish.scratches.max() <= 1
            assert prop.hold is None


def test_kinds_are_drawn_as_often_as_a_domain_says():
    only = Things(**{f.name: float(f.name in ('hands', 'boards')) for f in fields(Things)})
    kinds = [sample_thing(np.random.default_rng(seed), only)[0] for seed in range(40)]
    assert set(kinds) == {'hands', 'boards'}
    assert 8 < kinds.count('hands') < 32


def test_a_thing_is_that_of_its_seed_and_is_moved_as_a_whole():
    first, second = (sample_thing(np.random.default_rng(8), Things())[1] for _ in range(2))
    pose = np.eye(4)
    pose[:3, 3] = [0.1, 0.0, 0.2]
    for one, other, there in zip(first, second, moved(first, pose), strict=True):
        np.testing.assert_array_equal(one.shape.mesh.vertices, other.shape.mesh.vertices)
        np.testing.assert_allclose(there.shape.mesh.vertices, one.shape.mesh.vertices + pose[:3, 3])
