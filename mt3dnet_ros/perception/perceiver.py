"""One frame in, one scene out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.unproject import unproject
from mt3dnet_ros.models.mt3dnet import INPUT_MULTIPLE, MT3DNet, is_input_size
from mt3dnet_ros.models.tasks import Prediction, remembers
from mt3dnet_ros.perception.back_ends.registry import make_back_end
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.network_outputs import NetworkOutputs
from mt3dnet_ros.perception.over_time.memory import Memory
from mt3dnet_ros.perception.overlay import draw_attention, draw_overlay
from mt3dnet_ros.perception.plan import plan_stages
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox, normalize
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, Cloud, Scene
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.taxonomy import taxonomy_of_network
from mt3dnet_ros.perception.visible_area import find_visible_area

STAGES = ('preprocess', 'network', 'postprocess', 'overlay', 'cloud')


class PerceptionError(MT3DNetError, ValueError):
    """A frame, or what is asked about it, cannot be worked on."""


class Perceiver:
    """Runs a network on frames and says what is seen, in the geometry of each frame's image.

    ``perceiver(frame, camera)`` does it all. Its two halves can be had apart: :meth:`run` for what the network says,
    :meth:`interpret` for what that shows.

    A network with saliency, and the smoothing of masks, remember the frames before, by their stamps: one perceiver then
    serves one stream.

    :param model: the network, with its configuration
    :param device: where it runs
    :param settings: may be replaced at any time, also from another thread; the next frame uses it
    :param back_end: what runs the network, a name of ``BACK_ENDS``
    :param input_size: height and width of the network's input, multiples of 32; None for what it was trained at
    :raises PerceptionError: when the input size is impossible
    :raises BackEndError: when the back end cannot run the network on the device
    :raises TaxonomyError: when the network's classes are not those of the taxonomy that it names
    """

    def __init__(
        self,
        model: MT3DNet,
        device: torch.device,
        settings: Settings | None = None,
        back_end: str = 'torch',
        input_size: tuple[int, int] | None = None,
    ) -> None:
        self.device = device
        self.settings = settings or Settings()
        self.taxonomy = taxonomy_of_network(model.config.taxonomy, model.config.classes)
        self.config = replace(model.config, classes=self.taxonomy.names)  # one spelling in every output
        self.input_size = _checked_size(input_size or self.config.input_size)
        self._network = make_back_end(back_end, model, device, self.input_size)
        self._memory = Memory()

    def __call__(
        self, frame: Frame | np.ndarray, camera: Camera | None = None, outputs: Set[str] = ALL_OUTPUTS
    ) -> Scene:
        """Perceive one frame.

        :param frame: or its image alone, (H, W, 3) uint8, red first; like any frame without a stamp it is then
            perceived by itself, without memory of those before
        :param camera: of the frame's image. Without it depth is that of a camera with the canonical focal length, there
            is no cloud, and positions are unknown
        :param outputs: what is wanted, of ``ALL_OUTPUTS``; all else stays None
        :raises PerceptionError: when the frame is not an image, the camera is of another size, or an output is unknown
        """
        _check_outputs(outputs)
        seen = self.run(frame, camera)
        scene = self.interpret(seen, camera, outputs)
        if scene.gaze is not None:
            scene.gaze = self._memory.gaze(scene.gaze, seen.frame.stamp, seen.settings.gaze_time_constant)
        return scene

    def run(self, frame: Frame | np.ndarray, camera: Camera | None = None) -> NetworkOutputs:
        """Run the network on the next frame of the stream.

        :param frame: or its image; see :meth:`__call__`
        :param camera: of the frame's image; where another one follows, a new stream begins; a zoom goes on
        :raises PerceptionError: when the frame is not an image, or the camera is of another size
        """
        frame = frame if isinstance(frame, Frame) else Frame(np.asarray(frame))
        _check_frame(frame, camera)
        settings, timings = self.settings, dict.fromkeys(STAGES, 0.0)
        if remembers(self.config) or settings.mask_time_constant:
            self._memory.advance(frame, camera, settings.saliency_reset_gap)
        letterbox = Letterbox(frame.size, self.input_size)
        with _timed(timings, 'preprocess'):
            content = letterbox.forward(frame.rgb)
            images = normalize(content, self.input_size, self.config.mean, self.config.std).to(self.device)
        with _timed(timings, 'network'):
            prediction = self._predict(images)
        with _timed(timings, 'postprocess'):
            prediction = self._memory.masks(prediction, content, letterbox, frame.stamp, settings.mask_time_constant)
        return NetworkOutputs(frame, letterbox, prediction, settings, timings)

    def interpret(self, seen: NetworkOutputs, camera: Camera | None = None, outputs: Set[str] = ALL_OUTPUTS) -> Scene:
        """Say what the network's outputs show; nothing is remembered, so that the gaze is not smoothed.

        :param camera: of the frame's image; see :meth:`__call__`, also for ``outputs``
        :raises PerceptionError: when the camera is of another size, or an output is unknown
        """
        _check_frame(seen.frame, camera)
        _check_outputs(outputs)
        rgb, settings, timings = seen.frame.rgb, seen.settings, dict(seen.timings)
        plan = plan_stages(outputs, camera is not None, settings.overlay_saliency)
        with _timed(timings, 'postprocess'):
            visible = find_visible_area(rgb)
            shown = Interpretation(seen.prediction, seen.letterbox, camera, self.config, settings, visible)
            found: dict[str, Any] = {name: getattr(shown, name) for name in sorted(plan.interpreted)}
        shown_outputs = {name: found[name] for name in outputs & found.keys()}
        scene = Scene(**shown_outputs, timings=timings, camera=camera, wanted=frozenset(outputs))
        if plan.overlay:
            with _timed(timings, 'overlay'):
                scene.overlay = self._draw(rgb, found, settings.overlay_opacity, plan.attention)
        if plan.cloud and camera is not None:
            with _timed(timings, 'cloud'):
                scene.cloud = _make_cloud(camera, found['depth'], found['labels'], rgb, settings.stride)
        return scene

    def warm_up(self, size: tuple[int, int], camera: Camera | None = None) -> None:
        """Perceive a black image twice, so that the first real one is not slow.

        :param size: height and width of the images to come
        """
        frame = Frame(np.zeros((*size, 3), np.uint8))
        for _ in range(2):
            self(frame, camera)

    @property
    def resets(self) -> int:
        """How often what was remembered of a stream was forgotten."""
        return self._memory.resets

    def reset(self) -> None:
        """Forget the frames before; the next one begins a stream."""
        self._memory.forget()

    def _predict(self, images: torch.Tensor) -> Prediction:
        state = self._memory.state
        prediction = self._network(images) if state is None else self._network(images, state)
        self._memory.keep(prediction.state)
        if self.device.type == 'cuda':
            torch.cuda.synchronize(self.device)  # so that the time is counted where it is spent
        return prediction

    def _draw(self, rgb: np.ndarray, found: Mapping[str, Any], opacity: float, attention: bool) -> np.ndarray:
        overlay = draw_overlay(rgb, found['labels'], found['instances'], found['detections'], self.taxonomy, opacity)
        if attention and found['saliency'] is not None:
            draw_attention(overlay, found['saliency'], found['scanpath'])
        return overlay


def _checked_size(size: tuple[int, int]) -> tuple[int, int]:
    height, width = size
    if not is_input_size(size):
        raise PerceptionError(f'network input of {width}x{height} must be of positive multiples of {INPUT_MULTIPLE}')
    return size


def _check_frame(frame: Frame, camera: Camera | None) -> None:
    rgb = frame.rgb
    if not isinstance(rgb, np.ndarray) or rgb.dtype == object:
        raise PerceptionError('frame is no image; read the file first (cv2.imread returns None where it cannot)')
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        shape = 'x'.join(map(str, rgb.shape))
        raise PerceptionError(
            f'frame is a {shape} array of {rgb.dtype}; it must be (height, width, 3) uint8 and not empty'
        )
    if camera is not None and (camera.height, camera.width) != frame.size:
        raise PerceptionError(
            f'camera of {camera.width}x{camera.height} pixels does not fit the frame of '
            f'{frame.size[1]}x{frame.size[0]}; use Camera.resized'
        )


def _check_outputs(outputs: Set[str]) -> None:
    if isinstance(outputs, str):
        raise PerceptionError(f"outputs must be a set of names, such as {{'{outputs}'}}")
    if unknown := set(outputs) - ALL_OUTPUTS:
        raise PerceptionError(f'outputs {sorted(unknown)} are unknown (known: {", ".join(sorted(ALL_OUTPUTS))})')


def _make_cloud(camera: Camera, depth: np.ndarray, labels: np.ndarray, rgb: np.ndarray, stride: int) -> Cloud:
    sampled = slice(None, None, stride), slice(None, None, stride)
    return Cloud(
        unproject(camera, depth, stride), np.ascontiguousarray(rgb[sampled]), np.ascontiguousarray(labels[sampled])
    )


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[stage] += time.perf_counter() - start
