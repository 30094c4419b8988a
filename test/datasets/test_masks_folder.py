"""A folder of one's own: images, and a mask of types for each."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.calibration_file import write_calibration

from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame
from mt3dnet_ros.datasets.registry import open_frames

CLASSES = """
name: mine
classes:
  - {id: 0, name: background, color: [0, 0, 0]}
  - {id: 1, name: hook, color: [250, 0, 0]}
  - {id: 2, name: grasper, color: [0, 250, 0]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two frames for training, of which one has two hooks and a grasper."""
    (tmp_path / 'classes.yaml').write_text(CLASSES)
    mask = np.zeros((40, 60), np.uint8)
    mask[:10, :10], mask[20:30, :10], mask[:, 50:], mask[39, 0] = 1, 1, 2, 255
    for name, labels in {'b': mask, 'a': np.zeros_like(mask)}.items():
        write(tmp_path / 'train' / 'images' / f'{name}.jpg', np.full((40, 60, 3), 100, np.uint8))
        write(tmp_path / 'train' / 'masks' / f'{name}.png', labels)
    write(tmp_path / 'train' / 'images' / 'without_mask.jpg', np.zeros((40, 60, 3), np.uint8))
    return tmp_path


def write(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


def second(folder: Path) -> LabelledFrame:
    return open_frames('masks_folder', folder, 'train')[1]


def test_frames_have_types_by_name_and_an_instance_per_region(folder: Path) -> None:
    frames = open_frames('masks_folder', folder, 'train')
    assert list(frames.names) == ['a', 'b']
    assert frames.taxonomy is not None and frames.taxonomy.names == ('background', 'hook', 'grasper')
    frame = frames[1]
    assert frame.types is not None and frame.instances is not None
    assert {(int(kind), int(number)) for kind, number in zip(frame.types.flat, frame.instances.flat, strict=True)} == {
        (0, 0), (1, 1), (1, 2), (2, 3), (255, 0)
    }  # fmt: skip
    assert frame.parts is None and frame.depth is None and frame.camera is None


def test_a_calibration_serves_images_of_another_size_too(folder: Path) -> None:
    write_calibration(folder / 'camera.yaml', 120, 80)
    camera = second(folder).camera
    assert camera is not None and (camera.width, camera.height) == (60, 40)


def test_ids_without_names_are_refused_rather_than_guessed(folder: Path) -> None:
    (folder / 'classes.yaml').unlink()
    with pytest.raises(DatasetError, match=r"classes\.yaml' is missing, which names the ids of the masks"):
        open_frames('masks_folder', folder, 'train')


def test_an_id_beyond_the_classes_is_refused(folder: Path) -> None:
    write(folder / 'train' / 'masks' / 'b.png', np.full((40, 60), 3, np.uint8))
    with pytest.raises(
        DatasetError, match=r"b\.png' has 2400 pixels .* such as 3; possible are 0 to 2, and 255 .*name the class"
    ):
        second(folder)


def test_a_split_without_masks_is_refused(folder: Path) -> None:
    with pytest.raises(DatasetError, match=r"val' has no masks/\*\.png"):
        open_frames('masks_folder', folder, 'val')
