"""What the network says, in the geometry of the image."""

from __future__ import annotations

import copy
import math
from collections.abc import Set
from dataclasses import replace
from functools import cached_property, lru_cache

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import rays
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.canvas.canvas import Canvas, Drawn
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.instruments.detections import (
    CellGeometry,
    list_instruments,
    pixels_around,
    place,
    with_track,
)
from mt3dnet_ros.perception.instruments.instances import Instance, InstanceMap, find_instances
from mt3dnet_ros.perception.instruments.naming import Naming, naming
from mt3dnet_ros.perception.instruments.peaks import find_peaks
from mt3dnet_ros.perception.known_view.verdict import view_probability
from mt3dnet_ros.perception.maps import DenseMaps, read_maps, read_probability
from mt3dnet_ros.perception.overlay import Window
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scale.depth_scale import GUESS, DepthScale
from mt3dnet_ros.perception.scanpath import AttentionCells, find_scanpath
from mt3dnet_ros.perception.scene import UNKNOWN, Cloud, Detection, Fixation, Point, Track, Tracks
from mt3dnet_ros.perception.settings import Settings

_ENTERING_PART, _TIP_PART = 'shaft', 'clasper'
_WORKING_PARTS = 'wrist', 'clasper'
_BY_SCALE = 'cell_depth', '_depth', '_cloud', 'detections', 'scanpath'  # what depends on the scale
_DRAWN = 'depth', 'saliency', 'instances', 'labels', 'parts', 'confidence', 'cloud'  # by the canvas
# What depends on what instruments are called.
_BY_NAME = '_labels', '_confidence', '_cloud', 'instruments', 'scanpath', '_class_of_instance'


