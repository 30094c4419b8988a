"""What a folder of predictions holds of a scene."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from support.drawing import CONFIG

from mt3dnet_ros.media.pictures import open_pictures
from mt3dnet_ros.perception.prediction.files import PredictionFiles
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.taxonomy import load_taxonomy


def test_every_output_that_is_an_image_is_written_floats_as_tiff(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'one.png'), np.zeros((6, 8, 3), np.uint8))
    (picture,) = open_pictures(tmp_path / 'one.png')
    ids, rgb = np.arange(48, dtype=np.uint8).reshape(6, 8), np.zeros((6, 8, 3), np.uint8)
    depth = np.full((6, 8), 0.05, np.float32)
    scene = Scene(labels=ids, saliency=2 * ids, depth=depth, overlay=rgb, detections=[], scanpath=(), gaze=(0, 0, 1))
    with PredictionFiles(tmp_path / 'out', load_taxonomy(CONFIG.taxonomy), None, {}) as files:
        files.write(picture, scene)
    written = {str(path.relative_to(tmp_path / 'out')) for path in (tmp_path / 'out').glob('*/*')}
    assert written == {'labels/one.png', 'saliency/one.png', 'depth/one.tiff', 'overlay/one.png'}
    assert np.array_equal(cv2.imread(str(tmp_path / 'out/saliency/one.png'), cv2.IMREAD_UNCHANGED), 2 * ids)
    assert np.array_equal(cv2.imread(str(tmp_path / 'out/depth/one.tiff'), cv2.IMREAD_UNCHANGED), depth)
