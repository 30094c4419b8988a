"""Predictions in files that other programs read: PNG, TIFF, PLY, COCO's JSON and a film."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.pictures import Picture
from mt3dnet_ros.media.shapes.ply import write_ply
from mt3dnet_ros.media.video_writer import VideoWriter
from mt3dnet_ros.media.whole_file import write_whole
from mt3dnet_ros.perception.prediction.track_files import TrackFiles, finite_values
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, Detection, Fixation, Scene
from mt3dnet_ros.perception.taxonomy import Taxonomy

WRITTEN = ALL_OUTPUTS - {'confidence', 'gaze'}
"""Names of all that can be written, where a scene has it."""

MAPS = WRITTEN - {'overlay'}
"""What is written as one image per picture where a scene has it as an array; the overlay may become a film."""

# Lossless, and read by OpenCV, Pillow, and tifffile without further packages.
_TIFF = [cv2.IMWRITE_TIFF_COMPRESSION, 8, cv2.IMWRITE_TIFF_PREDICTOR, 2]  # Deflate, differences along rows


class PredictionFiles:
    """The folder of one run's predictions; a context manager, which completes the film and the JSON files at its end.

    :param folder: made with the first prediction, where it is missing
    :param taxonomy: of the class ids
    :param rate: pictures per second of ``overlay.mp4``; None for single pictures, ``overlay/<stem>.png``
    :param about: what else ``images.json`` shall say of the run, under ``info``
    :param outputs: names of what is written besides ``images.json``
    """

    def __init__(
        self,
        folder: Path,
        taxonomy: Taxonomy,
        rate: float | None = None,
        about: Mapping[str, Any] | None = None,
        outputs: Collection[str] = WRITTEN,
    ) -> None:
        self.folder = folder
        self._taxonomy = taxonomy
        self._rate = rate
        self._about = about or {}
        self._outputs = outputs
        self._film: VideoWriter | None = None
        self._film_size = (0, 0)
        self._first_stamp = 0
        self._images: list[dict[str, Any]] = []
        self._detections: list[dict[str, Any]] = []
        self._scanpaths: list[dict[str, Any]] = []
        self._tracks = TrackFiles()

    @property
    def written(self) -> int:
        """Number of pictures whose predictions have been written."""
        return len(self._images)

    def write(self, picture: Picture, scene: Scene) -> None:
        """Write what was seen in a picture.

        :param scene: with labels, and with what shall be written; what it lacks is left out
        :raises OSError: a file cannot be written
        """
        assert scene.labels is not None  # for mypy
        self._write_arrays(picture.stem, scene)
        if 'overlay' in self._outputs and scene.overlay is not None:
            self._write_overlay(picture, scene.overlay)
        self._list(picture, scene, scene.labels.shape)
        if 'detections' in self._outputs and scene.detections is not None:
            self._detections += [_coco_result(self.written, detection) for detection in scene.detections]
        if 'scanpath' in self._outputs and scene.scanpath is not None:
            fixations = [_plain_fixation(fixation) for fixation in scene.scanpath]
            self._scanpaths.append({'image_id': self.written, 'stem': picture.stem, 'fixations': fixations})

        if 'tracks' in self._outputs and scene.tracks is not None and picture.stamp:
            self._tracks.add(self.written, picture.stem, scene)

    def _write_arrays(self, stem: str, scene: Scene) -> None:
        for name in sorted(MAPS.intersection(self._outputs)):
            if isinstance(values := getattr(scene, name), np.ndarray):
                suffix = '.tiff' if values.dtype == np.float32 else '.png'
                _write_image(self._path(name, f'{stem}{suffix}'), values)
        if 'cloud' in self._outputs and scene.cloud is not None:
            write_ply(self._path('clouds', f'{stem}.ply'), scene.cloud.xyz, scene.cloud.rgb, scene.cloud.labels)

    def _list(self, picture: Picture, scene: Scene, size: tuple[int, ...]) -> None:
        """Add a picture to ``images.json``, with its times in a film, and why it is of no use where it is not."""
        image: dict[str, Any] = {'id': self.written + 1, 'file_name': picture.file_name, 'stem': picture.stem}
        image |= {'width': size[1], 'height': size[0]}
        if picture.stamp:
            self._first_stamp = self._first_stamp or picture.stamp
            image['stamp'] = picture.stamp
            image['seconds'] = round(1e-9 * (picture.stamp - self._first_stamp), 6)
        image |= {} if scene.view is None else {'view': round(scene.view, 5)}
        image |= {'nothing': scene.nothing} if scene.nothing else {}
        if 'scale' in self._outputs and scene.scale is not None and scene.camera is not None:
            image['scale'] = plain_scale(scene.scale)
        self._images.append(image | ({'damaged': True} if picture.damaged else {}))

    def __enter__(self) -> PredictionFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._film:
            self._film.__exit__(kind, error, trace)
        if not self._images:
            return
        classes = [{'id': label.id, 'name': label.name} for label in self._taxonomy.classes if label.id]
        listing = {'info': dict(self._about), 'images': self._images, 'categories': classes}
        self._write_text('images.json', json.dumps(listing, indent=1))
        if 'detections' in self._outputs:
            self._write_text('detections.json', json.dumps(self._detections))
        if self._scanpaths:
            self._write_text('scanpath.json', json.dumps(self._scanpaths, allow_nan=False))
        for name, text in self._tracks.texts().items():
            self._write_text(name, text)

    def _write_text(self, name: str, text: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / name, text.encode())

    def _path(self, kind: str, name: str) -> Path:
        (self.folder / kind).mkdir(parents=True, exist_ok=True)
        return self.folder / kind / name

    def _write_overlay(self, picture: Picture, overlay: np.ndarray) -> None:
        if self._rate is None:
            _write_image(self._path('overlay', f'{picture.stem}.png'), cv2.cvtColor(overlay, cv2.COLOR_RGB2BGR))
            return
        if self._film is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._film_size = overlay.shape[0], overlay.shape[1]
            self._film = VideoWriter(self.folder / 'overlay.mp4', self._rate, self._film_size)
        self._film.write(fit_picture(overlay, self._film_size), picture.stamp or None)


def fit_picture(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bring a picture to a film's size: cropped by a pixel, or else scaled to fit and centred on black.

    :param size: height and width
    """
    (height, width), (rows, columns) = size, picture.shape[:2]
    if 0 <= rows - height <= 1 and 0 <= columns - width <= 1:
        return picture[:height, :width]
    scale = min(height / rows, width / columns)
    rows, columns = max(1, round(rows * scale)), max(1, round(columns * scale))
    top, left = (height - rows) // 2, (width - columns) // 2
    fitted = np.zeros((height, width, 3), np.uint8)
    fitted[top : top + rows, left : left + columns] = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    return fitted


