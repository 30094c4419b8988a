"""The canvas in a device's memory, drawn by PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache, wraps
from typing import Any, TypeVar, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.perception.canvas.canvas import size_of_parts
from mt3dnet_ros.perception.canvas.scaling import average, enlarge, repeat, shrink
from mt3dnet_ros.perception.canvas.transfers import Arrival, Transfers
from mt3dnet_ros.perception.instruments.edges import linear_functions
from mt3dnet_ros.perception.overlay import Window
from mt3dnet_ros.perception.preprocess import MAP_STRIDE, Letterbox
from mt3dnet_ros.perception.visible_area import VisibleArea

Drawing = TypeVar('Drawing', bound=Callable[..., Any])

_CAMERAS = 4  # whose rays are kept on the device
_HALF = 127.5  # of 255: above it an interpolated probability rounds to more than 127, as OpenCV has it


class DeviceCanvases:
    """Makes the canvases of the frames of a stream, all on one device; ``MakeCanvas`` says from what."""

    def __init__(self, device: torch.device) -> None:
        self.transfers = Transfers(device)
        self.failure: RuntimeError | None = None  # of the device, while something was drawn
        self.rays = lru_cache(_CAMERAS)(self._rays)
        self.normalization = lru_cache(1)(self._normalization)

    def __call__(self, letterbox: Letterbox, rgb: np.ndarray, visible: VisibleArea) -> TorchCanvas:
        """Begin to copy an image to the device, and return its canvas.

        :raises RuntimeError: the device has failed, in this frame or in the one before
        """
        if self.failure is not None:
            raise self.failure
        return TorchCanvas(letterbox, rgb, visible, self)

    def _rays(self, camera: Camera, stride: int) -> Tensor:
        return self.transfers.up(ray_grid(camera, stride))

    def _normalization(self, mean: tuple[float, ...], std: tuple[float, ...]) -> tuple[Tensor, Tensor]:
        """Return factors and offsets of the channels, (3, 1, 1) each."""
        middle, deviation = (np.array(values)[:, None, None] for values in (mean, std))
        factors, offsets = (values.astype(np.float32) for values in (1.0 / (255.0 * deviation), middle / deviation))
        return self.transfers.up(factors), self.transfers.up(offsets)


def _drawing(draw: Drawing) -> Drawing:
    """Let a method of a canvas draw without gradients; where the device fails, no other canvas is made on it."""

    @wraps(draw)
    def drawing(canvas: TorchCanvas, *inputs: Any) -> object:
        try:
            with torch.inference_mode():
                return draw(canvas, *inputs)
        except RuntimeError as error:
            canvas._device.failure = error
            raise

    return cast(Drawing, drawing)


class TorchCanvas:
    """Draws tensors; ``Canvas`` says what.

    Numbers of 8 bits are kept as float32, of whole numbers, while they are computed with.
    """

    is_ahead = True

    def __init__(self, letterbox: Letterbox, rgb: np.ndarray, visible: VisibleArea, device: DeviceCanvases) -> None:
        self.letterbox = letterbox
        self._visible, self._device, self._transfers = visible, device, device.transfers
        self._arrivals: dict[int, tuple[Tensor, Arrival]] = {}
        self._coarse: Arrival | None = None
        flipped = rgb.strides[2] < 0  # a BGR image seen as RGB
        image = self._transfers.up(rgb[..., ::-1] if flipped else rgb)
        self._image = image.flip(-1) if flipped else image  # (H, W, 3) uint8

    @_drawing
    def normalized(self, mean: Sequence[float], std: Sequence[float]) -> Tensor:
        """Return the network's input, (1, 3, H, W) float32 on the device."""
        height, width = self.letterbox.network_size
        factors, offsets = self._device.normalization(tuple(mean), tuple(std))
        planes = self._content * factors - offsets
        self._begin_coarse()
        return F.pad(planes, (0, width - planes.shape[2], 0, height - planes.shape[1]))[None]

    @property
    @_drawing
    def coarse(self) -> np.ndarray:
        """What the network sees, by cells; see ``Canvas``."""
        return self._begin_coarse()()

    @_drawing
    def instances(self, ids: np.ndarray, foreground: np.ndarray) -> Tensor:
        """Draw instance ids; see ``Canvas``."""
        functions = self._transfers.up(np.stack(linear_functions(foreground, self.coarse)))
        *factors, offset = enlarge(functions, self.letterbox.content_size)
        outlined = (torch.stack(factors) * self._content).sum(0).mul_(1.0 / 255.0).add_(offset).clamp_(0.0, 1.0)
        probability = enlarge((255.0 * outlined[None] + 0.5).floor_(), self.letterbox.seen_size)[0]
        enlarged = repeat(self._transfers.up(ids), self.letterbox.seen_size)
        return self._where_visible(self._placed(enlarged * (probability >= _HALF), 0), 0)

    @_drawing
    def looked_up(self, ids: Tensor, table: np.ndarray) -> Tensor:
        """Draw what a table says; see ``Canvas``."""
        return self._transfers.up(table)[ids.int()]

    @_drawing
    def confidence(self, chosen: np.ndarray, background: np.ndarray, instances: Tensor) -> Tensor:
        """Draw confidence; see ``Canvas``."""
        on_instruments, elsewhere = self._probabilities(np.stack([chosen, background]))
        return self._where_visible(torch.where(instances > 0, on_instruments, elsewhere), 255)

    @_drawing
    def parts(self, probabilities: np.ndarray, instances: Tensor) -> Tensor:
        """Draw parts; see ``Canvas``."""
        best, *others = self._bytes(probabilities[1:], size_of_parts(self.letterbox))
        parts = torch.ones_like(best)
        for part, probability in enumerate(others, start=2):
            parts.masked_fill_(probability > best, part)
            best = torch.maximum(best, probability)
        return self._placed(repeat(parts, self.letterbox.seen_size), 0) * (instances > 0)

    @_drawing
    def probability(self, cells: np.ndarray) -> Tensor:
        """Draw a probability; see ``Canvas``."""
        return self._probabilities(cells[None])[0]

    @_drawing
    def depth(self, cells: np.ndarray, limits: tuple[float, float]) -> Tensor:
        """Draw depth; see ``Canvas``."""
        depth = enlarge(self._transfers.up(np.asarray(cells, np.float32))[None], self.letterbox.seen_size)[0]
        depth.masked_fill_((depth < limits[0]) | (depth > limits[1]), math.nan)
        return self._where_visible(self._placed(depth, math.nan), math.nan)

    @_drawing
    def cloud(self, camera: Camera, depth: Tensor, labels: Tensor, stride: int) -> tuple[Tensor, Tensor, Tensor]:
        """Draw points; see ``Canvas``."""
        depth, colors, classes = (values[::stride, ::stride] for values in (depth, self._image, labels))
        return self._device.rays(camera, stride) * depth[..., None], colors.contiguous(), classes.contiguous()

    @_drawing
    def tinted(self, instances: Tensor, windows: Sequence[Window], colors: np.ndarray, opacity: float) -> Tensor:
        """Draw the tinted image; see ``Canvas``. There is nothing to gain by windows."""
        palette = self._transfers.up(np.concatenate([np.zeros((1, 3), np.uint8), colors]))
        blended = (self._image * (1.0 - opacity) + palette[instances.int()] * opacity).round_().byte()
        return torch.where(instances[..., None] > 0, blended, self._image)

    @_drawing
    def send(self, drawn: Tensor) -> None:
        """Begin to copy what is drawn to the CPU."""
        if id(drawn) not in self._arrivals:
            self._arrivals[id(drawn)] = drawn, self._transfers.down(drawn)

    @_drawing
    def fetched(self, drawn: Tensor) -> np.ndarray:
        """Return what is drawn, once it is here."""
        self.send(drawn)
        return self._arrivals[id(drawn)][1]()

    @cached_property
    def _content(self) -> Tensor:
        """What the network sees of the image, without padding, (3, h, w) float32."""
        planes = self._image[self.letterbox.seen].permute(2, 0, 1).float()
        content = shrink(planes, self.letterbox.content_size)
        inside = self._visible.inside(self.letterbox.seen, self.letterbox.content_size)
        if inside is None:
            return content
        shown = self._transfers.up(inside) > 0
        mean = (content * shown).sum((1, 2), keepdim=True, dtype=torch.float64) / shown.sum()
        return torch.where(shown, content, mean.round_().float())

    def _begin_coarse(self) -> Arrival:
        if self._coarse is None:
            means = average(self._content, MAP_STRIDE)
            self._coarse = self._transfers.down(means.permute(1, 2, 0).byte())
        return self._coarse

    def _probabilities(self, cells: np.ndarray) -> Tensor:
        """Return 255 times probabilities (n, h, w) float32, (n, H, W) uint8."""
        return self._placed(self._bytes(cells, self.letterbox.seen_size), 0)

    def _bytes(self, cells: np.ndarray, size: tuple[int, int]) -> Tensor:
        """Return 255 times probabilities (n, h, w) float32, uint8 of n times a height and width."""
        maps = self._transfers.up((255.0 * cells + 0.5).astype(np.uint8)).float()
        return enlarge(maps, size).add_(0.5).byte()

    def _placed(self, seen: Tensor, elsewhere: float) -> Tensor:
        """Return what the network sees (..., h, w) in the whole image, (..., H, W)."""
        if self.letterbox.seen_size == self.letterbox.image_size:
            return seen
        values = seen.new_full((*seen.shape[:-2], *self.letterbox.image_size), elsewhere)
        values[(..., *self.letterbox.seen)] = seen
        return values

    def _where_visible(self, values: Tensor, elsewhere: float) -> Tensor:
        """Return values (H, W), with another where nothing is visible."""
        visible = self._visible
        if visible.mask is not None:
            return values.masked_fill(self._hidden, elsewhere)
        inside = visible.rows, visible.columns
        if values[inside].shape == values.shape:
            return values
        cropped = torch.full_like(values, elsewhere)
        cropped[inside] = values[inside]
        return cropped

    @cached_property
    def _hidden(self) -> Tensor:
        assert self._visible.mask is not None
        return self._transfers.up(self._visible.mask) == 0
