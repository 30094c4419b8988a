"""Images to the network's input, and what the network says back to the image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.grid import FINE_STRIDE
from mt3dnet_ros.perception.visible_area import PixelBox, fill_around

MAP_STRIDE = FINE_STRIDE  # of the network's dense outputs, in pixels of its input


@dataclass(frozen=True)
class Letterbox:
    """The mapping between an image and the network's input: cropped, scaled to fit, padded on the right and below.

    The aspect ratio is kept up to half a cell of the network's output, so that the content covers whole cells and a
    map goes back to the image by mere cropping and scaling. Pixels have their centre at integer coordinates.

    :param image_size: height and width of the image in pixels
    :param network_size: height and width of the network's input in pixels
    :param crop: rows and columns of the image that the network sees; None for all
    """

    image_size: tuple[int, int]
    network_size: tuple[int, int]
    crop: PixelBox | None = None

    @cached_property
    def seen(self) -> tuple[slice, slice]:
        """Rows and columns of the image that the network sees."""
        rows, columns = self.crop or ((0, self.image_size[0]), (0, self.image_size[1]))
        return slice(*rows), slice(*columns)

    @cached_property
    def seen_size(self) -> tuple[int, int]:
        """Height and width, in pixels of the image, of what the network sees."""
        rows, columns = self.seen
        return rows.stop - rows.start, columns.stop - columns.start

    @cached_property
    def _origin(self) -> np.ndarray:
        """Column and row of the first pixel that the network sees."""
        return np.array([self.seen[1].start, self.seen[0].start])

    @cached_property
    def content_size(self) -> tuple[int, int]:
        """Height and width, in pixels of the network's input, of the part that the image covers."""
        scale = min(n / i for n, i in zip(self.network_size, self.seen_size, strict=True))
        height, width = (
            min(n, max(MAP_STRIDE, MAP_STRIDE * round(i * scale / MAP_STRIDE)))
            for n, i in zip(self.network_size, self.seen_size, strict=True)
        )
        return height, width

    @property
    def cells(self) -> tuple[int, int]:
        """Height and width, in cells of the network's dense outputs, of the part that the image covers."""
        return self.content_size[0] // MAP_STRIDE, self.content_size[1] // MAP_STRIDE

    @cached_property
    def scale(self) -> np.ndarray:
        """Network pixels per image pixel along x and y, (2,)."""
        return np.array(self.content_size[::-1]) / np.array(self.seen_size[::-1])

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
        image = image[self.seen]
        flipped = image.strides[2] < 0  # a BGR image seen as RGB: scaled as it lies, so that it need not be copied
        image = halve(image[..., ::-1] if flipped else image, self.content_size)
        kind = cv2.INTER_LINEAR if is_thin(image.shape[:2], self.content_size) else cv2.INTER_AREA
        scaled = cv2.resize(image, (width, height), interpolation=kind)
        return scaled[..., ::-1] if flipped else scaled

    def map_to_image(self, cells: np.ndarray, elsewhere: float = 0.0) -> np.ndarray:
        """Scale a dense map to the image, linearly between the centres of cells.

        :param cells: (h, w) or (h, w, c) of the size ``cells``, or any other that covers the same
        :param elsewhere: value of what the network does not see
        :returns: (H, W) or (H, W, c) of the same type
        """
        values = np.empty((*self.image_size, *cells.shape[2:]), cells.dtype)
        cv2.resize(cells, self.seen_size[::-1], dst=values[self.seen])
        fill_around(values, self.seen, elsewhere)
        return values

    def ids_to_image(self, cells: np.ndarray) -> np.ndarray:
        """Scale a map of ids to the image: each pixel has that of the cell in which its centre lies.

        :param cells: (h, w) uint8 of the size ``cells``, or any other that covers the same
        :returns: (H, W) uint8; 0 where the network does not see
        """
        rows, columns = _nearest_cells(self, cells.shape)
        padded = cv2.copyMakeBorder(cells, 0, 1, 0, 1, cv2.BORDER_CONSTANT, value=0)
        # Whole rows are copied, which takes a quarter of OpenCV's time for single pixels.
        return padded.take(columns, axis=1, mode='clip').take(rows, axis=0, mode='clip')

    def points_to_network(self, points: np.ndarray) -> np.ndarray:
        """Map points (..., 2) from pixels of the image to pixels of the network's input."""
        return (np.asarray(points) - self._origin + 0.5) * self.scale - 0.5

    def points_to_image(self, points: np.ndarray) -> np.ndarray:
        """Map points (..., 2) from pixels of the network's input to pixels of the image."""
        return (np.asarray(points) + 0.5) / self.scale - 0.5 + self._origin

    def boxes_to_image(self, boxes: np.ndarray) -> np.ndarray:
        """Map boxes (..., 4), left, top, right, bottom edges, from the network's input to the image, clipped to it."""
        corners = self.points_to_image(np.asarray(boxes).reshape(*np.shape(boxes)[:-1], 2, 2))
        first, last = self._origin - 0.5, self._origin + self.seen_size[::-1] - 0.5
        return np.clip(corners, first, last).reshape(np.shape(boxes))

    def cell_centers(self) -> np.ndarray:
        """Return the image pixel, column and row, at the centre of every cell, (h, w, 2)."""
        height, width = self.cells
        columns, rows = np.meshgrid(np.arange(width), np.arange(height))
        return self.points_to_image(np.stack([columns, rows], axis=-1) * MAP_STRIDE + 0.5 * (MAP_STRIDE - 1))


