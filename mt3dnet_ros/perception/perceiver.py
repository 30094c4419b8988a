"""One frame in, one scene out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.unproject import unproject
from mt3dnet_ros.models.mt3dnet import MT3DNet, Prediction
from mt3dnet_ros.perception.back_ends.back_end import make_back_end
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.over_time.memory import Memory
from mt3dnet_ros.perception.overlay import draw_attention, draw_overlay
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox, normalize
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, Cloud, Scene
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.perception.view import find_view

INPUT_MULTIPLE = 32  # pixels; the stride of the network's coarsest stage
STAGES = ('preprocess', 'network', 'postprocess', 'overlay', 'cloud')
_READ_BY_OVERLAY = frozenset({'labels', 'instances', 'detections'})
_READ_BY_ATTENTION = frozenset({'saliency', 'scanpath'})
_READ_BY_CLOUD = frozenset({'labels', 'depth'})


class PerceptionError(MT3DNetError, ValueError):
    """A frame, or what is asked about it, cannot be worked on."""


class Perceiver:
    """Runs a network on frames and says what is seen, in the geometry of each frame's image.

    A network with saliency, and the smoothing of masks, remember the frames before, by their stamps: one perceiver then
    serves one stream.

    :param model: the network, with its configuration
    :param device: where it runs
    :param settings: may be replaced at any time, also from another thread; the next frame uses it
    :param back_end: what runs the network, a name of ``backends.BACK_ENDS``
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
        self.taxonomy = load_taxonomy(model.config.taxonomy)
        self.taxonomy.require_names(model.config.classes)
        self.config = replace(model.config, classes=self.taxonomy.names)  # one spelling in every output
        self._input_size = _checked_size(input_size or self.config.input_size)
        self._network = make_back_end(back_end, model, device, self._input_size)
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
        frame = frame if isinstance(frame, Frame) else Frame(np.asarray(frame))
        _check(frame, camera, outputs)
        settings = self.settings
        scene = Scene(timings=dict.fromkeys(STAGES, 0.0), camera=camera, wanted=frozenset(outputs))
        if self.config.saliency or settings.mask_time_constant:
            self._memory.meet(frame, camera, settings.saliency_reset_gap)
        letterbox = Letterbox(frame.size, self._input_size)
        with _timed(scene, 'preprocess'):
            content = letterbox.forward(frame.rgb)
            images = normalize(content, self._input_size, self.config.mean, self.config.std).to(self.device)
        with _timed(scene, 'network'):
            prediction = self._run(images)
        with _timed(scene, 'postprocess'):
            prediction = self._memory.masks(prediction, content, letterbox, frame.stamp, settings.mask_time_constant)
            seen = Interpretation(prediction, letterbox, camera, self.config, settings, find_view(frame.rgb))
            _read(seen, scene, outputs, camera, settings)
            if scene.gaze is not None:
                scene.gaze = self._memory.gaze(scene.gaze, frame.stamp, settings.gaze_time_constant)
        if 'overlay' in outputs:
            with _timed(scene, 'overlay'):
                scene.overlay = self._draw(frame, seen, settings)
        if 'cloud' in outputs and camera is not None:
            with _timed(scene, 'cloud'):
                scene.cloud = _make_cloud(camera, seen, frame.rgb, settings.stride)
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

    def _run(self, images: torch.Tensor) -> Prediction:
        state = self._memory.state
        prediction = self._network(images) if state is None else self._network(images, state)
        self._memory.keep(prediction.state)
        if self.device.type == 'cuda':
            torch.cuda.synchronize(self.device)  # so that the time is counted where it is spent
        return prediction

    def _draw(self, frame: Frame, seen: Interpretation, settings: Settings) -> np.ndarray:
        overlay = draw_overlay(
            frame.rgb, seen.labels, seen.instances, seen.detections, self.taxonomy, settings.overlay_opacity
        )
        if settings.overlay_saliency and seen.saliency is not None and seen.scanpath is not None:
            draw_attention(overlay, seen.saliency, seen.scanpath)
        return overlay


def _checked_size(size: tuple[int, int]) -> tuple[int, int]:
    height, width = size
    if min(size) < INPUT_MULTIPLE or height % INPUT_MULTIPLE or width % INPUT_MULTIPLE:
        raise PerceptionError(f'network input of {width}x{height} must be of positive multiples of {INPUT_MULTIPLE}')
    return size


def _check(frame: Frame, camera: Camera | None, outputs: Set[str]) -> None:
    rgb = frame.rgb
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
    if unknown := set(outputs) - ALL_OUTPUTS:
        raise PerceptionError(f'outputs {sorted(unknown)} are unknown (known: {", ".join(sorted(ALL_OUTPUTS))})')


def _read(seen: Interpretation, scene: Scene, outputs: Set[str], camera: Camera | None, settings: Settings) -> None:
    """Fill what is wanted into the scene, and compute what the overlay and the cloud are made of."""
    wanted = outputs - {'overlay', 'cloud'}
    for name in wanted:
        setattr(scene, name, getattr(seen, name))
    if 'overlay' in outputs:
        wanted |= _READ_BY_OVERLAY | (_READ_BY_ATTENTION if settings.overlay_saliency else frozenset())
    if 'cloud' in outputs and camera is not None:
        wanted |= _READ_BY_CLOUD
    for name in wanted:
        getattr(seen, name)


def _make_cloud(camera: Camera, seen: Interpretation, rgb: np.ndarray, stride: int) -> Cloud:
    sampled = slice(None, None, stride), slice(None, None, stride)
    return Cloud(
        unproject(camera, seen.depth, stride),
        np.ascontiguousarray(rgb[sampled]),
        np.ascontiguousarray(seen.labels[sampled]),
    )


@contextmanager
def _timed(scene: Scene, stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    scene.timings[stage] = time.perf_counter() - start
