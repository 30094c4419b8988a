"""Saliency maps and scanpaths on disk, as ST-MTL's reader looks for the maps.

Layout, for a frame named ``<sequence>/<frame>``::

    DIR/<sequence>/salmap/<frame>.png      (H, W) uint8, 255 at its highest
    DIR/<sequence>/scanpath/<frame>.json   list of stops in order: order, instance, class, pixel [x, y], weight
    DIR/saliency.json                      the settings that they depend on
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np

from mt3dnet_ros.datasets.files import read_ids
from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.resumable import require_same_settings, write_atomically
from mt3dnet_ros.datasets.saliency.scanpath import LabelledFixation
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.json_text import parse_json

SETTINGS = 'saliency.json'
_REMEDY = 'write it with `mt3dnet make-saliency`'


def saliency_path(folder: str | Path, name: str) -> Path:
    """Return where the saliency map of a frame lies."""
    frame = PurePosixPath(name)
    return Path(folder) / frame.parent / 'salmap' / f'{frame.name}.png'


def scanpath_path(folder: str | Path, name: str) -> Path:
    """Return where the scanpath of a frame lies."""
    frame = PurePosixPath(name)
    return Path(folder) / frame.parent / 'scanpath' / f'{frame.name}.json'


def has_attention(folder: str | Path, name: str) -> bool:
    """Return whether a frame's saliency and scanpath have been written."""
    return saliency_path(folder, name).is_file() and scanpath_path(folder, name).is_file()


def write_attention(folder: str | Path, name: str, saliency: np.ndarray, path: tuple[LabelledFixation, ...]) -> None:
    """Write a frame's saliency (H, W) uint8 and scanpath."""
    stops = [
        {'order': s.order, 'instance': s.instance, 'class': s.class_id, 'pixel': list(s.pixel), 'weight': s.weight}
        for s in path
    ]
    encoded, content = cv2.imencode('.png', saliency)
    if not encoded:
        raise InputError(f"saliency of '{name}', of shape {saliency.shape}, cannot be written as an image")
    write_atomically(scanpath_path(folder, name), json.dumps(stops).encode())
    write_atomically(saliency_path(folder, name), content.tobytes())


def read_saliency(folder: str | Path, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Read a frame's saliency, (H, W) uint8.

    :param shape: rows and columns that it must have
    :raises DatasetError: it is missing, damaged or of another size
    """
    return read_ids(_existing(saliency_path(folder, name)), shape)


def read_scanpath(folder: str | Path, name: str) -> tuple[LabelledFixation, ...]:
    """Read a frame's scanpath: the inverse of ``write_attention``.

    :raises DatasetError: it is missing or damaged
    """
    path = _existing(scanpath_path(folder, name))
    try:
        return tuple(_stop(stop) for stop in parse_json(path.read_bytes()))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise DatasetError(f"'{path}' is damaged ({error!r}); {_REMEDY}") from error


def write_or_check_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings into a folder, or check that what it holds was made with the same.

    :raises DatasetError: it was made with others
    """
    path, wanted = folder / SETTINGS, dict(settings)
    if not path.is_file():
        write_atomically(path, (json.dumps(wanted, indent=1) + '\n').encode())
        return
    try:
        found = dict(parse_json(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise DatasetError(f"'{path}' is damaged ({error}); delete the folder's maps and scanpaths") from error
    require_same_settings(folder, found, wanted)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise DatasetError(f"'{path}' is missing; {_REMEDY}")
    return path


def _stop(stop: Mapping[str, Any]) -> LabelledFixation:
    x, y = stop['pixel']
    return LabelledFixation(
        int(stop['order']), int(stop['instance']), int(stop['class']), (int(x), int(y)), stop['weight']
    )
