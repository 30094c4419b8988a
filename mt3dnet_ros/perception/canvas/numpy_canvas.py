"""The canvas in the CPU's memory, drawn by OpenCV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.unproject import every, unproject
from mt3dnet_ros.perception.canvas.canvas import size_of_parts
from mt3dnet_ros.perception.instruments.edges import apply_functions, linear_functions
from mt3dnet_ros.perception.overlay import Window, tint_masks
from mt3dnet_ros.perception.preprocess import Letterbox, normalize
from mt3dnet_ros.perception.visible_area import VisibleArea


class NumPyCanvas:
    """Draws arrays; ``Canvas`` says what.

    :param rgb: (H, W, 3) uint8; None where there is no picture: outlines then lie where the cells say
    :param visible: where the image shows anything; None: everywhere
    """

    is_ahead = False

    def __init__(self, letterbox: Letterbox, rgb: np.ndarray | None = None, visible: VisibleArea | None = None) -> None:
        self.letterbox = letterbox
        self._rgb, self._visible = rgb, visible

    @cached_property
    def content(self) -> np.ndarray:
        """What the network sees of the image, without padding, (h, w, 3) uint8 of ``Letterbox.content_size``."""
        content = self.letterbox.forward(self._picture)
        return content if self._visible is None else self._visible.filled(content, self.letterbox.seen)

    @cached_property
    def coarse(self) -> np.ndarray:
        """What the network sees, by cells; see ``Canvas``."""
        return cv2.resize(self.content, self.letterbox.cells[::-1], interpolation=cv2.INTER_AREA)

    def normalized(self, mean: Sequence[float], std: Sequence[float]) -> np.ndarray:
        """Return the network's input, (1, 3, H, W) float32."""
        return normalize(self.content, self.letterbox.network_size, mean, std)

    def instances(self, ids: np.ndarray, foreground: np.ndarray) -> np.ndarray:
        """Draw instance ids; see ``Canvas``."""
        mask = self.probability(self.outlined(foreground))
        cv2.threshold(mask, 127, 255, cv2.THRESH_BINARY, dst=mask)
        self._crop(mask, 0)
        return cv2.bitwise_and(self.letterbox.ids_to_image(ids), mask, dst=mask)

    def outlined(self, foreground: np.ndarray) -> np.ndarray:
        """Return a probability per cell drawn to the edges of the picture, per pixel of the network's input."""
        if self._rgb is None:
            return foreground
        outlined = apply_functions(linear_functions(foreground, self.coarse), self.content)
        return np.clip(outlined, 0.0, 1.0, out=outlined)

    def looked_up(self, ids: np.ndarray, table: np.ndarray) -> np.ndarray:
        """Draw what a table says; see ``Canvas``."""
        return cv2.LUT(ids, table)

    def confidence(self, chosen: np.ndarray, background: np.ndarray, instances: np.ndarray) -> np.ndarray:
        """Draw confidence; see ``Canvas``."""
        confidence = self.probability(background)
        cv2.copyTo(self.probability(chosen), instances, confidence)
        self._crop(confidence, 255)
        return confidence

    def parts(self, probabilities: np.ndarray, instances: np.ndarray) -> np.ndarray:
        """Draw parts; see ``Canvas``."""
        size = size_of_parts(self.letterbox)
        if size == self.letterbox.seen_size:
            parts = _largest(self.probability(part) for part in probabilities[1:])
        else:
            smaller = _largest(cv2.resize(_bytes(part), size[::-1]) for part in probabilities[1:])
            parts = self.letterbox.ids_to_image(smaller)
        return cv2.copyTo(parts, instances)

    def probability(self, cells: np.ndarray) -> np.ndarray:
        """Draw a probability; see ``Canvas``."""
        return self.letterbox.map_to_image(_bytes(cells))

    def depth(self, cells: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
        """Draw depth; see ``Canvas``."""
        depth = self.letterbox.map_to_image(cells, elsewhere=np.nan)
        if not limits[0] <= cells.min() <= cells.max() <= limits[1]:  # else nothing between them is, either
            depth[cv2.inRange(depth, *limits) == 0] = np.nan
        self._crop(depth, np.nan)
        return depth

    def cloud(
        self, camera: Camera, depth: np.ndarray, labels: np.ndarray, stride: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw points; see ``Canvas``."""
        return unproject(camera, depth, stride), every(self._picture, stride), every(labels, stride)

    def tinted(
        self, instances: np.ndarray, windows: Sequence[Window], colors: np.ndarray, opacity: float
    ) -> np.ndarray:
        """Draw the tinted image; see ``Canvas``."""
        overlay = np.array(self._picture, order='C')
        tint_masks(overlay, instances, windows, colors, opacity)
        return overlay

    def send(self, drawn: np.ndarray) -> None:
        """Do nothing: what is drawn lies here."""

    def fetched(self, drawn: np.ndarray) -> np.ndarray:
        """Return what is drawn."""
        return drawn

    @property
    def _picture(self) -> np.ndarray:
        assert self._rgb is not None  # without a picture nothing is asked for that shows it
        return self._rgb

    def _crop(self, values: np.ndarray, elsewhere: float) -> None:
        if self._visible is not None:
            self._visible.crop(values, elsewhere)


def _largest(maps: Iterable[np.ndarray]) -> np.ndarray:
    """Return which of some maps (h, w) uint8 is the largest, from 1, (h, w) uint8; the first map is written to."""
    best, *others = maps
    numbers = np.ones(best.shape, np.uint8)
    for number, values in enumerate(others, start=2):
        larger = cv2.compare(values, best, cv2.CMP_GT)
        np.maximum(numbers, np.bitwise_and(larger, number, out=larger), out=numbers)
        cv2.max(best, values, dst=best)
    return numbers


def _bytes(probability: np.ndarray) -> np.ndarray:
    """Return 255 times a probability, rounded, uint8."""
    return (255.0 * probability + 0.5).astype(np.uint8)
