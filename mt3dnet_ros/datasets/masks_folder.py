"""A plain folder of images with a mask each: the simplest layout to bring labelled frames of one's own in.

Layout::

    DIR/SPLIT/images/NAME.jpg  or .jpeg, .png and others; SPLIT is train, val or test
    DIR/SPLIT/masks/NAME.png   grey or palette: the id of the instrument's type, 0 background, 255 unlabelled
    DIR/classes.yaml           names and colours of the ids, written as the files of config/labels are
    DIR/camera.yaml            calibration of the camera (docs/robot/calibration_files.md); may be left out

An image without a mask is left out, with a warning.
"""

from __future__ import annotations

from pathlib import Path

from mt3dnet_ros.datasets.files import check_ids, read_ids, read_image, warn_of_binary_masks
from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.listing import images_with_masks
from mt3dnet_ros.datasets.masks import instances_from_types
from mt3dnet_ros.media.calibration_file import fit_camera, read_camera
from mt3dnet_ros.perception.taxonomy import Taxonomy, load_taxonomy

CLASSES, CAMERA = 'classes.yaml', 'camera.yaml'


class MasksFolder(ListedFrames[tuple[Path, Path]]):
    """Frames with types; instances are the connected regions of each type.

    :param split: folder below ``folder``
    :raises DatasetError: there are no masks, a mask has no image, or the ids have no names
    :raises TaxonomyError, CameraCalibrationError: ``classes.yaml`` or ``camera.yaml`` is damaged
    """

    taxonomy: Taxonomy

    def __init__(self, folder: str | Path, split: str) -> None:
        root = Path(folder)
        entries = images_with_masks(root / split, 'masks')
        super().__init__(entries, _read_classes(root / CLASSES))
        warn_of_binary_masks([mask for _, mask in entries.values()])
        self._camera = read_camera(root / CAMERA) if (root / CAMERA).is_file() else None

    def _read(self, name: str, entry: tuple[Path, Path]) -> LabelledFrame:
        image = read_image(entry[0])
        types = read_ids(entry[1], image.shape)
        check_ids(entry[1], types, len(self.taxonomy.classes))
        camera = self._camera and fit_camera(self._camera, image.shape[1], image.shape[0])
        return LabelledFrame(name, image, types, instances=instances_from_types(types), camera=camera)


def _read_classes(path: Path) -> Taxonomy:
    if not path.is_file():  # a guess would name the instruments wrongly without a sign of it
        raise DatasetError(
            f"'{path}' is missing, which names the ids of the masks; write it as config/labels/*.yaml are"
        )
    return load_taxonomy(path)
