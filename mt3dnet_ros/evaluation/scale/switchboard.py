"""One run of the network, interpreted by every way of knowing the scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mt3dnet_ros.datasets.frames import FrameSet, LabelledFrame
from mt3dnet_ros.evaluation.order import FRAME_TIME, EvaluationStep
from mt3dnet_ros.evaluation.scale.evidence import FrameEvidence
from mt3dnet_ros.evaluation.scale.variants import ScaleVariant, variants_of
from mt3dnet_ros.perception.network_outputs import NetworkOutputs
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.scale.measure import ScaleMeasure
from mt3dnet_ros.perception.scale.sources import make_estimators
from mt3dnet_ros.perception.scale.view import ScaleView
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.settings import Settings

_SETTINGS = Settings(max_depth=math.inf)  # as perception is used, but for depth that is to be judged everywhere
_OUTPUTS = frozenset({'depth', 'detections', 'instances', 'scale'})


@dataclass(frozen=True)
class ScaledFrame:
    """What is seen in a frame where the scale is known in one way.

    :param scene: depth, detections, instances and the scale
    :param alone: the scale of a frame of a sequence by itself; None for a still, whose scale that is
    :param uncut: by one that nobody told where a sequence ends and the next begins; likewise
    """

    scene: Scene
    alone: DepthScale | None = None
    uncut: DepthScale | None = None

    @property
    def scale(self) -> DepthScale:
        """That of the scene."""
        assert self.scene.scale is not None
        return self.scene.scale


class ScaleSwitchboard:
    """Knows the scale of the frames of an evaluation in several ways at once.

    :param perceiver: that ran the network
    :param frames: of the data set
    :param switches: sources to switch on, of ``evaluation.scale.SWITCHES``
    """

    def __init__(self, perceiver: Perceiver, frames: FrameSet, switches: Sequence[str]) -> None:
        self._perceiver = perceiver
        self._evidence = FrameEvidence(frames)
        self._measures = [_Measures(perceiver, variant) for variant in variants_of(switches, self._evidence)]
        self._clock = 0

    @property
    def names(self) -> list[str]:
        """Of the ways."""
        return [measures.variant.name for measures in self._measures]

    def __call__(self, seen: NetworkOutputs, frame: LabelledFrame, step: EvaluationStep) -> dict[str, ScaledFrame]:
        """Return what is seen in the next frame, by the name of each way; nothing without a camera."""
        if frame.camera is None or seen.verdict.nothing:
            return {}
        self._clock += FRAME_TIME
        seen = replace(seen, settings=_SETTINGS)
        view = self._perceiver.scale_view(seen, frame.camera)
        view = replace(view, evidence=self._evidence(step, frame.instances, view.instances))
        scaled = {}
        for measures in self._measures:
            fused, alone, uncut = measures(view, step, self._clock)
            scene = self._perceiver.interpret(seen, frame.camera, _OUTPUTS, fused)
            scaled[measures.variant.name] = ScaledFrame(scene, alone, uncut)
        return scaled


class _Measures:
    """Of one way: a stream's, and of a sequence also that of single frames, and one that is told of no cut."""

    def __init__(self, perceiver: Perceiver, variant: ScaleVariant) -> None:
        self.variant = variant
        self._stream, self._alone, self._uncut = (_new_measure(perceiver) for _ in range(3))

    def __call__(
        self, view: ScaleView, step: EvaluationStep, clock: int
    ) -> tuple[DepthScale, DepthScale | None, DepthScale | None]:
        told = replace(view, settings=self.variant.applied_to(view.settings), evidence=self.variant.of(view.evidence))
        if not step.follows:
            self._stream.forget()
        fused = self._stream(told)
        if not step.stamp:
            return fused, None, None
        self._alone.forget()
        return fused, self._alone(stamped(told, 0)), self._uncut(stamped(told, clock))


def stamped(view: ScaleView, stamp: int) -> ScaleView:
    """Return a view of another time, evidence included."""
    right, tips = view.evidence.right, view.evidence.tips
    evidence = replace(
        view.evidence,
        right=right and replace(right, stamp=stamp),
        tips=tuple(replace(tip, stamp=stamp) for tip in tips),
    )
    return replace(view, frame=replace(view.frame, stamp=stamp), evidence=evidence)


def _new_measure(perceiver: Perceiver) -> ScaleMeasure:
    config = perceiver.config
    return ScaleMeasure(make_estimators(perceiver.taxonomy), config.scale_deviation, config.shape_deviation)
