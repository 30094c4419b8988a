"""A scene in a PLY file opens elsewhere, with colours and classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mt3dnet_ros.media.shapes.ply import write_ply
from mt3dnet_ros.perception.scene import Cloud


def make_cloud() -> Cloud:
    rng = np.random.default_rng(5)
    xyz = rng.normal(0.0, 0.05, (12, 16, 3)).astype(np.float32)
    xyz[2] = np.nan
    return Cloud(xyz, rng.integers(0, 256, (12, 16, 3), np.uint8), rng.integers(0, 9, (12, 16), np.uint8))


def test_open3d_reads_every_known_point(tmp_path: Path) -> None:
    open3d = pytest.importorskip('open3d')
    cloud = make_cloud()
    assert write_ply(tmp_path / 'scene.ply', cloud.xyz, cloud.rgb, cloud.labels) == 11 * 16
    read = open3d.t.io.read_point_cloud(str(tmp_path / 'scene.ply'))
    known = np.isfinite(cloud.xyz).all(-1)
    np.testing.assert_array_equal(read.point.positions.numpy(), cloud.xyz[known])
    np.testing.assert_array_equal(read.point.colors.numpy(), cloud.rgb[known])
    np.testing.assert_array_equal(read.point.label.numpy().ravel(), cloud.labels[known])


def test_cloud_without_a_known_point_gives_an_empty_file(tmp_path: Path) -> None:
    cloud = make_cloud()
    assert write_ply(tmp_path / 'scene.ply', np.full_like(cloud.xyz, np.nan), cloud.rgb, cloud.labels) == 0
    assert (tmp_path / 'scene.ply').read_bytes().endswith(b'end_header\n')
