"""The scale of depth to a message and back."""

from __future__ import annotations

from std_msgs.msg import Header

from mt3dnet_ros import msg
from mt3dnet_ros.perception.scale.depth_scale import DepthScale, SupportingSource


def fill_depth_scale(scale: DepthScale, header: Header) -> msg.DepthScale:
    """Return the scale of one image's depth as a message."""
    lower, upper = scale.interval
    return msg.DepthScale(
        header=header,
        factor=float(scale.factor),
        deviation=float(scale.deviation),
        lower=float(lower),
        upper=float(upper),
        shape_deviation=float(scale.shape_deviation),
        guess=scale.is_guess,
        corrects_shape=scale.shape is not None,
        sources=[source.name for source in scale.sources],
        measured=[source.of for source in scale.sources],
        factors=[source.factor for source in scale.sources],
        deviations=[source.deviation for source in scale.sources],
        ages=[source.age for source in scale.sources],
        conflicts=list(scale.conflicts),
    )


def read_depth_scale(message: msg.DepthScale) -> DepthScale:
    """Return the scale of a message; what is rejected, and the field of the shape, are not in it."""
    said = zip(message.sources, message.factors, message.deviations, message.ages, message.measured, strict=False)
    return DepthScale(
        message.factor,
        message.deviation,
        tuple(SupportingSource(*source) for source in said),
        tuple(message.conflicts),
        shape_deviation=message.shape_deviation,
    )
