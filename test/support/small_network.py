"""A small network with random weights whose answers vary over the image, so that outputs can be told apart."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.checkpoint import save_checkpoint
from mt3dnet_ros.perception.taxonomy import load_taxonomy


def save_small_checkpoint(
    path: Path, input_size: tuple[int, int] = (64, 96), saliency: bool = False, view: bool = False
) -> Path:
    """Write the checkpoint and return its path.

    :param saliency: with a branch whose saliency depends on what it remembers
    :param view: with a view head, which is in doubt about every picture
    """
    torch.manual_seed(3)
    classes = load_taxonomy('endovis2018').names
    config = MT3DNetConfig(classes=classes, input_size=input_size, saliency=saliency, view=view)
    model = MT3DNet(config)
    with torch.no_grad():
        for layer in (model.types, model.parts, model.detection.heat, model.depth.position):
            layer.weight *= 40.0  # random weights alone give nearly the same answer everywhere
            layer.bias.zero_()
        if model.saliency is not None:
            model.saliency.temporal.cell.out.weight.normal_(0.0, 5.0)
            model.saliency.logits.weight *= 20.0
            model.saliency.logits.bias.zero_()
    save_checkpoint(path, model, config)
    return path


def tissue(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Return a picture of coloured blobs, (height, width, 3) uint8."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
