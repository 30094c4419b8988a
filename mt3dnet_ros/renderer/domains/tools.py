"""Which tools are in view, how they look and what they do; a file may leave ``handling`` and ``looks`` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mt3dnet_ros.renderer.domains import Colour, Range


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


@dataclass(frozen=True)
class Handling:
    """How tools meet each other and the tissue, and leave the view.

    :param crossing: probability that a tool passes closely over or under another one
    :param touching: probability that a tool presses the tissue, and ``press`` how deep in metres
    :param pulling: probability that a tool lifts tissue, and ``lift`` how far in metres
    :param reach: how far around a contact tissue gives way, metres
    :param leaving: probability that a tool of a sequence is drawn back out of the view and comes again, time after
        time, and ``away`` how long it stays away in seconds
    """

    crossing: float = 0.0
    touching: float = 0.0
    press: Range = (0.0005, 0.004)
    pulling: float = 0.0
    lift: Range = (0.003, 0.014)
    reach: Range = (0.005, 0.014)
    leaving: float = 0.0
    away: Range = (0.5, 3.0)


@dataclass(frozen=True)
class Looks:
    """Looks of tools beyond the finishes' ranges; all but the ranges are probabilities.

    :param primitive: that a tool is of simple shapes where there are meshes, too
    :param laparoscopic: that a tool of the class *other* is a rigid laparoscopic one
    :param disposable: that a tool of a class which has some is a large or disposable one: sealing devices, staplers,
        ultrasonic shears, fenestrated graspers, clip appliers, striped suction tubes
    :param sleeved: that a disposable tool's shaft comes out of a cannula in view, and ``cannulas`` that a tool of the
        class *other* is a cannula without a tool
    :param printed: of white print along a dark shaft, and ``print_weight`` the width of its strokes, in letter heights
    :param banded: of rings in other colours around a shaft
    :param white_shafts: of a white shaft, ``chromed_shafts`` of a bright mirror, ``coloured_shafts`` of blue or
        green plastic and ``stained_shafts`` of a brownish one, as in tissue's light
    :param pale: of a pale shaft of a disposable tool: cream, white, grey or bluish
    :param bloody: that blood sticks to a tool in patches, and ``blood_cover`` how much of its jaws they cover
    :param insulated: that jaws have dark insulation: hand-held tools always have this chance, wristed ones a quarter
    :param polished: that wrist and jaws are chromed, with dark slits
    :param sheen: reflections of the surroundings in plastic, which keep their colour
    :param tissue_glow: how much the surroundings that tools reflect take the tissue's colour, in [0, 1]
    """

    primitive: float = 0.0
    laparoscopic: float = 0.0
    disposable: float = 0.0
    sleeved: float = 0.0
    cannulas: float = 0.0
    printed: float = 0.0
    print_weight: Range = (0.125, 0.125)
    banded: float = 0.0
    white_shafts: float = 0.0
    chromed_shafts: float = 0.0
    coloured_shafts: float = 0.0
    stained_shafts: float = 0.0
    pale: float = 0.0
    bloody: float = 0.0
    blood_cover: Range = (0.05, 0.6)
    insulated: float = 0.0
    polished: float = 0.0
    sheen: Range = (0.0, 0.0)
    tissue_glow: Range = (0.0, 0.0)
