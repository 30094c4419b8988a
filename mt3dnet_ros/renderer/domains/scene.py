"""What a renderer may put before the camera beyond bare tissue and tools; as it stands here, nothing of it is drawn.

Each group draws from random streams of its own: one that is switched on leaves the rest of a scene as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Flesh:
    """Anatomical tissue in place of plain palettes; see ``flesh_kinds.py`` for its kinds.

    :param share: probability that a scene's tissue is anatomical
    :param regions: least and largest number of kinds that grow side by side in the field
    :param relief: factor on each kind's own fine relief
    :param wetness: factor on highlights, log-uniform: from dry to dripping
    :param blood: probability of blood pools, and ``char`` of burnt spots
    :param cavity: probability of a deep recess in the field, and ``cavity_depth`` its depth in metres
    :param ridge: probability of steep folds, and ``ridge_height`` their height in metres
    :param fat: probability of lumps of fat, ``fat_count`` their number and ``fat_radius`` their size in metres
    :param organs: probability of an organ from a mesh, where there are meshes
    """

    share: float = 0.0
    regions: tuple[int, int] = (1, 3)
    relief: Range = (0.5, 1.5)
    wetness: Range = (0.3, 3.0)
    blood: float = 0.0
    char: float = 0.0
    cavity: float = 0.0
    cavity_depth: Range = (0.02, 0.07)
    ridge: float = 0.0
    ridge_height: Range = (0.003, 0.012)
    fat: float = 0.0
    fat_count: tuple[int, int] = (1, 3)
    fat_radius: Range = (0.006, 0.022)
    organs: float = 0.0


@dataclass(frozen=True)
class Contents:
    """Things in the field that are neither tissue nor tools: background in types and parts, with their depth.

    All but the ranges are probabilities.

    :param needle: of a suture needle, held by a tool where one can, and ``needle_radius`` its arc's, metres
    :param thread: that a thread hangs on the needle, or lies about where there is none
    :param thread_radius: metres
    :param gauze: of a piece of gauze, and ``gauze_size`` its width in metres
    :param clips: of clips, and ``clip_count`` the least and largest number of them
    :param strands: of vessels and bands as geometry, and ``strand_count`` their number
    """

    needle: float = 0.0
    needle_radius: Range = (0.004, 0.013)
    thread: float = 0.0
    thread_radius: Range = (0.00012, 0.0004)
    gauze: float = 0.0
    gauze_size: Range = (0.015, 0.05)
    clips: float = 0.0
    clip_count: tuple[int, int] = (1, 4)
    strands: float = 0.0
    strand_count: tuple[int, int] = (1, 4)


@dataclass(frozen=True)
class Handling:
    """How tools meet each other and the tissue.

    :param crossing: probability that a tool passes closely over or under another one
    :param touching: probability that a tool presses the tissue, and ``press`` how deep in metres
    :param pulling: probability that a tool lifts tissue, and ``lift`` how far in metres
    :param reach: how far around a contact tissue gives way, metres
    """

    crossing: float = 0.0
    touching: float = 0.0
    press: Range = (0.0005, 0.004)
    pulling: float = 0.0
    lift: Range = (0.003, 0.014)
    reach: Range = (0.005, 0.014)


@dataclass(frozen=True)
class Looks:
    """Looks of tools beyond the finishes' ranges; all but the ranges are probabilities.

    :param primitive: that a tool is of simple shapes where there are meshes, too
    :param laparoscopic: that a tool of the class *other* is a rigid laparoscopic one
    :param printed: of white print along a dark shaft, and ``print_weight`` the width of its strokes, in letter heights
    :param banded: of rings in other colours around a shaft
    :param white_shafts: of a white shaft, ``chromed_shafts`` of a bright mirror, ``coloured_shafts`` of blue or
        green plastic and ``stained_shafts`` of a brownish one, as in tissue's light
    :param insulated: that jaws wear dark insulation: hand-held tools always have this chance, wristed ones a quarter
    :param polished: that wrist and jaws are chromed, with dark slits
    :param sheen: reflections of the surroundings in plastic, which keep their colour
    :param tissue_glow: how much the surroundings that tools reflect take the tissue's colour, in [0, 1]
    """

    primitive: float = 0.0
    laparoscopic: float = 0.0
    printed: float = 0.0
    print_weight: Range = (0.125, 0.125)
    banded: float = 0.0
    white_shafts: float = 0.0
    chromed_shafts: float = 0.0
    coloured_shafts: float = 0.0
    stained_shafts: float = 0.0
    insulated: float = 0.0
    polished: float = 0.0
    sheen: Range = (0.0, 0.0)
    tissue_glow: Range = (0.0, 0.0)
