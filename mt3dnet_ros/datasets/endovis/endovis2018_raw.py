"""EndoVis 2018 with ISINet's annotations as downloaded: beside the challenge's frames and scene masks.

Masks of the instruments lie in ``seq_N/instrument_labels_2017``, numbered as ISINet does to agree with EndoVis 2017;
ultrasound probes and suction instruments are not among them: they are those of the scene masks.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from mt3dnet_ros.datasets.endovis.endovis2018_scene import (
    TAXONOMY,
    SceneFiles,
    SequenceFrames,
    list_scene,
    parts_of_scene,
    read_scene,
)
from mt3dnet_ros.datasets.endovis.stereo_files import left_camera
from mt3dnet_ros.datasets.files import read_image, read_mask
from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.datasets.masks import instances_from_masks
from mt3dnet_ros.datasets.numbering import packaged_taxonomy
from mt3dnet_ros.datasets.splits import load_split

_NUMBERING = 'endovis2018_isinet'
_FROM_SCENE = {'ultrasound probe': 'ultrasound probe', 'suction instrument': 'suction'}


class RawTypes(SequenceFrames):
    """Frames with types, parts, instances and, where the calibration is there, cameras."""

    def __init__(self, root: Path, split: str) -> None:
        entries = list_scene(root, split, load_split('endovis2018', split), is_test=False)
        super().__init__(entries, packaged_taxonomy(_NUMBERING))

    def _read(self, name: str, entry: SceneFiles) -> LabelledFrame:
        image = read_image(entry.image)
        scene = read_scene(entry.mask, image.shape)
        masks = _scene_instruments(scene) + _instruments(entry.image, image.shape)
        types = np.zeros(scene.shape, np.uint8)
        for label, mask in masks:
            types[mask] = label
        instances = instances_from_masks((mask for _, mask in masks), types.shape)
        camera = left_camera(entry.image.parent.parent, image)
        return LabelledFrame(name, image, types, parts_of_scene(scene), instances, camera=camera)


def _scene_instruments(scene: np.ndarray) -> list[tuple[int, np.ndarray]]:
    ids = {label.name: label.id for label in packaged_taxonomy(_NUMBERING).classes}
    classes = [label for label in packaged_taxonomy(TAXONOMY).classes if label.name in _FROM_SCENE]
    masks = [(ids[_FROM_SCENE[label.name]], scene == label.id) for label in classes]
    return [(label, mask) for label, mask in masks if mask.any()]


def _instruments(image: Path, shape: tuple[int, ...]) -> list[tuple[int, np.ndarray]]:
    folder = image.parent.parent / 'instrument_labels_2017'
    paths = sorted(folder.glob(f'{image.stem}_class*.png'))
    found = ((re.search(r'_class(\d+)', path.name), path) for path in paths)
    known = len(packaged_taxonomy(_NUMBERING).classes)  # 10 is a stapler, which the published protocols leave out
    return [(int(m[1]), read_mask(path, shape)) for m, path in found if m and 0 < int(m[1]) < known]