def _coco_result(image_id: int, detection: Detection) -> dict[str, Any]:
    """Return a detection as COCO has it; the keys after the score are further ones."""
    box = detection.box
    return {
        'image_id': image_id,
        'category_id': detection.class_id,
        'bbox': [box.x, box.y, box.width, box.height],
        'score': round(float(detection.score), 5),
        'instance': detection.instance_id,
        'track': detection.track_id if detection.track_id > 0 else None,
        'position': finite_values(detection.position),
        'tip': finite_values(detection.tip),
        'position_deviation': _finite(detection.position_deviation),
        'axis': detection.axis and asdict(detection.axis),
    }


def plain_scale(scale: DepthScale) -> dict[str, Any]:
    """Return what is known of the scale as JSON has it; null for what is unknown."""
    return {
        'factor': scale.factor,
        'deviation': _finite(scale.deviation),
        'shape_deviation': _finite(scale.shape_deviation),
        'corrects_shape': scale.shape is not None,
        'sources': [asdict(source) for source in scale.sources],
        'conflicts': list(scale.conflicts),
        'rejections': [{'source': no.source, 'of': no.of, 'reason': no.reason} for no in scale.rejections],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _plain_fixation(fixation: Fixation) -> dict[str, Any]:
    return {
        'order': fixation.order,
        'instance': fixation.instance_id,
        'category_id': fixation.class_id,
        'pixel': list(fixation.pixel),
        'point': finite_values(fixation.point),
        'weight': round(fixation.weight, 5),
    }


def _write_image(path: Path, image: np.ndarray) -> None:
    encoded, code = cv2.imencode(path.suffix, image, _TIFF if path.suffix == '.tiff' else [])
    if not encoded:
        raise InputError(f"'{path}': an array of {image.dtype} and shape {image.shape} cannot be encoded")
    write_whole(path, code.tobytes())
