"""Which tools a renderer may draw, and their plain look: metres and linear colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Range = tuple[float, float]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Tools:
    """Which tools are in view, and where.

    :param counts: relative frequency of each number of tools
    :param classes: relative frequency of each class id of the taxonomy endovis2018
    :param tip_spread: standard deviation of a tip from the middle of the view, in image widths and heights
    :param tip_lean: how far tips keep to the side that their shaft comes from, in image widths and heights
    :param tip_depth: distance of the tip from the lens, relative to that of the tissue
    :param port_reach: distance of a port from the optical axis, metres
    :param port_ahead: depth of a port, metres; negative behind the lens
    :param port_spread: standard deviation of a port's direction from left or right, radians
    :param wrist_bend: standard deviation of the wrist's angles, radians
    :param jaw_opening: share of the jaws' range
    """

    counts: Mapping[int, float]
    classes: Mapping[int, float]
    tip_spread: float
    tip_lean: float
    tip_depth: Range
    port_reach: Range
    port_ahead: Range
    port_spread: float
    wrist_bend: float
    jaw_opening: Range


@dataclass(frozen=True)
class Finishes:
    """The look of the tools.

    :param metal_grey: linear albedo of wrists and jaws, and ``metal_tint`` its deviation per channel
    :param shaft_grey: linear albedo of shafts, log-uniform
    :param shaft_blue: factor on the shafts' blue
    :param steel_shafts: probability of a shaft of bare steel
    :param metal_specular: strength of highlights on metal, and ``metal_gloss`` their Blinn-Phong exponent
    :param metal_mirror: strength of reflections in metal
    :param scratches: depth of marks, relative to the colour
    :param worn: probability of worn spots and printed marks
    :param metals: linear albedo of wrists and jaws of single class ids, in place of the ranges above
    :param shafts: the same of their shafts
    """

    metal_grey: Range
    metal_tint: float
    shaft_grey: Range
    shaft_blue: Range
    steel_shafts: float
    metal_specular: Range
    metal_gloss: Range
    metal_mirror: Range
    scratches: Range
    worn: float
    metals: Mapping[int, Colour] = field(default_factory=dict)
    shafts: Mapping[int, Colour] = field(default_factory=dict)
