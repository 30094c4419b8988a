"""The statistics by which rendered frames are held against real ones."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from support.paths import ROOT

from mt3dnet_ros.datasets.frames import LabelledFrame

SCRIPT = ROOT / 'benchmark' / 'realism.py'


@pytest.fixture(scope='module')
def realism():
    spec = importlib.util.spec_from_file_location('realism', SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def frame():
    """Return a dark grey shaft on reddish tissue."""
    image, parts = np.empty((240, 320, 3), np.uint8), np.zeros((240, 320), np.uint8)
    image[:] = 150, 90, 80
    image[100:140, :200], parts[100:140, :200] = 40, 1
    return LabelledFrame('one', image, parts=parts)


def test_a_dark_shaft_on_red_tissue_is_told_as_such(realism, frame):
    found = realism.statistics(frame)
    assert found['shaft: L'] < 20 < 40 < found['tissue: L']
    assert found['shaft: saturation'] == 0.0 and found['tissue: a'] > 15
    assert found['shaft: L less that around'] == pytest.approx(found['shaft: L'] - found['tissue: L'], abs=0.1)
    assert found['share of instruments'] == pytest.approx(40 * 200 / (240 * 320))
    assert not any(name.startswith('manipulator') for name in found)


def test_noise_is_measured_in_lightness(realism, frame):
    grain = np.random.default_rng(0).normal(0.0, 5.0, (240, 320, 1))
    noisy = replace(frame, image=np.clip(frame.image + grain, 0, 255).astype(np.uint8))
    quiet, found = (realism.statistics(each)['tissue: noise'] for each in (frame, noisy))
    assert quiet < 1e-3 and found == pytest.approx(5.0 * 100 / 255, rel=0.2)


def test_glare_is_counted_by_spots_and_black_borders_by_area(realism, frame):
    image = frame.image.copy()
    image[20:24, 30:34] = image[60:64, 250:256] = image[200:203, 100:104] = 255
    image[:, :16] = 0
    found = realism.statistics(replace(frame, image=image))
    assert found['tissue: glare spots'] == 3 and found['share of black'] == pytest.approx(16 / 320)


def test_interlaced_rows_and_blocks_of_compression_stand_out(realism, frame):
    combed, blocked = frame.image.copy(), frame.image.copy()
    combed[::2] += 30
    blocked[:, np.arange(320) // 8 % 2 == 0] += 10
    assert realism.statistics(replace(frame, image=combed))['rows: comb'] > 5
    assert realism.statistics(replace(frame, image=blocked))['columns: blocks of 8'] > 3


@pytest.mark.parametrize(('real', 'share'), [([50.0, 60.0], 1.0), ([50.0, 99.5], 0.5), ([np.nan, -1.0], 0.0)])
def test_real_frames_are_covered_between_the_outer_percentiles(realism, real, share):
    assert realism.covered(np.linspace(0.0, 100.0, 101), np.array(real)) == share
