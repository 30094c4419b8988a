"""Depth prepared for a published data set is read back with its frames."""

from __future__ import annotations

import numpy as np
import pytest
import support.endovis_fixtures as fixtures

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.registry import open_frames

SIZE = (128, 160)


def write_scenes(folder):
    fixtures.write_endovis2018_releases(folder, sequences=(2, 5, 9, 15), size=SIZE)


def write_keyframes(folder):
    keyframes = [(number, keyframe) for number in (8, 9) for keyframe in range(5)]
    fixtures.write_scared(folder, keyframes=keyframes, size=SIZE)


def write_raw_2017(folder):
    fixtures.write_endovis2017(folder, sequences=(4, 7))


@pytest.mark.parametrize(
    ('dataset', 'split', 'write'),
    [
        ('endovis2018_scene', 'val', write_scenes),
        ('scared', 'test', write_keyframes),
        ('endovis2017', 'val', write_raw_2017),
    ],
)
def test_depth_of_a_data_sets_pairs_is_read_with_its_frames(tmp_path, dataset, split, write):
    write(tmp_path / 'data')
    output = tmp_path / 'depth'
    assert (
        main(
            [
                'prepare-depth',
                '--dataset',
                dataset,
                '--data',
                f'{tmp_path}/data',
                '--split',
                split,
                '--teacher',
                'none',
                '--reach',
                '0.04',
                '0.12',
                '--output',
                f'{output}',
            ]
        )
        == 0
    )
    frames = open_frames(dataset, tmp_path / 'data', split, depth=output)
    for frame in (frames[index] for index in range(len(frames))):
        known = frame.depth > 0.0
        assert frame.depth.shape == frame.image.shape[:2] and known.mean() > 0.5
        assert np.median(frame.depth[known]) == pytest.approx(fixtures.DEPTH, rel=0.04)  # their disparities are whole
