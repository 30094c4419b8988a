"""What looks at labelled frames for an evaluation: MT3DNet, through the whole of perception."""

from __future__ import annotations

import math

import numpy as np
import torch

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.order import EvaluationStep
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.instruments.peaks import Peak, find_peaks
from mt3dnet_ros.perception.maps import read_probability
from mt3dnet_ros.perception.network_outputs import NetworkOutputs
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, Scene
from mt3dnet_ros.perception.settings import Settings

OUTPUTS = ALL_OUTPUTS - {'cloud', 'gaze', 'overlay'}
_EVERYTHING = Settings(score_threshold=0.0, max_depth=math.inf)  # precision-recall curves need the doubtful ones too


class Observer:
    """Looks at the frames of a data set through a perceiver.

    :param back_end: a name of ``BACK_ENDS``
    """

    def __init__(self, network: MT3DNet, device: torch.device, back_end: str = 'torch') -> None:
        self._perceiver = Perceiver(network, device, _EVERYTHING, back_end)

    def warm_up(self, size: tuple[int, int], camera: Camera | None = None) -> None:
        """Run everything on a black image, so that the first real one is not slow."""
        self._perceiver.warm_up(size, camera)

    def observe(self, frame: LabelledFrame, step: EvaluationStep) -> Observation:
        """Run the network on a frame, with the frame's camera.

        :param step: where in the evaluation; what was seen before is forgotten unless the frame follows it
        """
        if not step.follows:
            self._perceiver.reset()
        seen = self._perceiver.run(Frame(frame.image, step.stamp), frame.camera)
        scene = self._perceiver.interpret(seen, frame.camera, OUTPUTS)
        return Observation(frame, scene, _peaks(seen), step, _saliency(seen), _sure_path(scene))

    @property
    def device(self) -> torch.device:
        """Where the network runs."""
        return self._perceiver.device

    @property
    def config(self) -> MT3DNetConfig:
        """The network's."""
        return self._perceiver.config

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        return self._perceiver.input_size

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the instrument types that the network tells, by id."""
        return self.config.classes

    @property
    def predicts_saliency(self) -> bool:
        """Whether the network says where to look."""
        return self.config.saliency


def _peaks(seen: NetworkOutputs) -> list[Peak]:
    """Return the detector's peaks, with boxes in pixels of the image."""
    peaks = find_peaks(seen.prediction, seen.letterbox)
    return [peak._replace(box=seen.letterbox.boxes_to_image(peak.box)) for peak in peaks]


def _saliency(seen: NetworkOutputs) -> np.ndarray | None:
    """Return the saliency before it is rounded, (H, W) float32; None of a network without it."""
    cells = read_probability(seen.prediction.saliency, seen.letterbox)
    return None if cells is None else seen.letterbox.map_to_image(cells)


def _sure_path(scene: Scene) -> tuple[int, ...] | None:
    """Return the scanpath over the instruments that a robot would be told of, without the doubtful ones."""
    if scene.scanpath is None or scene.detections is None:
        return None
    sure = {found.instance_id for found in scene.detections if found.score >= Settings.score_threshold}
    return tuple(stop.instance_id for stop in scene.scanpath if stop.instance_id in sure)