@lru_cache(maxsize=8)
def _nearest_cells(letterbox: Letterbox, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the row of a map of a size for every row of the image, (H,), likewise columns; behind the last where none.

    They are those of OpenCV's INTER_NEAREST_EXACT.
    """
    found = []
    for cells, pixels, seen in zip(size, letterbox.image_size, letterbox.seen, strict=True):
        numbers = np.arange(cells, dtype=np.float32)[None]
        nearest = cv2.resize(numbers, (seen.stop - seen.start, 1), interpolation=cv2.INTER_NEAREST_EXACT)
        places = np.full(pixels, cells, np.intp)
        places[seen] = nearest[0]
        found.append(places)
    return found[0], found[1]


def normalize(
    content: np.ndarray, network_size: tuple[int, int], mean: Sequence[float], std: Sequence[float]
) -> np.ndarray:
    """Normalise an image and pad it on the right and at the bottom with the mean colour.

    :param content: (h, w, 3) uint8, red first
    :param network_size: height and width of the result
    :param mean: per channel, of images scaled to [0, 1] (and ``std``)
    :returns: (1, 3, H, W) float32
    """
    height, width = content.shape[:2]
    whole = (height, width) == tuple(network_size)
    images = (np.empty if whole else np.zeros)((1, 3, *network_size), np.float32)
    tables = _normalized_values(tuple(mean), tuple(std))
    for plane, table, image in zip(cv2.split(content), tables, images[0], strict=True):
        cv2.LUT(plane, table, dst=image[:height, :width])
    return images


@lru_cache(maxsize=4)
def _normalized_values(mean: tuple[float, ...], std: tuple[float, ...]) -> list[np.ndarray]:
    """Return what each of 256 values becomes, per channel, (256,) float32."""
    values = np.arange(256, dtype=np.uint8)
    return [values * np.float32(1.0 / (255.0 * s)) - np.float32(m / s) for m, s in zip(mean, std, strict=True)]


def easily_halved(box: PixelBox, image_size: tuple[int, int], least: tuple[int, int]) -> PixelBox:
    """Return a box that :func:`halve` can halve as often as its size allows, a few pixels larger where that helps.

    What cannot be halved is averaged over fractions of pixels, which takes seven times as long.

    :param box: rows and columns of an image
    :param least: height and width below which it is not halved
    """
    sizes = [stop - start for start, stop in box]
    times = max(0, min(size // wanted for size, wanted in zip(sizes, least, strict=True)).bit_length() - 1)
    rows, columns = (_grown(side, 2**times, pixels) for side, pixels in zip(box, image_size, strict=True))
    return rows, columns


def _grown(side: tuple[int, int], multiple: int, pixels: int) -> tuple[int, int]:
    """Return a side whose length is a multiple, as far as that fits within some pixels; else the side as it is."""
    start, stop = side
    missing = -(stop - start) % multiple
    after = min(missing, pixels - stop)
    before = missing - after
    return (start - before, stop + after) if before <= start else side


def halve(image: np.ndarray, least: tuple[int, int]) -> np.ndarray:
    """Average 2 x 2 pixels, again and again, as long as the image stays at least of a size and its sides are even."""
    for width, height in halved_sizes(image.shape[:2], least):
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return image


def halved_sizes(size: tuple[int, int], least: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the width and height of each of the images of :func:`halve`, from a height and width."""
    height, width = size
    while height % 2 == 0 and width % 2 == 0 and height >= 2 * least[0] and width >= 2 * least[1]:
        height, width = height // 2, width // 2
        yield width, height


def is_thin(size: tuple[int, int], scaled: tuple[int, int]) -> bool:
    """Return whether two neighbours per axis see every pixel where an image of a size is scaled to another."""
    return all(2 * after > before for before, after in zip(size, scaled, strict=True))
