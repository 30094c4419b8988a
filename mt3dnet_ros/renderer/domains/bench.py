"""What stands on the tables of robot labs; a file may leave it out, a scene is then one of tissue."""

from __future__ import annotations

from dataclasses import dataclass, field

from mt3dnet_ros.renderer.domains import Count, Range


@dataclass(frozen=True)
class Things:
    """Relative frequency of each kind of thing on a table; the kinds are those of ``bench/things.py``.

    :param blocks: of foam and silicone, ``organs`` of silicone and meat, ``bowls`` and dishes
    :param suture_pads: with printed lines and cuts, ``peg_boards`` with pegs and rings, ``rings`` and triangles alone
    :param boards: for calibration: checkerboards, markers, dots
    :param papers: printed sheets, cards and photographs, ``cloths`` folded or crumpled
    :param hands: bare or gloved
    :param cables: cables, tubing and cords, ``threads`` thin ones and needles
    :param buttons: emergency stops and other switches, ``boxes`` with and without print, ``screws`` and small parts
    :param containers: bottles, cups, cans, caps, rolls, ``pens`` and sticks, ``scraps`` of any shape and colour
    """

    blocks: float = 1.0
    organs: float = 1.0
    bowls: float = 1.0
    suture_pads: float = 1.0
    peg_boards: float = 1.0
    rings: float = 1.0
    boards: float = 1.3
    papers: float = 1.0
    cloths: float = 1.0
    hands: float = 1.5
    cables: float = 1.0
    threads: float = 1.0
    buttons: float = 1.0
    boxes: float = 1.0
    screws: float = 1.0
    containers: float = 1.0
    pens: float = 1.0
    scraps: float = 1.0


@dataclass(frozen=True)
class Bench:
    """A table in a room, in place of tissue.

    :param share: probability of a table; the keys of tissue have then no effect but ``ground.distance``, which is that
        of the table where the optical axis meets it
    :param tilt: angle between the optical axis and the table's normal, radians; how much of it a near camera has is
        in ``bench/table.py``
    :param rolled: probability that the camera is turned by any angle about its axis; else it is nearly upright
    :param table_size: half the length of a table's sides, metres
    :param cloth: probability that a cloth covers the table; ``folds`` the height of its folds in metres
    :param draped: probability that the surface bulges, as that of a body under a drape
    :param bare_room: probability that there is no table in view at all
    :param wall: distance of the room's wall, metres
    :param clutter: least and largest number of things that stand in the room
    :param things: least and largest number of things on the table
    :param kinds: which
    :param room_light: probability of the room's light, ``both_lights`` of the endoscope's, too; else that alone
    :param ambient: light that shadows keep under the room's light, in [0, 1]
    :param known_depth: beyond this depth, labels say that it is unknown, metres
    """

    share: float = 0.0
    tilt: Range = (0.0, 1.3)
    rolled: float = 0.2
    table_size: Range = (0.12, 0.6)
    cloth: float = 0.5
    folds: Range = (0.0, 0.012)
    draped: float = 0.2
    bare_room: float = 0.08
    wall: Range = (0.5, 3.0)
    clutter: Count = (0, 10)
    things: Count = (0, 9)
    kinds: Things = field(default_factory=Things)
    room_light: float = 0.5
    both_lights: float = 0.15
    ambient: Range = (0.3, 0.85)
    known_depth: float = 0.45
