"""ST-MTL as an evaluation sees it: its two maps, pixel by pixel, and the instruments and scanpath that they make."""

from __future__ import annotations

import time

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.order import EvaluationStep
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.metrics.saliency.scanpath import rank_instruments
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL, STMTLPrediction, STMTLState
from mt3dnet_ros.perception.preprocess import Letterbox, normalize
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.taxonomy import taxonomy_of_network

_LEAST_AREA = 0.001  # of the image: smaller spots of a type are no instrument
_MOST_INSTANCES = 255
_STAGES = ('preprocess', 'network', 'postprocess')


class STMTLObserver:
    """Looks at the frames of a stream; each follows the one before, as its step says.

    :param network: ST-MTL, in evaluation mode
    :raises TaxonomyError: the network's classes are not those of the taxonomy that it names
    """

    predicts_saliency = True

    back_end = 'torch'

    def __init__(self, network: STMTL, device: torch.device) -> None:
        taxonomy_of_network(network.config.taxonomy, network.config.classes)  # or it says what is wrong
        self.device = str(device)
        self._device = device
        self.input_size = network.config.input_size
        self.classes = network.config.classes
        self._network = network.to(device)
        self._state: STMTLState | None = None

    def warm_up(self, size: tuple[int, int], camera: Camera | None = None) -> None:
        """Run the network once on a black image, so that the first real one is not slow."""
        self._run(self._prepare(np.zeros((*size, 3), np.uint8), Letterbox(size, self.input_size)), None)

    def observe(self, frame: LabelledFrame, step: EvaluationStep) -> Observation:
        """Run the network on a frame.

        :param step: where in the evaluation; what was seen before is forgotten unless the frame follows it
        """
        times = [time.perf_counter()]
        letterbox = Letterbox(frame.image.shape[:2], self.input_size)
        images = self._prepare(frame.image, letterbox)
        times.append(time.perf_counter())
        prediction = self._run(images, self._state if step.follows and step.stamp else None)
        self._state = prediction.state
        times.append(time.perf_counter())
        types = _to_image(prediction.types.softmax(dim=1), letterbox)
        labels = types.argmax(axis=0).astype(np.uint8)
        confidence, instances = np.round(255.0 * types.max(axis=0)).astype(np.uint8), find_spots(labels)
        saliency = _to_image(prediction.saliency.sigmoid(), letterbox)[0]
        path = rank_instruments(saliency, instances)
        times.append(time.perf_counter())
        timings = dict(zip(_STAGES, np.diff(times).tolist(), strict=True))
        scene = Scene(labels=labels, confidence=confidence, instances=instances, timings=timings)
        return Observation(frame, scene, [], step, saliency, path)

    def _prepare(self, image: np.ndarray, letterbox: Letterbox) -> torch.Tensor:
        config = self._network.config
        images = normalize(letterbox.forward(image), self.input_size, config.mean, config.std)
        return torch.from_numpy(images).to(self._device)

    @torch.inference_mode()
    def _run(self, images: torch.Tensor, state: STMTLState | None) -> STMTLPrediction:
        prediction: STMTLPrediction = self._network(images, state)
        if self._device.type == 'cuda':
            torch.cuda.synchronize(self._device)
        return prediction


def find_spots(labels: np.ndarray) -> np.ndarray:
    """Return the connected regions of each type as instances, (H, W) uint8; small ones belong to none.

    :param labels: (H, W) uint8 type ids, 0 for the background
    """
    instances, count = np.zeros(labels.shape, np.uint8), 0
    for class_id in np.unique(labels[labels > 0]):
        _, spots, facts, _ = cv2.connectedComponentsWithStats((labels == class_id).astype(np.uint8), connectivity=8)
        for spot in range(1, len(facts)):
            if facts[spot, cv2.CC_STAT_AREA] >= _LEAST_AREA * labels.size and count < _MOST_INSTANCES:
                count += 1
                instances[spots == spot] = count
    return instances


def _to_image(maps: torch.Tensor, letterbox: Letterbox) -> np.ndarray:
    """Scale what the network says of the first image of a batch to the image, (C, H, W) float32."""
    height, width = letterbox.content_size
    content = maps[:1, :, :height, :width].float()
    scaled = F.interpolate(content, letterbox.image_size, mode='bilinear', align_corners=False)
    return scaled[0].cpu().numpy()
