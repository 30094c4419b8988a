"""EndoVis 2018 with ISINet's annotations as downloaded: beside the challenge's frames and scene masks.

Masks of the instruments lie in ``seq_N/instrument_labels_2017``, numbered as ISINet does to agree with EndoVis 2017;
ultrasound probes and suction instruments are not among them: they are those of the scene masks.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
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
from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame
from mt3dnet_ros.datasets.listing import MASKS, list_files, listed
from mt3dnet_ros.datasets.masks import instances_from_masks
from mt3dnet_ros.datasets.numbering import packaged_taxonomy
from mt3dnet_ros.datasets.splits import load_split

ANNOTATIONS = 'instrument_labels_2017'
_NUMBERING = 'endovis2018_isinet'
_FROM_SCENE = {'ultrasound probe': 'ultrasound probe', 'suction instrument': 'suction'}


class RawTypes(SequenceFrames):
    """Frames with types, parts, instances and, where the calibration is there, cameras."""

    def __init__(self, root: Path, split: str) -> None:
        entries = list_scene(root, split, load_split('endovis2018', split), is_test=False)
        _require_annotations({entry.image.parent.parent for entry in entries.values()})
        super().__init__(entries, packaged_taxonomy(_NUMBERING))

    def _read(self, name: str, entry: SceneFiles) -> LabelledFrame:
        assert entry.mask is not None  # only test data may have none
        image = read_image(entry.image)
        scene = read_scene(entry.mask, image.shape)
        masks = _scene_instruments(scene) + _instruments(entry.image, image.shape)
        types = np.zeros(scene.shape, np.uint8)
        for label, mask in masks:
            types[mask] = label
        instances = instances_from_masks((mask for _, mask in masks), types.shape)
        camera = left_camera(entry.image.parent.parent, image)
        return LabelledFrame(name, image, types, parts_of_scene(scene), instances, camera=camera)


def _require_annotations(sequences: Collection[Path]) -> None:
    """Check that every sequence has masks of instruments: without them all its tools would be background."""
    if missing := sorted(path for path in sequences if not list_files(path / ANNOTATIONS, MASKS)):
        raise DatasetError(
            f'{len(missing)} of {len(sequences)} sequences have no {ANNOTATIONS}/frame000_class1_inst0.png: '
            f'{listed(missing)}; fetch them with the annotations of ISINet'
        )


def _scene_instruments(scene: np.ndarray) -> list[tuple[int, np.ndarray]]:
    ids = {label.name: label.id for label in packaged_taxonomy(_NUMBERING).classes}
    classes = [label for label in packaged_taxonomy(TAXONOMY).classes if label.name in _FROM_SCENE]
    masks = [(ids[_FROM_SCENE[label.name]], scene == label.id) for label in classes]
    return [(label, mask) for label, mask in masks if mask.any()]


def _instruments(image: Path, shape: tuple[int, ...]) -> list[tuple[int, np.ndarray]]:
    masks = _masks_by_image(image.parent.parent / ANNOTATIONS).get(image.stem, ())
    known = len(packaged_taxonomy(_NUMBERING).classes)  # 10 is a stapler, which the published protocols leave out
    return [(label, read_mask(path, shape)) for label, path in masks if 0 < label < known]


@lru_cache(maxsize=64)
def _masks_by_image(folder: Path) -> dict[str, list[tuple[int, Path]]]:
    """Return the classes and masks of a sequence's instruments, by the names of their images without suffix."""
    found: dict[str, list[tuple[int, Path]]] = {}
    for path in list_files(folder, MASKS):
        if match := re.match(r'(.+)_class(\d+)', path.stem):
            found.setdefault(match[1], []).append((int(match[2]), path))
    return found
