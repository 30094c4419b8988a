"""What ``NumPyCanvas`` draws, put plainly: one step after the other, each over the whole image."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.perception.instruments.edges import follow_edges
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.visible_area import VisibleArea


class PlainCanvas:
    """Draws arrays; ``Canvas`` says what."""

    def __init__(self, letterbox: Letterbox, rgb: np.ndarray, visible: VisibleArea) -> None:
        self._letterbox, self._rgb = letterbox, rgb
        self._content = visible.filled(letterbox.forward(rgb), letterbox.seen)
        self._shown = np.zeros(letterbox.image_size, bool)
        self._shown[visible.rows, visible.columns] = True
        if visible.mask is not None:
            self._shown &= visible.mask > 0

    def normalized(self, mean: tuple[float, ...], std: tuple[float, ...]) -> np.ndarray:
        """Return the network's input, (1, 3, H, W) float32."""
        height, width = self._content.shape[:2]
        images = np.zeros((1, 3, *self._letterbox.network_size), np.float32)
        for channel in range(3):
            scaled = self._content[..., channel] * np.float32(1.0 / (255.0 * std[channel]))
            images[0, channel, :height, :width] = scaled - np.float32(mean[channel] / std[channel])
        return images

    def instances(self, ids: np.ndarray, foreground: np.ndarray) -> np.ndarray:
        """Draw instance ids."""
        mask = self.probability(np.clip(follow_edges(foreground, self._content), 0.0, 1.0)) > 127
        return np.where(mask & self._shown, self._enlarged(ids, cv2.INTER_NEAREST_EXACT), 0).astype(np.uint8)

    def confidence(self, chosen: np.ndarray, background: np.ndarray, instances: np.ndarray) -> np.ndarray:
        """Draw confidence."""
        confidence = np.where(instances > 0, self.probability(chosen), self.probability(background))
        return np.where(self._shown, confidence, 255).astype(np.uint8)

    def parts(self, probabilities: np.ndarray, instances: np.ndarray) -> np.ndarray:
        """Draw parts."""
        best = 1 + np.stack([self.probability(part) for part in probabilities[1:]]).argmax(axis=0)
        return np.where(instances > 0, best, 0).astype(np.uint8)

    def probability(self, cells: np.ndarray) -> np.ndarray:
        """Draw a probability."""
        return self._enlarged((255.0 * cells + 0.5).astype(np.uint8))

    def depth(self, cells: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
        """Draw depth."""
        depth = self._enlarged(cells, elsewhere=np.nan)
        return np.where(self._shown & (depth >= limits[0]) & (depth <= limits[1]), depth, np.float32(np.nan))

    def cloud(self, camera: Camera, depth: np.ndarray, labels: np.ndarray, stride: int) -> tuple[np.ndarray, ...]:
        """Draw points, colours and classes."""
        points = ray_grid(camera, stride) * depth[::stride, ::stride, None]
        return points, self._rgb[::stride, ::stride], labels[::stride, ::stride]

    def tinted(self, instances: np.ndarray, colors: np.ndarray, opacity: float) -> np.ndarray:
        """Draw the tinted image."""
        tint = np.vstack([np.zeros((1, 3), np.uint8), colors])[instances]
        blended = cv2.addWeighted(np.ascontiguousarray(self._rgb), 1.0 - opacity, tint, opacity, 0.0)
        return np.where(instances[..., None] > 0, blended, self._rgb)

    def _enlarged(self, cells: np.ndarray, interpolation: int = cv2.INTER_LINEAR, elsewhere: float = 0.0) -> np.ndarray:
        letterbox = self._letterbox
        values = np.full(letterbox.image_size, elsewhere, cells.dtype)
        values[letterbox.seen] = cv2.resize(cells, letterbox.seen_size[::-1], interpolation=interpolation)
        return values
