"""From stored frames to the network's input: one affine resampling per frame, then appearance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.rendered import RawSample, collate
from mt3dnet_ros.models.config import MT3DNetConfig

from .appearance import on_part, randomise_appearance
from .colour import overexpose, shift_white_balance
from .crops import USUAL_ROLL, Crop, affine, crop_intrinsics, random_crop, whole_crop
from .nothing.pictures import replace_by_nothing
from .surround import Surround, draw_surrounds, frame_images


class Batch(NamedTuple):
    """A batch as training and validation see it; labels may be at a coarser grid than the images.

    :param images: (B, 3, H, W) float32, normalised
    :param types: (B, H', W') int64
    :param parts: (B, H', W') int64
    :param instances: (B, H', W') uint8
    :param depth: (B, 1, H', W') metres at the canonical focal length, 0 where unknown
    :param scale: (B,) metres per canonical metre, to return to true depth
    :param intrinsics: (B, 3, 3) with which the images show the scene, rolled and mirrored with them (``crops.py``)
    :param known: (B,) float32, 1 for the view of a scene, 0 for a picture that shows none
    """

    images: Tensor
    types: Tensor
    parts: Tensor
    instances: Tensor
    depth: Tensor
    scale: Tensor
    intrinsics: Tensor
    known: Tensor


@dataclass(frozen=True)
class FrameTransform:
    """Turn stored frames into a :class:`Batch`; callable, to serve as a data loader's ``collate_fn``.

    What lies outside of a frame is black in the image, of unknown depth, and background in the labels, as the black
    borders of endoscopes are; in labels of which the frame has none it stays ``IGNORED``.

    :param config: input size, normalisation and depth convention of the network
    :param random: draw crops and appearance, else show the whole frame as it is
    :param label_stride: input pixels per label pixel
    :param zoom: least and largest enlargement of random crops, relative to the crop that shows the whole frame
    :param inside: whether random crops keep inside the frame, as far as their zoom allows
    :param strength: of random appearance; 0 for none
    :param roll: largest roll of random crops in degrees
    :param white_balance: strength of warm and cool casts; 0 for none
    :param overexposure: share of images with too much light
    :param surround: share of images within a surround
    :param nothing: share of images that a picture without a scene takes the place of
    """

    config: MT3DNetConfig
    random: bool
    label_stride: int
    zoom: tuple[float, float] = (0.8, 1.7)
    inside: bool = False
    strength: float = 1.0
    roll: float = USUAL_ROLL
    white_balance: float = 0.0
    overexposure: float = 0.0
    surround: float = 0.0
    nothing: float = 0.0

    def __call__(self, samples: list[RawSample]) -> Batch:
        """Return one batch."""
        raw = collate(samples)
        frame, size = (raw.image.shape[1], raw.image.shape[2]), self.config.input_size
        count = len(raw.image)
        surrounds = draw_surrounds(count, self.surround, size) if self.random else {}
        crop = self._crop(count, frame, surrounds)
        matrix = affine(crop, frame, size)
        images = _sample(raw.image.movedim(-1, 1).float().mul_(1 / 255), matrix, size, 'bilinear')
        images, known = self._change(images, surrounds) if self.random else (images, torch.ones(count))
        types, parts, instances, depth = self._labels(raw, matrix, surrounds, known)
        scale = raw.focal * crop.zoom / self.config.canonical_focal
        intrinsics = crop_intrinsics(crop, raw.intrinsics, frame, size)
        depth = self._canonical(depth, scale)
        return Batch(self._normalise(images), types, parts, instances, depth, scale, intrinsics, known)

    def _crop(self, count: int, frame: tuple[int, int], surrounds: dict[int, Surround]) -> Crop:
        """Return the crops; those within a surround show up to as much as there would be without."""
        size = self.config.input_size
        if not self.random:
            return whole_crop(count, frame, size)
        crop = random_crop(count, frame, size, self.zoom, self.inside, self.roll)
        for index, surround in surrounds.items():
            crop.zoom[index] *= surround.view_share(size) ** float(torch.rand(()))
        return crop

    def _change(self, images: Tensor, surrounds: dict[int, Surround]) -> tuple[Tensor, Tensor]:
        """Return images in [0, 1] as another camera may have them, and which of them still show a scene, (B,)."""
        if self.white_balance > 0:
            images = shift_white_balance(images, self.white_balance)
        if self.overexposure > 0:
            images = on_part(images, self.overexposure, overexpose)
        if self.strength > 0:
            images = randomise_appearance(images, self.strength)
        known = replace_by_nothing(images, self.nothing) if self.nothing > 0 else torch.ones(len(images))
        if surrounds:
            frame_images(images, surrounds)
        return images, known

    def _labels(
        self, raw: RawSample, matrix: Tensor, surrounds: dict[int, Surround], known: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return types, parts, instances and depth in metres, at the labels' stride."""
        height, width = (side // self.label_stride for side in self.config.input_size)
        layers = torch.cat([raw.labels.float(), raw.depth[:, None].float()], 1)
        sampled = _sample(layers, matrix, (height, width), 'nearest')
        for index, surround in surrounds.items():
            sampled[index] *= torch.from_numpy(surround.shown((height, width)))
        labels = sampled[:, :3].to(torch.uint8)
        labels[(raw.labels == IGNORED).flatten(2).all(2)] = IGNORED
        labels[known == 0], sampled[known == 0] = 0, 0
        types, parts, instances = labels.unbind(1)
        return types.long(), parts.long(), instances, sampled[:, 3:]

    def _canonical(self, metres: Tensor, scale: Tensor) -> Tensor:
        known = metres > 0
        return (metres / scale[:, None, None, None]).clamp(*self.config.depth_range) * known

    def _normalise(self, images: Tensor) -> Tensor:
        mean, std = (torch.tensor(values)[:, None, None] for values in (self.config.mean, self.config.std))
        return images.sub_(mean).div_(std).to(memory_format=torch.channels_last)


def _sample(layers: Tensor, matrix: Tensor, size: tuple[int, int], mode: str) -> Tensor:
    grid = F.affine_grid(matrix, [len(layers), 1, *size], align_corners=False)
    return F.grid_sample(layers, grid, mode=mode, padding_mode='zeros', align_corners=False)
