"""From a frame to the scale of its depth."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.scale.estimator import ScaleEstimator
from mt3dnet_ros.perception.scale.filter import ScaleFilter
from mt3dnet_ros.perception.scale.held_shape import HeldShape
from mt3dnet_ros.perception.scale.instruments import ShaftAgainstEye, scales_of_measured
from mt3dnet_ros.perception.scale.observation import InstrumentScale, ScaleObservation, ShapeCorrection
from mt3dnet_ros.perception.scale.shaft_axis import ShaftAxis
from mt3dnet_ros.perception.scale.view import ScaleView

_CORRECTED = 0.1
"""Standard deviation of the logarithm of an instrument's depth that the second eye has corrected: instruments have less
texture than tissue, and more edges behind which only one eye sees. Judged on rendered pairs."""


class ScaleMeasure:
    """Asks every source for the scale of the frames of one stream, and fuses what they say.

    :param estimators: the sources
    :param network_deviation: of the logarithm of the network's own scale; NaN where unknown
    :param shape_deviation: likewise of a single depth of the network, once the frame's scale is right
    """

    def __init__(
        self, estimators: tuple[ScaleEstimator, ...], network_deviation: float, shape_deviation: float = 0.0
    ) -> None:
        self._estimators = estimators
        self._network_deviation = network_deviation
        self._shape_deviation = shape_deviation
        self._filter = ScaleFilter()
        self._shape = HeldShape()
        self._shaft_against_eye = ShaftAgainstEye()

    def __call__(self, view: ScaleView) -> DepthScale:
        """Return the scale of the next frame of the stream."""
        found = [item for estimator in self._estimators for item in estimator.observe(view)]
        scale = self._filter.update(found, view.frame.stamp, self._network_deviation)
        observations = [item for item in found if isinstance(item, ScaleObservation)]
        conflicts = self._shaft_against_eye(observations) if view.frame.stamp else ()
        scale = replace(scale, axes=_axes(observations), conflicts=(*scale.conflicts, *conflicts))
        doubted = 'shaft' if conflicts else ''
        believed = [item for item in self._filter.believed if item.source != doubted]
        instruments = scales_of_measured(believed, math.log(scale.factor))
        shape = self._shape(_shape(observations, scale), view, self._shape_deviation)
        if shape is not None:
            own = dict.fromkeys(_ids(view), InstrumentScale(0.0, math.hypot(scale.deviation, _CORRECTED)))
            return replace(scale, shape=shape.field, shape_deviation=shape.deviation, instruments=own)
        return replace(scale, instruments=instruments, shape_deviation=self._shape_deviation)

    def forget(self) -> None:
        """Forget the frames before: a new stream begins."""
        self._filter.forget()
        self._shape.forget()
        self._shaft_against_eye.forget()
        for estimator in self._estimators:
            estimator.forget()


def _axes(observations: list[ScaleObservation]) -> dict[int, ShaftAxis]:
    """Return the axes of shafts that were measured, by instance id."""
    return {item.instance_id: item.axis for item in observations if item.axis is not None}


def _ids(view: ScaleView) -> list[int]:
    return [instance_id for instance_id in np.unique(view.cell_instances).tolist() if instance_id]


def _shape(observations: list[ScaleObservation], scale: DepthScale) -> ShapeCorrection | None:
    """Return how the shape is corrected in a frame, where the scale rests on what says so."""
    supporting = {source.name for source in scale.sources}
    measured = (item for item in observations if item.source in supporting)
    return next((item.shape for item in measured if item.shape is not None), None)
