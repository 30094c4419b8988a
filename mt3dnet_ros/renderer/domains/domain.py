"""What a renderer may draw: every range that makes rendered frames easy or hard, metres and linear colours.

Its groups stand here, in ``tools.py``, and those that a domain may leave out in ``scene.py`` and
``camera_effects.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mt3dnet_ros.renderer.domains.camera_effects import CameraEffects
from mt3dnet_ros.renderer.domains.scene import Contents, Flesh, Handling, Looks
from mt3dnet_ros.renderer.domains.tools import Finishes, Tools

Range = tuple[float, float]


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
class Ground:
    """The shape of the tissue.

    :param distance: of its middle from the lens, metres, log-uniform
    :param tilt_x: slope of depth from left to right
    :param tilt_y: slope of depth from top to bottom
    :param relief: standard deviation of the height, metres
    :param relief_wavelength: size of its largest features, metres
    :param fold_height: metres
    :param fold_spacing: metres
    :param organs: least and largest number of bulging organs
    :param organ_radius: half axes, metres
    """

    distance: Range
    tilt_x: Range
    tilt_y: Range
    relief: Range
    relief_wavelength: Range
    fold_height: Range
    fold_spacing: Range
    organs: tuple[int, int]
    organ_radius: Range


@dataclass(frozen=True)
class Skin:
    """The look of the tissue.

    :param texture_size: width of a texture, metres
    :param mottling: size of its largest patches of colour, metres
    :param vessel_spacing: metres
    :param vessel_width: metres
    :param vessel_contrast: in [0, 1]
    :param patches: probability that a second tissue grows in patches
    :param brightness: factor on the colour, per channel
    :param bump_height: standard deviation of bumps of 4 mm, metres; those of 0.8 mm are a tenth as high
    :param photographs: probability of a real photograph as texture, where one is at hand
    """

    texture_size: Range
    mottling: Range
    vessel_spacing: Range
    vessel_width: Range
    vessel_contrast: Range
    patches: float
    brightness: Range
    bump_height: Range
    photographs: float


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
    camera: CameraEffects = field(default_factory=CameraEffects)
