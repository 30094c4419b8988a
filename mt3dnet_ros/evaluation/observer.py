"""What looks at labelled frames for an evaluation: MT3DNet, through the whole of perception."""

from __future__ import annotations

import math

import numpy as np
import torch

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.order import Step
from mt3dnet_ros.models.mt3dnet import MT3DNet, Prediction
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.instruments.peaks import find_peaks
from mt3dnet_ros.perception.maps import read_saliency
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.settings import Settings

OUTPUTS = frozenset({'labels', 'confidence', 'parts', 'instances', 'depth', 'detections', 'saliency', 'scanpath'})
_EVERYTHING = Settings(score_threshold=0.0, max_depth=math.inf)  # precision-recall curves need the doubtful ones too


class Observer(Perceiver):
    """A perceiver that also hands out what the network says before it is rounded or merged.

    :param back_end: a name of ``backends.BACK_ENDS``
    """

    _prediction: Prediction

    def __init__(self, network: MT3DNet, device: torch.device, back_end: str = 'torch') -> None:
        super().__init__(network, device, _EVERYTHING, back_end)

    def observe(self, frame: LabelledFrame, step: Step) -> Observation:
        """Run the network on a frame, with the frame's camera.

        :param step: where in the evaluation; what was seen before is forgotten unless the frame follows it
        """
        if not step.follows:
            self.reset()
        scene = self(Frame(frame.image, step.stamp), frame.camera, OUTPUTS)
        letterbox = Letterbox(frame.image.shape[:2], self._input_size)
        peaks = [
            peak._replace(box=letterbox.boxes_to_image(peak.box)) for peak in find_peaks(self._prediction, letterbox)
        ]
        return Observation(frame, scene, peaks, step, self._saliency(letterbox), _sure_path(scene))

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        return self._input_size

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the instrument types that the network tells, by id."""
        return self.config.classes

    @property
    def predicts_saliency(self) -> bool:
        """Whether the network says where to look."""
        return self.config.saliency

    def _saliency(self, letterbox: Letterbox) -> np.ndarray | None:
        cells = read_saliency(self._prediction, letterbox)
        return None if cells is None else letterbox.map_to_image(cells)

    def _run(self, images: torch.Tensor) -> Prediction:
        self._prediction = super()._run(images)
        return self._prediction


def _sure_path(scene: Scene) -> tuple[int, ...] | None:
    """Return the scanpath over the instruments that a robot would be told of, without the doubtful ones."""
    if scene.scanpath is None or scene.detections is None:
        return None
    sure = {found.instance_id for found in scene.detections if found.score >= Settings.score_threshold}
    return tuple(stop.instance_id for stop in scene.scanpath if stop.instance_id in sure)
