"""A picture per validation of what the network sees in a few frames, beside what it should."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.targets import boxes_from_instances
from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.instruments.peaks import find_peaks, suppress
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.augmentation.augment import Batch

with needs_extra('train'):
    from lightning.pytorch import Callback, Trainer
    from lightning.pytorch.loggers import TensorBoardLogger

_LEAST_HEAT = 0.3  # of a box that is drawn
_GREY = 96  # where nothing is labelled


class SamplePictures(Callback):
    """Write ``pictures/step_000500.jpg``, and show it in TensorBoard, after every validation.

    :param output: the run's folder
    :param frames: how many of the first validated frames are shown
    """

    def __init__(self, output: Path, frames: int = 4) -> None:
        self.folder, self.frames = output / 'pictures', frames

    def on_validation_batch_end(
        self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Batch, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Draw the first frames of the first batch."""
        if batch_idx > 0 or not trainer.is_global_zero or trainer.sanity_checking:
            return
        few = Batch(*(values[: self.frames] for values in batch))
        with torch.no_grad():
            picture = draw_batch(few, pl_module.average(few.images), pl_module.average.config)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f'step_{trainer.global_step:06d}.jpg'
        cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image('validation', picture, trainer.global_step, dataformats='HWC')


def draw_batch(batch: Batch, prediction: Prediction, config: MT3DNetConfig) -> np.ndarray:
    """Return a row per frame: image, types with boxes, parts and depth, each as labelled, then as predicted.

    :param batch: of whole frames
    :returns: (B H, 7 W, 3) uint8 RGB
    """
    batch = Batch(*(values.detach().cpu() for values in batch))
    prediction = prediction.mapped(lambda values: values.detach().float().cpu())
    rows = []
    for index in range(len(batch.images)):
        choose = itemgetter(slice(index, index + 1))
        rows.append(_draw_frame(Batch(*map(choose, batch)), prediction.mapped(choose), config))
    return np.concatenate(rows)


def _draw_frame(frame: Batch, prediction: Prediction, config: MT3DNetConfig) -> np.ndarray:
    size = frame.images.shape[-2], frame.images.shape[-1]
    image = _image(frame.images, config)
    types, parts = load_taxonomy(config.taxonomy).palette(), load_taxonomy('parts').palette()
    wanted_depth, found_depth = _depths(frame, prediction, size)
    panels = [
        image,
        _draw_boxes(_blend(image, _ids(frame.types, size), types), _wanted_boxes(frame, size)),
        _draw_boxes(_blend(image, _argmax(prediction.types, size), types), _found_boxes(prediction, size)),
        _blend(image, _ids(frame.parts, size), parts),
        _blend(image, _argmax(prediction.parts, size), parts),
        wanted_depth,
        found_depth,
    ]
    return np.concatenate(panels, axis=1)


def _image(images: Tensor, config: MT3DNetConfig) -> np.ndarray:
    """Undo the normalisation of (1, 3, H, W); return (H, W, 3) uint8."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (config.mean, config.std))
    return ((images[0] * std + mean).clamp(0, 1) * 255).byte().movedim(0, -1).contiguous().numpy()


def _ids(labels: Tensor, size: tuple[int, int]) -> np.ndarray:
    return F.interpolate(labels[:, None].float(), size, mode='nearest')[0, 0].byte().numpy()


def _argmax(logits: Tensor, size: tuple[int, int]) -> np.ndarray:
    return F.interpolate(logits, size, mode='bilinear')[0].argmax(0).byte().numpy()


def _blend(image: np.ndarray, ids: np.ndarray, palette: np.ndarray) -> np.ndarray:
    palette = palette.copy()
    palette[IGNORED] = _GREY
    colored = cv2.addWeighted(image, 0.4, palette[ids], 0.6, 0.0)
    return np.where((ids > 0)[..., None], colored, image)


def _draw_boxes(image: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Draw boxes (n, 4) of left, top, right and bottom edges."""
    for left, top, right, bottom in np.round(boxes).astype(int).tolist():
        cv2.rectangle(image, (left, top), (right, bottom), (255, 255, 255), 1)
    return image


def _wanted_boxes(frame: Batch, size: tuple[int, int]) -> np.ndarray:
    instances = frame.instances.where(frame.instances != IGNORED, 0)
    types = frame.types.where(frame.types != IGNORED, 0).to(torch.uint8)
    boxes = boxes_from_instances(instances, types, size[0] // frame.types.shape[-2])
    return boxes.edges[boxes.classes > 0].numpy()


def _found_boxes(prediction: Prediction, size: tuple[int, int]) -> np.ndarray:
    found = find_peaks(prediction.mapped(Tensor.numpy), Letterbox(size, size))
    peaks = suppress([peak for peak in found if peak.heat >= _LEAST_HEAT])
    return np.array([peak.box for peak in peaks]).reshape(-1, 4)


def _depths(frame: Batch, prediction: Prediction, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return labelled and predicted depth in the same colours: red for the nearest, blue for the farthest labelled."""
    wanted = F.interpolate(frame.depth, size, mode='nearest')[0, 0].numpy()
    found = F.interpolate(prediction.depth, size, mode='bilinear')[0, 0].numpy()
    shown = wanted[wanted > 0] if (wanted > 0).any() else found
    near, far = float(shown.min()), float(shown.max())
    return _depth_colors(wanted, near, far), _depth_colors(found, near, far)


def _depth_colors(depth: np.ndarray, near: float, far: float) -> np.ndarray:
    nearness = np.clip(255.0 * (far - depth) / max(far - near, 1e-6), 0, 255).astype(np.uint8)
    colors = cv2.cvtColor(cv2.applyColorMap(nearness, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
    return np.where((depth > 0)[..., None], colors, np.uint8(_GREY))
