"""From an image message to everything that is published of it."""

from __future__ import annotations

import time
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from rclpy.clock import Clock
from sensor_msgs.msg import CompressedImage, Image

from mt3dnet_ros.perception.back_ends.back_end import BackEnd
from mt3dnet_ros.perception.back_ends.relay import BackEndRelay
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.plan import METRIC
from mt3dnet_ros.perception.scale.evidence import NO_EVIDENCE
from mt3dnet_ros.perception.scale.shaft.mounted import unknown_names
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.ros.evidence.gatherer import EvidenceGatherer
from mt3dnet_ros.ros.evidence.halves import split_halves
from mt3dnet_ros.ros.health import HealthMonitor
from mt3dnet_ros.ros.latest_camera import LatestCamera
from mt3dnet_ros.ros.messages.headers import clean_frame_id, make_header, stamp_to_ns
from mt3dnet_ros.ros.messages.images import ImageDecoder
from mt3dnet_ros.ros.monitoring.pictures import PictureMonitor
from mt3dnet_ros.ros.monitoring.scale import ScaleMonitor
from mt3dnet_ros.ros.outputs import Publishers
from mt3dnet_ros.ros.parameters.perception import PerceptionParameters
from mt3dnet_ros.ros.topics.output import EncodingSettings, Output, StampedScene

S = TypeVar('S', Settings, EncodingSettings)


class FrameProcessor:
    """Decodes an image, perceives what is wanted of it, and publishes that.

    :param clock: the node's, to compare with the images' stamps
    :param parameters: of the node
    """

    def __init__(
        self,
        perceiver: Perceiver,
        publishers: Publishers,
        camera: LatestCamera,
        health: HealthMonitor,
        clock: Clock,
        parameters: PerceptionParameters,
    ) -> None:
        self.perceiver = perceiver
        self.publishers = publishers
        self.camera = camera
        self.decoder = ImageDecoder(parameters.image_bits, parameters.max_pixels)
        self.pictures = PictureMonitor(perceiver.taxonomy.tools)
        self.scale = ScaleMonitor()
        self.beside: EvidenceGatherer | None = None  # while the node is active
        self._health = health
        self._clock = clock
        self.apply(parameters)

    def apply(self, parameters: PerceptionParameters) -> None:
        """Work with other parameters from the next image on; callable from another thread."""
        self._parameters = parameters
        self.decoder.max_pixels, self.decoder.codecs = parameters.max_pixels, parameters.compressed_formats
        self.perceiver.settings = _chosen(Settings, parameters)
        self._encoding = _chosen(EncodingSettings, parameters)
        if self.beside is not None:
            self.beside.apply(parameters)

    def __call__(self, message: Image | CompressedImage) -> None:
        """Work on one message.

        :raises ImageError, StampError, PerceptionError: the message cannot be used
        """
        start = time.perf_counter()
        self._health.working()
        frame, right_half = self._read(message)
        beside = self.beside
        if beside is not None:
            beside.begin(frame, right_half)
        height, width = frame.size
        camera = self.camera.fit(width, height)
        self.pictures.look(frame)
        has_saliency = self.perceiver.config.saliency
        outputs = [output for output in self._subscribed() if has_saliency or not output.needs_saliency]
        if not outputs:
            self._look(None)
            self._health.skipped()
            return
        decoded = time.perf_counter()
        needs = {need for output in outputs for need in output.needs}
        needs |= {'scale'} if needs & METRIC else set()  # for the diagnostics
        evidence = NO_EVIDENCE if beside is None else lambda: beside.gather(frame, camera)
        scene = self.perceiver(frame, camera, needs, evidence)
        self._look(scene)
        perceived = time.perf_counter()
        header = make_header(frame.stamp, frame.frame_id)
        self.publishers.publish(outputs, StampedScene(scene, header, camera, self.perceiver.taxonomy, self._encoding))
        done = time.perf_counter()
        stages = {'decode': decoded - start, **scene.timings, 'publish': done - perceived, 'total': done - start}
        self._health.processed(self._latency(frame.stamp), stages)

    def missing(self) -> list[str]:
        """Return what was asked for, and needs a network with saliency, where this one has none: topics and setting."""
        if self.perceiver.config.saliency:
            return []
        topics = [self.publishers.names[output] for output in self._subscribed() if output.needs_saliency]
        return [*topics, 'overlay_saliency'] if self._parameters.overlay_saliency else topics

    def unknown_shafts(self) -> list[str]:
        """Return the names in the parameter ``shaft_diameters`` that are no class of the network."""
        return unknown_names(self._parameters.shaft_diameters, self.perceiver.taxonomy)

    def subscribed(self) -> list[str]:
        """Return the topics that are subscribed to and enabled, by their resolved names."""
        return [self.publishers.names[output] for output in self._subscribed()]

    def disabled(self) -> list[str]:
        """Return the topics that are subscribed to, but not in the parameter ``outputs``, by their resolved names."""
        return [self.publishers.names[output] for output in self.publishers.disabled(self._parameters.outputs)]

    @property
    def back_end_problem(self) -> str:
        """Why another back end runs the network than was chosen; empty where that is not so."""
        back_end = self.perceiver.back_end
        return back_end.problem if isinstance(back_end, BackEndRelay) else ''

    def reset(self) -> None:
        """Forget the frames that were seen."""
        self.perceiver.reset()
        self.pictures.forget()
        self.scale.forget()
        self.decoder.forget()
        if self.beside is not None:
            self.beside.forget()

    def describe(self) -> dict[str, str]:
        """Return what diagnostics show besides the health."""
        subscribed = [output.key for output in self._subscribed()]
        pictures = self.pictures.snapshot()
        return {
            'device': self.perceiver.back_end.device,
            **_describe_back_end(self.perceiver.back_end),
            'calibration': self.camera.problem or 'usable',
            'image encoding': self.decoder.encoding or 'none yet',
            'outputs subscribed': ', '.join(subscribed) or 'none, so that frames are not processed',
            'memory restarts': str(self.perceiver.resets),
            'frames blank': str(pictures.blanks),
            'frames of no known view': str(pictures.strangers),
            'view probability': 'unknown' if pictures.view is None else f'{pictures.view:.2f}',
            **self.scale.snapshot().values(),
            **(self.beside.values() if self.beside is not None else {}),
        }

    def _subscribed(self) -> list[Output[Any]]:
        return self.publishers.wanted(self._parameters.outputs)

    def _look(self, scene: Scene | None) -> None:
        self.pictures.interpret(scene)
        self.scale.look(scene)

    def _read(self, message: Image | CompressedImage) -> tuple[Frame, np.ndarray | None]:
        """Return the frame, and what the second eye sees where both are in one image."""
        stamp = stamp_to_ns(message.header.stamp)
        picture, right_half = self.decoder(message), None
        if self._parameters.is_side_by_side:
            picture, right_half = split_halves(picture)
        return Frame(picture, stamp, clean_frame_id(message.header.frame_id, self._parameters.frame_id)), right_half

    def _latency(self, stamp: int) -> float | None:
        return 1e-9 * (self._clock.now().nanoseconds - stamp) if stamp else None


def _describe_back_end(back_end: BackEnd) -> dict[str, str]:
    if not isinstance(back_end, BackEndRelay):
        return {}
    return {'back end': back_end.describe(), 'back end failures': str(back_end.failures)}


def _chosen(settings: type[S], parameters: PerceptionParameters) -> S:
    """Return settings whose values are those of the parameters of the same names."""
    return settings(**{setting.name: getattr(parameters, setting.name) for setting in fields(settings)})
