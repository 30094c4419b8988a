"""The shape and the look of tissue; a file may leave ``flesh`` out, it is then off."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.renderer.domains import Count, Range


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
    organs: Count
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
class Flesh:
    """Anatomical tissue in place of plain palettes; see ``palettes.py`` for its kinds.

    :param share: probability that a scene's tissue is anatomical
    :param regions: least and largest number of kinds that grow side by side in the field
    :param relief: factor on each kind's own fine relief
    :param wetness: factor on highlights, log-uniform: from dry to dripping
    :param blood: probability of blood pools, and ``char`` of burnt spots
    :param bleached: probability of white patches: fascia, scars, what heat has cooked
    :param glaring: probability of patches that glare, ``glare`` how many times the tissue's highlights
    :param cavity: probability of a deep recess in the field, and ``cavity_depth`` its depth in metres
    :param ridge: probability of steep folds, and ``ridge_height`` their height in metres
    :param fat: probability of lumps of fat, ``fat_count`` their number and ``fat_radius`` their size in metres
    :param organs: probability of an organ from a mesh, where there are meshes
    """

    share: float = 0.0
    regions: Count = (1, 3)
    relief: Range = (0.5, 1.5)
    wetness: Range = (0.3, 3.0)
    blood: float = 0.0
    char: float = 0.0
    bleached: float = 0.0
    glaring: float = 0.0
    glare: Range = (3.0, 12.0)
    cavity: float = 0.0
    cavity_depth: Range = (0.02, 0.07)
    ridge: float = 0.0
    ridge_height: Range = (0.003, 0.012)
    fat: float = 0.0
    fat_count: Count = (1, 3)
    fat_radius: Range = (0.006, 0.022)
    organs: float = 0.0
