"""Where an instrument's shaft is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShaftAxis:
    """The axis of an instrument's shaft, from the edges of its silhouette: a pose of four degrees of freedom.

    :param point: of the axis, where it passes nearest to the middle of the visible shaft, metres, optical frame
    :param direction: unit vector along it, towards the tip
    :param deviation: standard deviation of the point across the axis and in depth, metres
    :param angle_deviation: of the direction, radians
    :param diameter: of the shaft, by which it was measured, metres
    """

    point: tuple[float, float, float]
    direction: tuple[float, float, float]
    deviation: float
    angle_deviation: float
    diameter: float
