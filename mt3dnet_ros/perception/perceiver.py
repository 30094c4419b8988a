"""One frame in, one scene out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import Any

import numpy as np

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.back_ends.back_end import BackEnd
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.instruments.naming import naming
from mt3dnet_ros.perception.known_view.silence import silenced
from mt3dnet_ros.perception.known_view.verdict import judge_view
from mt3dnet_ros.perception.network_outputs import NetworkOutputs
from mt3dnet_ros.perception.over_time.memory import Memory
from mt3dnet_ros.perception.over_time.repetition import FrozenPicture
from mt3dnet_ros.perception.over_time.steady_box import SteadyBox
from mt3dnet_ros.perception.overlay import draw_attention, draw_instruments, draw_notice
from mt3dnet_ros.perception.plan import plan_stages
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import MAP_STRIDE, Letterbox, easily_halved
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.scale.evidence import NO_EVIDENCE, Evidence
from mt3dnet_ros.perception.scale.measure import ScaleMeasure
from mt3dnet_ros.perception.scale.sources import make_estimators
from mt3dnet_ros.perception.scale.view import ScaleView
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, UNKNOWN, Scene, Tracks
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.stopwatch import Stopwatch
from mt3dnet_ros.perception.taxonomy import taxonomy_of_network
from mt3dnet_ros.perception.tracks.tracker import Tracker
from mt3dnet_ros.perception.tracks.view import InstrumentView

FROZEN = 'the picture stands still'
_NO_ATTENTION = {'scanpath': (), 'gaze': UNKNOWN}
STAGES = ('preprocess', 'network', 'postprocess', 'scale', 'tracks', 'overlay', 'cloud')


class PerceptionError(MT3DNetError, ValueError):
    """A frame, or what is asked about it, cannot be worked on."""


class Perceiver:
    """Runs a network on frames and says what is seen, in the geometry of each frame's image.

    ``perceiver(frame, camera)`` does it all. Its two halves can be had apart: :meth:`run` for what the network says,
    :meth:`interpret` for what that shows.

    Where a picture is blank, or no view that the network knows, there is nothing here: no instrument, no depth, no
    gaze; ``Scene.nothing`` says why. Where the same picture is repeated there is no gaze either: ``Scene.frozen``.

    Tracks, a network with saliency, and the smoothing of masks remember the frames before, by their stamps: one
    perceiver serves one stream.

    :param back_end: what runs the network, and knows its configuration
    :param settings: may be replaced at any time, also from another thread; the next frame uses it
    :raises TaxonomyError: when the network's classes are not those of the taxonomy that it names
    """

    def __init__(self, back_end: BackEnd, settings: Settings | None = None) -> None:
        self.back_end = back_end
        self.settings = settings or Settings()
        self.taxonomy = taxonomy_of_network(back_end.config.taxonomy, back_end.config.classes)
        self.config = replace(back_end.config, classes=self.taxonomy.names)  # one spelling in every output
        self.input_size = back_end.input_size
        self._palette = self.taxonomy.palette()
        self._box = SteadyBox()
        deviations = self.config.scale_deviation, self.config.shape_deviation
        self._scale = ScaleMeasure(make_estimators(self.taxonomy), *deviations)
        self._frozen = FrozenPicture()
        self._tracker = Tracker(self.config.classes)
        self._memory = Memory(self._box.forget, self._scale.forget, self._frozen.forget, self._tracker.forget)
        self._guess = DepthScale(deviation=deviations[0], shape_deviation=deviations[1])
        self._last_shown: tuple[NetworkOutputs, Camera | None, Interpretation] | None = None
        self._last_scaled: tuple[Interpretation, DepthScale, Interpretation] | None = None

    def __call__(
        self,
        frame: Frame | np.ndarray,
        camera: Camera | None = None,
        outputs: Set[str] = ALL_OUTPUTS,
        evidence: Evidence | Callable[[], Evidence] = NO_EVIDENCE,
    ) -> Scene:
        """Perceive one frame.

        :param frame: or its image alone, (H, W, 3) uint8, red first; like any frame without a stamp it is then
            perceived by itself, without memory of those before
        :param camera: of the frame's image. Without it depth is that of a camera with the canonical focal length, there
            is no cloud, and positions are unknown
        :param outputs: what is wanted, of ``ALL_OUTPUTS``; all else stays None
        :param evidence: what is known beside the frame, from which the scale of its depth follows; or a function that
            returns it, which is called once the network has run, and only where the scale is asked for
        :raises PerceptionError: when the frame is not an image, the camera is of another size, or an output is unknown
        """
        _check_outputs(outputs)
        seen = self.run(frame, camera)
        plan = plan_stages(outputs, camera is not None, seen.settings.overlay_saliency)
        scale = self.measure(seen, camera, evidence) if plan.scale else None
        tracks = self.track(seen, camera, scale) if plan.tracks else None
        scene = self.interpret(seen, camera, outputs, scale, tracks)
        self._last_shown = self._last_scaled = None  # which hold all that was drawn
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
        settings, watch = self.settings, Stopwatch(STAGES)
        self._memory.advance(frame, camera, settings.saliency_reset_gap)
        with watch.stage('preprocess'):
            visible = frame.visible
            box = self._box(visible.box, frame.size, frame.stamp)
            letterbox = Letterbox(frame.size, self.input_size, easily_halved(box, frame.size, self.input_size))
            canvas = self.back_end.canvas(letterbox, frame.rgb, visible)
            images = canvas.normalized(self.config.mean, self.config.std)
        with watch.stage('network'):
            prediction = self.back_end(images, self._memory.state)
        with watch.stage('postprocess'):
            verdict = judge_view(frame.samples, prediction.view, self.config.view_line, settings.view_threshold)
            if verdict.nothing:
                self._memory.skip()
            else:
                self._memory.keep(prediction.state)
                prediction = self._memory.masks(prediction, canvas, frame.stamp, settings.mask_time_constant)
            repeated = self._frozen(frame)
        return NetworkOutputs(frame, letterbox, canvas, prediction, verdict, settings, watch, repeated)

    def measure(
        self,
        seen: NetworkOutputs,
        camera: Camera | None = None,
        evidence: Evidence | Callable[[], Evidence] = NO_EVIDENCE,
    ) -> DepthScale:
        """Return the scale of the depth of the stream's next frame, as the one that :meth:`run` has returned.

        Without a camera, or where there is nothing here, nothing tells it.

        :param camera: of the frame's image; see :meth:`__call__`, also for ``evidence``
        """
        if camera is None or seen.verdict.nothing:
            return self._guess
        with seen.stopwatch.stage('scale'):
            return self._scale(self.scale_view(seen, camera, evidence() if callable(evidence) else evidence))

    def scale_view(self, seen: NetworkOutputs, camera: Camera, evidence: Evidence = NO_EVIDENCE) -> ScaleView:
        """Return what the sources of scale look at in a frame, as :meth:`run` has returned it."""
        shown = self._interpretation(seen, camera)
        deviation = self.config.tool_deviation
        watch = seen.stopwatch
        return ScaleView(seen.frame, camera, seen.letterbox, shown, seen.settings, evidence, deviation, watch)

    def track(self, seen: NetworkOutputs, camera: Camera | None = None, scale: DepthScale | None = None) -> Tracks:
        """Follow the instruments to the stream's next frame, as :meth:`run` has returned it.

        :param camera: of the frame's image; see :meth:`__call__`
        :param scale: of its depth, as :meth:`measure` says; without one, or without a camera, tips are not followed
        """
        settings, watch = seen.settings, seen.stopwatch
        with watch.stage('postprocess'):
            shown = self._scaled(seen, camera, scale)
            view = InstrumentView(shown.detections, shown.cell_instances, shown.cell_parts, seen.canvas.coarse)
            if camera is not None and scale is not None:
                view = replace(view, cell_angle=MAP_STRIDE / seen.letterbox.focal(camera))
        with watch.stage('tracks'):
            called = naming(self.config.classes, settings.type_threshold)
            return self._tracker(view, seen.frame.stamp, settings.track_memory, called)

    def interpret(
        self,
        seen: NetworkOutputs,
        camera: Camera | None = None,
        outputs: Set[str] = ALL_OUTPUTS,
        scale: DepthScale | None = None,
        tracks: Tracks | None = None,
    ) -> Scene:
        """Say what the network's outputs show; nothing is remembered, so that the gaze is not smoothed.

        :param camera: of the frame's image; see :meth:`__call__`, also for ``outputs``
        :param scale: of the depth, as :meth:`measure` says; None for the network's own guess
        :param tracks: by which instruments are called, as :meth:`track` says; None calls them by this frame alone
        :raises PerceptionError: when the camera is of another size, or an output is unknown
        """
        _check_frame(seen.frame, camera)
        _check_outputs(outputs)
        settings, watch = seen.settings, Stopwatch.going_on(seen.timings)
        plan = plan_stages(outputs, camera is not None, settings.overlay_saliency)
        with watch.stage('postprocess'):
            verdict = seen.verdict
            shown = self._scaled(seen, camera, scale)
            shown = shown if tracks is None else shown.named_by(tracks)
            shown.begin(plan.interpreted | (outputs & {'cloud'}), self._palette if plan.overlay else None)
            found: dict[str, Any] = {name: getattr(shown, name) for name in sorted(plan.interpreted)}
            if verdict.nothing and 'confidence' in found:
                found['confidence'] = np.zeros_like(found['confidence'])
            if seen.is_frozen:
                found |= {name: value for name, value in _NO_ATTENTION.items() if found.get(name) is not None}
        shown_outputs = {name: found[name] for name in outputs & found.keys()}
        scene = Scene(**shown_outputs, timings=watch.seconds, camera=camera, wanted=frozenset(outputs))
        scene.view, scene.nothing, scene.frozen = verdict.probability, verdict.nothing, seen.is_frozen
        scene.scale = (scale or self._guess) if 'scale' in outputs else None
        scene.tracks = tracks if 'tracks' in outputs else None
        if plan.overlay:
            with watch.stage('overlay'):
                scene.overlay = self._draw(shown, found, plan.attention)
                if notice := verdict.nothing or (FROZEN if seen.is_frozen else ''):
                    draw_notice(scene.overlay, notice)
        if plan.cloud:
            with watch.stage('cloud'):
                scene.cloud = shown.cloud
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

    def _interpretation(self, seen: NetworkOutputs, camera: Camera | None) -> Interpretation:
        """Return what a frame shows by the network's own scale; asked again for the same frame, it is the same."""
        last = self._last_shown
        if last is None or last[0] is not seen or last[1] is not camera:
            prediction = silenced(seen.prediction) if seen.verdict.nothing else seen.prediction
            shown = Interpretation(prediction, seen.letterbox, camera, self.config, seen.settings, seen.canvas)
            last = self._last_shown = seen, camera, shown
        return last[2]

    def _scaled(self, seen: NetworkOutputs, camera: Camera | None, scale: DepthScale | None) -> Interpretation:
        """Return what a frame shows by a scale, None for the network's guess; asked again, it is the same."""
        shown, scale = self._interpretation(seen, camera), scale or self._guess
        last = self._last_scaled
        if last is None or last[0] is not shown or last[1] is not scale:
            last = self._last_scaled = shown, scale, shown.scaled(scale)
        return last[2]

    def _draw(self, shown: Interpretation, found: Mapping[str, Any], attention: bool) -> np.ndarray:
        overlay, colors = shown.tinted(self._palette), shown.colors(self._palette)
        draw_instruments(overlay, found['instances'], shown.windows, colors, found['detections'], self.taxonomy)
        if attention and found['saliency'] is not None:
            draw_attention(overlay, found['saliency'], found['scanpath'])
        return overlay


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
