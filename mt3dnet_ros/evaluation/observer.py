"""What looks at labelled frames for an evaluation: MT3DNet, through the whole of perception."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mt3dnet_ros.datasets.frames import FrameSet, LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.order import EvaluationStep
from mt3dnet_ros.evaluation.scale.switchboard import ScaleSwitchboard
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.perception.back_ends.network_source import NetworkSource, source_of
from mt3dnet_ros.perception.back_ends.registry import settle_back_end
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.instruments.peaks import Peak, find_peaks
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.maps import read_probability
from mt3dnet_ros.perception.network_outputs import NetworkOutputs
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, Scene
from mt3dnet_ros.perception.settings import Settings

if TYPE_CHECKING:
    import torch

    from mt3dnet_ros.models.mt3dnet import MT3DNet

OUTPUTS = ALL_OUTPUTS - {'cloud', 'gaze', 'overlay', 'tracks'}
_AS_USED = Settings(type_threshold=0.0, max_depth=math.inf)
_TRACKED = frozenset({'detections', 'instances', 'tracks'})
# Precision-recall curves need the doubtful ones too, and every instrument is named.
_EVERYTHING = Settings(score_threshold=0.0, type_threshold=0.0, max_depth=math.inf)


class Observer:
    """Looks at the frames of a data set through a perceiver.

    :param network: in memory, or in a file
    :param back_end: a name of ``BACK_ENDS``, or 'auto'
    """

    def __init__(self, network: MT3DNet | NetworkSource, device: str | torch.device, back_end: str = 'torch') -> None:
        source = source_of(network)
        self.back_end = settle_back_end(back_end, source, str(device))
        self._perceiver = make_perceiver(source, device, _EVERYTHING, self.back_end)
        self._scales: ScaleSwitchboard | None = None

    def switch_scales(self, frames: FrameSet, switches: Sequence[str]) -> list[str]:
        """Interpret what is seen by several ways of knowing the scale, too, and return their names.

        :param frames: that will be looked at, of which the second eye and true tips are taken
        :param switches: sources, of ``evaluation.scale.SWITCHES``
        """
        self._scales = ScaleSwitchboard(self._perceiver, frames, switches)
        return self._scales.names

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
        scaled = self._scales(seen, frame, step) if self._scales else {}
        tracked = self._track(replace(seen, settings=_AS_USED), frame.camera) if step.stamp else None
        return Observation(frame, scene, _peaks(seen), step, _saliency(seen), _sure_path(scene), tracked, scaled)

    def _track(self, seen: NetworkOutputs, camera: Camera | None) -> Scene:
        scale = self._perceiver.measure(seen, camera)
        tracks = self._perceiver.track(seen, camera, scale)
        return self._perceiver.interpret(seen, camera, _TRACKED, scale, tracks)

    @property
    def device(self) -> str:
        """Where the network runs."""
        return self._perceiver.back_end.device

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
