"""``mt3dnet make-saliency``: files in the layout of ST-MTL, once per frame that has one before it."""

from __future__ import annotations

import json
import os

import cv2
import numpy as np
import pytest
from support.endovis_fixtures import SIZE, part_masks, write_endovis2017
from support.rendered_shapes import write_sequences, write_shapes

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.saliency.files import read_saliency, read_scanpath, saliency_path, scanpath_path

VAL = (4, 7)


@pytest.fixture
def merged(tmp_path):
    return write_endovis2017(tmp_path / 'cropped_train', VAL, frames=3, layout='ternaus')


def make(data, output, *options, dataset='endovis2017'):
    return main(
        [
            'make-saliency',
            '--dataset',
            dataset,
            '--data',
            str(data),
            '--split',
            'val',
            '--output',
            str(output),
            *options,
        ]
    )


def test_every_frame_but_the_first_of_a_sequence_has_a_map_where_st_mtl_looks_for_it(merged):
    assert make(merged, merged) == 0
    for number in VAL:
        maps = sorted(path.name for path in (merged / f'instrument_dataset_{number}' / 'salmap').iterdir())
        assert maps == ['frame001.png', 'frame002.png']


def test_a_map_is_salient_about_wrist_and_clasper(merged, tmp_path):
    make(merged, tmp_path / 'out')
    saliency = cv2.imread(str(saliency_path(tmp_path / 'out', 'instrument_dataset_4/frame001')), cv2.IMREAD_UNCHANGED)
    _, wrist, clasper = part_masks(SIZE)
    assert saliency.dtype == np.uint8 and saliency.shape == SIZE and saliency.max() == 255
    assert saliency[wrist | clasper].mean() > 100 > 10 > saliency[SIZE[0] // 2 :, SIZE[1] // 2 :].mean()


def test_a_scanpath_holds_instance_class_pixel_weight_and_order(merged, tmp_path):
    make(merged, tmp_path / 'out')
    path = scanpath_path(tmp_path / 'out', 'instrument_dataset_7/frame002')
    assert path == tmp_path / 'out' / 'instrument_dataset_7' / 'scanpath' / 'frame002.json'
    (stop,) = json.loads(path.read_text())
    assert set(stop) == {'instance', 'class', 'pixel', 'weight', 'order'}
    assert stop['class'] == 1 and stop['order'] == 1 and stop['weight'] == pytest.approx(0.5 + 0.5 * np.log(2))
    x, y = stop['pixel']
    assert (part_masks(SIZE)[1] | part_masks(SIZE)[2])[y, x]


def test_a_second_run_writes_only_what_is_missing(merged, tmp_path, capsys):
    make(merged, tmp_path / 'out')
    kept, lost = (saliency_path(tmp_path / 'out', f'instrument_dataset_4/frame00{n}') for n in (1, 2))
    os.utime(kept, (1, 1))
    content = lost.read_bytes()
    lost.unlink()
    assert make(merged, tmp_path / 'out') == 0
    assert kept.stat().st_mtime == 1 and lost.read_bytes() == content
    assert '4 frames have saliency and a scanpath' in capsys.readouterr().out.splitlines()[-1]


def test_a_folder_made_with_other_settings_is_refused(merged, tmp_path, capsys):
    make(merged, tmp_path / 'out')
    assert make(merged, tmp_path / 'out', '--blur', '0.05') == 1
    assert 'was made with blur 0.025, not 0.05; choose another --output' in capsys.readouterr().err


def test_rendered_sequences_have_maps_beside_one_another(tmp_path):
    assert make(write_sequences(tmp_path / 'data'), tmp_path / 'out', dataset='rendered') == 0
    made = sorted(str(path.relative_to(tmp_path / 'out')) for path in (tmp_path / 'out').rglob('*.png'))
    assert made == ['val/s0000/salmap/f0001.png', 'val/s0001/salmap/f0001.png']
    assert read_saliency(tmp_path / 'out', 'val/s0001/f0001', (72, 90)).max() == 255
    orders = [stop.order for stop in read_scanpath(tmp_path / 'out', 'val/s0001/f0001')]
    assert orders == list(range(1, len(orders) + 1)) and orders


def test_stills_are_refused_with_the_remedy(tmp_path, capsys):
    assert make(write_shapes(tmp_path / 'data', frames=2), tmp_path / 'out', dataset='rendered') == 1
    assert 'render sequences with' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_masks_without_parts_are_refused(tmp_path, capsys):
    data = write_endovis2017(tmp_path / 'st_mtl', VAL, frames=2, layout='st_mtl')
    assert make(data, tmp_path / 'out') == 1
    assert 'no masks of types, parts and instances' in capsys.readouterr().err


def test_missing_and_damaged_files_are_named(merged, tmp_path):
    make(merged, tmp_path / 'out')
    with pytest.raises(DatasetError, match=r"frame000\.json' is missing; write it with `mt3dnet make-saliency`"):
        read_scanpath(tmp_path / 'out', 'instrument_dataset_4/frame000')
    with pytest.raises(DatasetError, match=r"frame000\.png' is missing"):
        read_saliency(tmp_path / 'out', 'instrument_dataset_4/frame000', SIZE)
    scanpath_path(tmp_path / 'out', 'instrument_dataset_4/frame001').write_text('[{"order": 1}]')
    with pytest.raises(DatasetError, match=r"frame001\.json' is damaged"):
        read_scanpath(tmp_path / 'out', 'instrument_dataset_4/frame001')
