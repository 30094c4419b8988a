"""A domain: everything that frames are drawn from. Lengths are metres, colours linear.

The first groups have to be in a domain's file. The others are off where a file leaves them out, and draw from random
streams of their own: one that is switched on leaves the rest of a scene as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mt3dnet_ros.renderer.domains import Count, Range
from mt3dnet_ros.renderer.domains.bench import Bench
from mt3dnet_ros.renderer.domains.camera_effects import CameraEffects
from mt3dnet_ros.renderer.domains.tissue import Flesh, Ground, Skin
from mt3dnet_ros.renderer.domains.tools import Finishes, Handling, Looks, Tools


@dataclass(frozen=True)
class Optics:
    """The ideal camera, a pinhole.

    :param focal_per_width: focal length in image widths
    :param centre_x: offset of the principal point from the middle, in image widths
    :param centre_y: the same in image heights
    """

    focal_per_width: Range
    centre_x: Range
    centre_y: Range


@dataclass(frozen=True)
class Lights:
    """The endoscope's light.

    :param falloff: exponent of the fall of light with distance, 2 for a point
    :param ambient: light that shadows keep, in [0, 1]
    :param offset: distance of an outlet from the lens, metres
    :param gloss: Blinn-Phong exponent of wet tissue
    :param shine: strength of highlights on tissue
    :param surroundings: brightness of what metal reflects
    """

    falloff: Range
    ambient: Range
    offset: Range
    gloss: Range
    shine: Range
    surroundings: Range


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
    clip_count: Count = (1, 4)
    strands: float = 0.0
    strand_count: Count = (1, 4)


@dataclass(frozen=True)
class Domain:
    """Everything that frames are drawn from."""

    optics: Optics
    ground: Ground
    skin: Skin
    tools: Tools
    finishes: Finishes
    lights: Lights
    flesh: Flesh = field(default_factory=Flesh)
    contents: Contents = field(default_factory=Contents)
    handling: Handling = field(default_factory=Handling)
    looks: Looks = field(default_factory=Looks)
    bench: Bench = field(default_factory=Bench)
    camera: CameraEffects = field(default_factory=CameraEffects)
