"""Images to the network's input, and what the network says back to the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import torch

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.decoders import FINE_STRIDE

MAP_STRIDE = FINE_STRIDE  # of the network's dense outputs, in pixels of its input


@dataclass(frozen=True)
class Letterbox:
    """The mapping between an image and the network's input: scaled to fit, padded on the right and at the bottom.

    The aspect ratio is kept up to half a cell of the network's output, so that the content covers whole cells and a
    map goes back to the image by mere cropping and scaling. Pixels have their centre at integer coordinates.

    :param image_size: height and width of the image in pixels
    :param network_size: height and width of the network's input in pixels
    """

    image_size: tuple[int, int]
    network_size: tuple[int, int]

    @cached_property
    def content_size(self) -> tuple[int, int]:
        """Height and width, in pixels of the network's input, of the part that the image covers."""
        scale = min(n / i for n, i in zip(self.network_size, self.image_size, strict=True))
        height, width = (
            min(n, max(MAP_STRIDE, MAP_STRIDE * round(i * scale / MAP_STRIDE)))
            for n, i in zip(self.network_size, self.image_size, strict=True)
        )
        return height, width

    @property
    def cells(self) -> tuple[int, int]:
        """Height and width, in cells of the network's dense outputs, of the part that the image covers."""
        return self.content_size[0] // MAP_STRIDE, self.content_size[1] // MAP_STRIDE

    @cached_property
    def scale(self) -> np.ndarray:
        """Network pixels per image pixel along x and y, (2,)."""
        return np.array(self.content_size[::-1]) / np.array(self.image_size[::-1])

    def focal(self, camera: Camera) -> float:
        """Return the camera's focal length in pixels of the network's input; of unequal ones, the geometric mean."""
        sx, sy = self.scale
        return float(np.sqrt(camera.fx * sx * camera.fy * sy))

    def forward(self, image: np.ndarray) -> np.ndarray:
        """Scale an image to the part of the network's input that it covers.

        :param image: (H, W, 3) uint8, of any strides
        :returns: (h, w, 3) uint8 of ``content_size``
        """
        height, width = self.content_size
        flipped = image.strides[2] < 0  # a BGR image seen as RGB: scaled as it lies, so that it need not be copied
        image = _halve(image[..., ::-1] if flipped else image, self.content_size)
        thin = 2 * height > image.shape[0] and 2 * width > image.shape[1]  # two neighbours per axis see every pixel
        scaled = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR if thin else cv2.INTER_AREA)
        return scaled[..., ::-1] if flipped else scaled

    def map_to_image(self, cells: np.ndarray, interpolation: int = cv2.INTER_LINEAR) -> np.ndarray:
        """Scale a dense map to the image.

        :param cells: (h, w) or (h, w, c) of the size ``cells``
        :returns: (H, W) or (H, W, c) of the same type
        """
        return cv2.resize(cells, self.image_size[::-1], interpolation=interpolation)

    def points_to_network(self, points: np.ndarray) -> np.ndarray:
        """Map points (..., 2) from pixels of the image to pixels of the network's input."""
        return (np.asarray(points) + 0.5) * self.scale - 0.5

    def points_to_image(self, points: np.ndarray) -> np.ndarray:
        """Map points (..., 2) from pixels of the network's input to pixels of the image."""
        return (np.asarray(points) + 0.5) / self.scale - 0.5

    def boxes_to_image(self, boxes: np.ndarray) -> np.ndarray:
        """Map boxes (..., 4), left, top, right, bottom edges, from the network's input to the image, clipped to it."""
        corners = self.points_to_image(np.asarray(boxes).reshape(*np.shape(boxes)[:-1], 2, 2))
        return np.clip(corners, -0.5, np.array(self.image_size[::-1]) - 0.5).reshape(np.shape(boxes))

    def cell_centers(self) -> np.ndarray:
        """Return the image pixel, column and row, at the centre of every cell, (h, w, 2)."""
        height, width = self.cells
        columns, rows = np.meshgrid(np.arange(width), np.arange(height))
        return self.points_to_image(np.stack([columns, rows], axis=-1) * MAP_STRIDE + 0.5 * (MAP_STRIDE - 1))


def normalize(
    content: np.ndarray, network_size: tuple[int, int], mean: Sequence[float], std: Sequence[float]
) -> torch.Tensor:
    """Normalise an image and pad it on the right and at the bottom with the mean colour.

    :param content: (h, w, 3) uint8, red first
    :param network_size: height and width of the result
    :param mean: per channel, of images scaled to [0, 1] (and ``std``)
    :returns: (1, 3, H, W) float32
    """
    height, width = content.shape[:2]
    images = np.zeros((1, 3, *network_size), np.float32)
    for channel in range(3):
        plane = images[0, channel, :height, :width]
        np.multiply(content[..., channel], np.float32(1.0 / (255.0 * std[channel])), out=plane)
        plane -= np.float32(mean[channel] / std[channel])
    return torch.from_numpy(images)


def _halve(image: np.ndarray, least: tuple[int, int]) -> np.ndarray:
    """Average 2 x 2 pixels, again and again, as long as the image stays at least of a size and its sides are even."""
    height, width = image.shape[:2]
    while height % 2 == 0 and width % 2 == 0 and height >= 2 * least[0] and width >= 2 * least[1]:
        height, width = height // 2, width // 2
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return image
