"""What the network says, in the geometry of the image."""

from __future__ import annotations

import math
from functools import cached_property, lru_cache

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import rays
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.instruments.detections import CellGeometry, list_detections
from mt3dnet_ros.perception.instruments.instances import InstanceMap, find_instances
from mt3dnet_ros.perception.instruments.peaks import find_peaks
from mt3dnet_ros.perception.maps import DenseMaps, read_maps, read_probability
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scanpath import AttentionCells, find_scanpath
from mt3dnet_ros.perception.scene import UNKNOWN, Detection, Fixation, Point
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.visible_area import VisibleArea

_ENTERING_PART, _TIP_PART = 'shaft', 'clasper'
_WORKING_PARTS = 'wrist', 'clasper'


class Interpretation:
    """The outputs for one frame, under the names they have in ``Scene``; each is computed when it is first asked for.

    Probabilities are scaled to the image as 8-bit numbers, much faster than floats. Borders are smooth all the same:
    they lie where the interpolated probability of the foreground passes one half.

    :param prediction: of a batch of one image
    :param camera: of the image; None takes one with the canonical focal length, and leaves positions unknown
    :param config: of the network
    :param visible: where the image shows anything; elsewhere there is no instrument and no depth. None: everywhere
    """

    def __init__(
        self,
        prediction: Prediction,
        letterbox: Letterbox,
        camera: Camera | None,
        config: MT3DNetConfig,
        settings: Settings,
        visible: VisibleArea | None = None,
    ) -> None:
        self._prediction = prediction
        self._letterbox = letterbox
        self._camera = camera
        self._config = config
        self._settings = settings
        self._visible = visible

    @cached_property
    def instances(self) -> np.ndarray:
        """Instance id per pixel, (H, W) uint8."""
        ids = self._letterbox.map_to_image(self._grown_ids, cv2.INTER_NEAREST_EXACT)
        probability = self._to_image(1.0 - self._maps.types[0])
        foreground = cv2.threshold(probability, 127, 255, cv2.THRESH_BINARY)[1]
        return self._where_visible(cv2.bitwise_and(ids, foreground), 0)

    @cached_property
    def labels(self) -> np.ndarray:
        """Class id per pixel, the same all over an instrument, (H, W) uint8."""
        return cv2.LUT(self.instances, self._class_of_instance)

    @cached_property
    def confidence(self) -> np.ndarray:
        """255 times the probability of the chosen class, (H, W) uint8."""
        classes = self._class_of_instance[self._grown_ids].astype(np.intp)
        chosen = np.take_along_axis(self._maps.types, classes[None], axis=0)[0]
        return cv2.copyTo(self._to_image(chosen), self.instances, self._to_image(self._maps.types[0]))

    @cached_property
    def parts(self) -> np.ndarray:
        """The most probable part on an instrument, 0 elsewhere, (H, W) uint8."""
        best = self._to_image(self._maps.parts[1])
        parts = np.ones(best.shape, np.uint8)
        for part in range(2, len(self._maps.parts)):
            probability = self._to_image(self._maps.parts[part])
            cv2.copyTo(np.full_like(parts, part), cv2.compare(probability, best, cv2.CMP_GT), parts)
            best = cv2.max(best, probability)
        return cv2.copyTo(parts, self.instances)

    @cached_property
    def depth(self) -> np.ndarray:
        """Metres along the optical axis, NaN where unknown, (H, W) float32.

        Depth is unknown outside of the limits of the settings and of the network's calibration, and where the image
        shows nothing.
        """
        depth = self._letterbox.map_to_image(self._maps.depth)
        depth[cv2.inRange(depth, *self._depth_limits) == 0] = np.nan
        return self._where_visible(depth, np.nan)

    @cached_property
    def detections(self) -> list[Detection]:
        """The instruments whose score reaches the threshold."""
        return list_detections(
            self._cells,
            self.instances,
            self._letterbox,
            self._config.classes,
            self._settings.score_threshold,
            self._cell_geometry(),
        )

    @cached_property
    def saliency(self) -> np.ndarray | None:
        """255 times the saliency, (H, W) uint8; None of a network without it."""
        return None if self._saliency is None else self._to_image(self._saliency)

    @cached_property
    def scanpath(self) -> tuple[Fixation, ...] | None:
        """The instruments whose score reaches the threshold, the most salient first; None without saliency."""
        if self._saliency is None:
            return None
        working = np.logical_or.reduce([self._where(part) for part in _WORKING_PARTS])
        cells = AttentionCells(self._saliency, working, self._known_depth)
        return find_scanpath(self._cells, cells, self._letterbox, self._camera, self._settings.score_threshold)

    @property
    def gaze(self) -> Point | None:
        """The first fixation's point in metres, not smoothed; NaN where unknown, None without saliency."""
        if self.scanpath is None:
            return None
        return self.scanpath[0].point if self.scanpath else UNKNOWN

    @cached_property
    def _saliency(self) -> np.ndarray | None:
        return read_probability(self._prediction.saliency, self._letterbox)

    @cached_property
    def _maps(self) -> DenseMaps:
        return read_maps(self._prediction, self._letterbox, self._depth_scale, self._config.temperatures)

    @cached_property
    def _depth_scale(self) -> float:
        """Metres per metre at the canonical focal length."""
        focal = self._config.canonical_focal if self._camera is None else self._letterbox.focal(self._camera)
        return focal / self._config.canonical_focal

    @cached_property
    def _depth_limits(self) -> tuple[float, float]:
        """Least and largest known depth, metres."""
        least, largest = self._config.known_depth or (0.0, math.inf)
        return least * self._depth_scale, min(largest * self._depth_scale, self._settings.max_depth)

    @cached_property
    def _cells(self) -> InstanceMap:
        peaks = find_peaks(self._prediction, self._letterbox)
        return find_instances(self._maps.types, peaks, self._where(_ENTERING_PART), self._config.score_line)

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
        if self._camera is None:
            return None
        rays_of_cells = _cell_rays(self._camera, self._letterbox)
        return CellGeometry(rays_of_cells, self._known_depth, self._where(_TIP_PART))

    @cached_property
    def _known_depth(self) -> np.ndarray:
        return np.where(cv2.inRange(self._maps.depth, *self._depth_limits) == 0, np.nan, self._maps.depth)

    def _where(self, part: str) -> np.ndarray:
        """Return the cells, instrument or not, whose most probable part is the one of a name."""
        if part not in self._config.parts:
            return np.zeros(self._letterbox.cells, bool)
        return self._best_parts == self._config.parts.index(part)

    @cached_property
    def _best_parts(self) -> np.ndarray:
        return self._maps.parts[1:].argmax(axis=0) + 1

    def _where_visible(self, values: np.ndarray, elsewhere: float) -> np.ndarray:
        if self._visible is None or values[self._visible].shape == values.shape:
            return values
        cropped = np.full_like(values, elsewhere)
        cropped[self._visible] = values[self._visible]
        return cropped

    def _to_image(self, probability: np.ndarray) -> np.ndarray:
        return self._letterbox.map_to_image((255.0 * probability + 0.5).astype(np.uint8))


@lru_cache(maxsize=8)
def _cell_rays(camera: Camera, letterbox: Letterbox) -> np.ndarray:
    return rays(camera, letterbox.cell_centers()).astype(np.float32)