class Interpretation:
    """The outputs for one frame, under the names they have in ``Scene``; each is computed when it is first asked for.

    What is as large as the image is drawn by a canvas; all else is computed by cells.

    :param prediction: of a batch of one image
    :param camera: of the image; None takes one with the canonical focal length, and leaves positions unknown
    :param config: of the network
    :param canvas: of the image; None draws on an empty one, all of which is visible
    """

    def __init__(
        self,
        prediction: Prediction,
        letterbox: Letterbox,
        camera: Camera | None,
        config: MT3DNetConfig,
        settings: Settings,
        canvas: Canvas | None = None,
    ) -> None:
        self._prediction = prediction
        self._letterbox = letterbox
        self._camera = camera
        self._config = config
        self._settings = settings
        self._canvas = canvas or NumPyCanvas(letterbox)
        self._tint: Drawn | None = None
        self.scale = GUESS

    def scaled(self, scale: DepthScale) -> Interpretation:
        """Return the same with depths of another scale; what does not depend on it is not computed again."""
        other = copy.copy(self)
        other.scale = scale
        for name in _BY_SCALE:
            other.__dict__.pop(name, None)
        return other

    def begin(self, names: Set[str], palette: np.ndarray | None = None) -> None:
        """Let a canvas that draws while the CPU goes on begin with outputs that will be asked for.

        :param palette: of :meth:`tinted`, where that will be asked for
        """
        if not self._canvas.is_ahead:
            return
        if 'detections' in names:
            names = names | {'instances'}
        for name in _DRAWN:
            if name in names:
                self._send(getattr(self, f'_{name}'))
        if palette is not None:
            self._send(self._tinted(palette))

    def named_by(self, tracks: Tracks) -> Interpretation:
        """Return the same with instruments called as their tracks are; those without a track keep their names."""
        of_instance = {track.instance_id: track for track in tracks.living if track.instance_id > 0}
        if not of_instance:
            return self
        other = copy.copy(self)
        for name in _BY_NAME:
            other.__dict__.pop(name, None)
        other._tint = None
        items = [_named(item, of_instance.get(number)) for number, item in enumerate(self._cells.items, start=1)]
        other._cells = replace(self._cells, items=items)
        other.detections = [with_track(found, of_instance.get(found.instance_id)) for found in self.detections]
        return other

    @property
    def instances(self) -> np.ndarray:
        """Instance id per pixel, (H, W) uint8."""
        return self._canvas.fetched(self._instances)

    @property
    def labels(self) -> np.ndarray:
        """Class id per pixel, the same all over an instrument, (H, W) uint8."""
        return self._canvas.fetched(self._labels)

    @property
    def confidence(self) -> np.ndarray:
        """255 times the probability of what the label says, (H, W) uint8.

        That is the chosen class, or an instrument where the type of the instrument is not sure.
        """
        return self._canvas.fetched(self._confidence)

    @property
    def parts(self) -> np.ndarray:
        """The most probable part on an instrument, 0 elsewhere, (H, W) uint8."""
        return self._canvas.fetched(self._parts)

    @property
    def saliency(self) -> np.ndarray | None:
        """255 times the saliency, (H, W) uint8; None of a network without it."""
        return None if self._saliency is None else self._canvas.fetched(self._saliency)

    @property
    def depth(self) -> np.ndarray:
        """Metres along the optical axis, NaN where unknown, (H, W) float32.

        Depth is unknown outside of the limits of the settings and of the network's calibration, and where the image
        shows nothing.
        """
        return self._canvas.fetched(self._depth)

    @property
    def cloud(self) -> Cloud | None:
        """Points of the depth; None without a calibrated camera."""
        return None if self._cloud is None else Cloud(*map(self._canvas.fetched, self._cloud))

    def tinted(self, palette: np.ndarray) -> np.ndarray:
        """Return the picture with its masks tinted, (H, W, 3) uint8, which may be drawn on; to be asked for once.

        :param palette: (256, 3) uint8 colour of each class
        """
        return self._canvas.fetched(self._tinted(palette))

    @cached_property
    def windows(self) -> list[Window]:
        """Rows and columns of the image outside of which instance 1 and so on is not."""
        ids, count = self._cells.ids, len(self._cells.items)
        return [pixels_around((ids == k).view(np.uint8), self._letterbox) for k in range(1, count + 1)]

    def colors(self, palette: np.ndarray) -> np.ndarray:
        """Return the colour of each instance, (n, 3) uint8, of a palette (256, 3) by class."""
        return palette[[item.class_id for item in self._cells.items]]

    @cached_property
    def cell_depth(self) -> np.ndarray:
        """Metres along the optical axis per cell of the network's output, NaN where unknown, (h, w) float32."""
        return np.where(cv2.inRange(self._scaled_depth, *self._depth_limits) == 0, np.nan, self._scaled_depth)

    @property
    def cell_instances(self) -> np.ndarray:
        """Instance id per cell of the network's output, (h, w) uint8."""
        return self._cells.ids

    @property
    def cell_parts(self) -> np.ndarray:
        """The most probable part per cell, instrument or not, (h, w): 1 and more."""
        return self._best_parts

    @cached_property
    def cell_rays(self) -> np.ndarray | None:
        """Rays of the cells' centres, (h, w, 3) float32, optical frame, z = 1; None without a calibrated camera."""
        return None if self._camera is None else _cell_rays(self._camera, self._letterbox)

    @cached_property
    def instruments(self) -> list[Detection]:
        """What ``detections`` returns, without the places in space."""
        return list_instruments(
            self._cells,
            self.instances,
            self.windows,
            self._letterbox,
            self._config.classes,
            self._settings.score_threshold,
        )

    @cached_property
    def detections(self) -> list[Detection]:
        """The instruments whose score reaches the threshold."""
        geometry = self._cell_geometry()
        if geometry is None:
            return self.instruments
        return [place(instrument, self._cells.ids, geometry) for instrument in self.instruments]

    @cached_property
    def scanpath(self) -> tuple[Fixation, ...] | None:
        """The instruments whose score reaches the threshold, the most salient first; None without saliency."""
        if self._salient_cells is None:
            return None
        working = np.logical_or.reduce([self._where(part) for part in _WORKING_PARTS])
        cells = AttentionCells(self._salient_cells, working, self.cell_depth)
        return find_scanpath(self._cells, cells, self._letterbox, self._camera, self._settings.score_threshold)

    @property
    def gaze(self) -> Point | None:
        """The first fixation's point in metres, not smoothed; NaN where unknown, None without saliency."""
        if self.scanpath is None:
            return None
        return self.scanpath[0].point if self.scanpath else UNKNOWN

    @cached_property
    def _salient_cells(self) -> np.ndarray | None:
        return read_probability(self._prediction.saliency, self._letterbox)

    @cached_property
    def _instances(self) -> Drawn:
        return self._canvas.instances(self._grown_ids, 1.0 - self._maps.types[0])

    @cached_property
    def _labels(self) -> Drawn:
        return self._canvas.looked_up(self._instances, self._class_of_instance)

    @cached_property
    def _confidence(self) -> Drawn:
        return self._canvas.confidence(self._chosen, self._maps.types[0], self._instances)

    @cached_property
    def _parts(self) -> Drawn:
        return self._canvas.parts(self._maps.parts, self._instances)

    @cached_property
    def _saliency(self) -> Drawn | None:
        return None if self._salient_cells is None else self._canvas.probability(self._salient_cells)

    @cached_property
    def _depth(self) -> Drawn:
        return self._canvas.depth(self._scaled_depth, self._depth_limits)

    @cached_property
    def _cloud(self) -> tuple[Drawn, Drawn, Drawn] | None:
        if self._camera is None:
            return None
        return self._canvas.cloud(self._camera, self._depth, self._labels, self._settings.stride)

    def _tinted(self, palette: np.ndarray) -> Drawn:
        if self._tint is None:
            colors, opacity = self.colors(palette), self._settings.overlay_opacity
            self._tint = self._canvas.tinted(self._instances, self.windows, colors, opacity)
        return self._tint

    def _send(self, drawn: Drawn | tuple[Drawn, ...] | None) -> None:
        for item in drawn if isinstance(drawn, tuple) else (drawn,):
            if item is not None:
                self._canvas.send(item)

    @property
    def _chosen(self) -> np.ndarray:
        """Probability of what the label says, per cell, (h, w) float32."""
        classes = self._class_of_instance[self._grown_ids].astype(np.intp)
        chosen = np.take_along_axis(self._maps.types, classes[None], axis=0)[0]
        items = enumerate(self._cells.items, start=1)
        doubted = [number for number, item in items if not self._naming.is_sure(item.type_probability)]
        if doubted:
            chosen = np.where(np.isin(self._grown_ids, doubted), 1.0 - self._maps.types[0], chosen)
        return chosen

    @cached_property
    def _maps(self) -> DenseMaps:
        return read_maps(self._prediction, self._letterbox, self._depth_scale, self._config.temperatures)

    @cached_property
    def _depth_scale(self) -> float:
        """Metres per metre at the canonical focal length."""
        focal = self._config.canonical_focal if self._camera is None else self._letterbox.focal(self._camera)
        return focal / self._config.canonical_focal

    @property
    def _scaled_depth(self) -> np.ndarray:
        depth = self._maps.depth * np.float32(self.scale.factor)
        if self.scale.shape is not None:
            return depth * np.exp(self.scale.shape)
        return depth * self._factors_of_instruments if self.scale.instruments else depth

    @property
    def _factors_of_instruments(self) -> np.ndarray:
        factors = np.ones(len(self._cells.items) + 1, np.float32)
        for instance_id, own in self.scale.instruments.items():
            factors[instance_id] = math.exp(own.log_factor)
        return factors[self._cells.ids]

    @property
    def _depth_limits(self) -> tuple[float, float]:
        """Least and largest known depth, metres: what the network knows is scaled, what the settings say is not."""
        least, largest = self._config.known_depth or (0.0, math.inf)
        scale = self._depth_scale * self.scale.factor
        return least * scale, min(largest * scale, self._settings.max_depth)

    @cached_property
    def _cells(self) -> InstanceMap:
        peaks = find_peaks(self._prediction, self._letterbox)
        config, view = self._config, self._prediction.view
        known = 1.0 if view is None else view_probability(view, config.view_line)
        types, entering = self._maps.types, self._where(_ENTERING_PART)
        return find_instances(types, peaks, entering, config.score_line, known, self._naming)

    @property
    def _naming(self) -> Naming:
        return naming(self._config.classes, self._settings.type_threshold)

    @cached_property
    def _grown_ids(self) -> np.ndarray:
        """Instance ids per cell, grown by one cell: a smooth border can pass through a cell of the background."""
        ids = self._cells.ids
        return np.where(ids > 0, ids, cv2.dilate(ids, np.ones((3, 3), np.uint8)))

    @cached_property
    def _class_of_instance(self) -> np.ndarray:
        table = np.zeros(256, np.uint8)
        table[1 : len(self._cells.items) + 1] = [item.class_id for item in self._cells.items]
        return table

    def _cell_geometry(self) -> CellGeometry | None:
        if self.cell_rays is None:
            return None
        return CellGeometry(self.cell_rays, self.cell_depth, self._where(_TIP_PART), self.scale)

    def _where(self, part: str) -> np.ndarray:
        """Return the cells, instrument or not, whose most probable part is the one of a name."""
        if part not in self._config.parts:
            return np.zeros(self._letterbox.cells, bool)
        return self._best_parts == self._config.parts.index(part)

    @cached_property
    def _best_parts(self) -> np.ndarray:
        return self._maps.parts[1:].argmax(axis=0) + 1


def _named(item: Instance, track: Track | None) -> Instance:
    if track is None:
        return item
    return replace(item, class_id=track.class_id, type_probability=track.class_probability)


@lru_cache(maxsize=8)
def _cell_rays(camera: Camera, letterbox: Letterbox) -> np.ndarray:
    return rays(camera, letterbox.cell_centers()).astype(np.float32)
