"""What a real camera does to a picture; every effect is off unless a domain says otherwise.

The groups go from the glass to the recording. ``camera/chain.py`` says in which order their effects act, and which
random stream each draws from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mt3dnet_ros.renderer.domains import Count, Range


@dataclass(frozen=True)
class Lens:
    """The glass.

    :param distorted: probability of a distortion
    :param radial: share by which the image's corner is drawn to the middle (barrel) or, negative, away from it; below
        0.39 the lens images every point once
    :param tangential: standard deviation of the coefficients p1 and p2
    :param fringe: difference of the magnification of red and blue, relative
    :param defocused: probability of a visible depth of field
    :param pupil: diameter of the entrance pupil, metres
    :param focus: distance in focus, relative to the median of the scene
    :param vignette: share of the light lost at the ends of the diagonals
    :param round_view: probability of a circle that no light comes through beyond; labels do not know of it, as they do
        of ``FieldOfView.masked``
    """

    distorted: float = 0.0
    radial: Range = (0.0, 0.0)
    tangential: float = 0.0
    fringe: Range = (0.0, 0.0)
    defocused: float = 0.0
    pupil: Range = (0.0, 0.0)
    focus: Range = (1.0, 1.0)
    vignette: Range = (0.0, 0.0)
    round_view: float = 0.0


@dataclass(frozen=True)
class FieldOfView:
    """What of the picture is black, because the optics or the recorder show nothing there; labels are background there.

    :param masked: probability of a circular view
    :param mask_radius: its radius, in half diagonals
    :param mask_shift: standard deviation of its middle, in image widths and heights
    :param bordered: probability of black borders
    :param border: width of a border on each side, in image widths and heights
    """

    masked: float = 0.0
    mask_radius: Range = (0.8, 1.0)
    mask_shift: float = 0.0
    bordered: float = 0.0
    border: Range = (0.0, 0.0)


@dataclass(frozen=True)
class Air:
    """Smoke of cautery.

    :param haze: probability of smoke that fills the whole view
    :param haze_density: share of the light that it hides, in [0, 1]
    :param plumes: probability of plumes, which have a source and drift
    :param plume_density: share of the light that the thickest of a plume hides, in [0, 1]
    """

    haze: float = 0.0
    haze_density: Range = (0.0, 0.0)
    plumes: float = 0.0
    plume_density: Range = (0.0, 0.0)


@dataclass(frozen=True)
class Dirt:
    """What sticks to the front lens, out of focus.

    :param droplets: probability of drops of water, and ``blood`` that of spots of blood
    :param spots: least and largest number of drops or spots
    :param spot_size: radius in image widths
    """

    droplets: float = 0.0
    blood: float = 0.0
    spots: Count = (1, 1)
    spot_size: Range = (0.0, 0.0)


@dataclass(frozen=True)
class Shutter:
    """What motion does to a frame; its labels are those of the middle of the exposure.

    :param moving: probability of motion blur
    :param exposure: seconds
    :param camera_speed: of the camera in a still frame, metres per second along each axis
    :param camera_turn: the same about each axis, radians per second
    :param tool_speed: of tools in a still frame, metres per second along each axis
    :param woven: probability of two fields of an interlaced video, woven line by line
    :param blended: probability of two fields, averaged; and ``doubled`` that of one field, its lines shown twice
    :param field: seconds between two fields
    """

    moving: float = 0.0
    exposure: Range = (0.0, 0.0)
    camera_speed: Range = (0.0, 0.0)
    camera_turn: Range = (0.0, 0.0)
    tool_speed: Range = (0.0, 0.0)
    woven: float = 0.0
    blended: float = 0.0
    doubled: float = 0.0
    field: float = 0.02


@dataclass(frozen=True)
class Travel:
    """How far the camera goes in a sequence.

    :param travelling: probability that it goes farther than a hand at rest sways
    :param shift: amplitude along each axis, metres, and ``turn`` about each axis, radians
    :param period: of going there and back, seconds
    """

    travelling: float = 0.0
    shift: Range = (0.0, 0.0)
    turn: Range = (0.0, 0.0)
    period: Range = (5.0, 10.0)


@dataclass(frozen=True)
class Sensor:
    """From light to numbers, all relative to a fully exposed pixel.

    :param bloom: share of overexposed light that spreads to the pixels next to it
    :param flared: probability of light that scatters far from overexposed glare, and ``flare`` its share
    :param noisy: probability of noise that depends on the light
    :param shot: standard deviation of the noise of a fully exposed pixel; it falls with the root of the light
    :param read: standard deviation of the noise in the dark
    :param mosaic: probability of a single chip, whose colours are interpolated
    """

    bloom: Range = (0.0, 0.0)
    flared: float = 0.0
    flare: Range = (0.0, 0.0)
    noisy: float = 0.0
    shot: Range = (0.0, 0.0)
    read: Range = (0.0, 0.0)
    mosaic: float = 0.0


@dataclass(frozen=True)
class ControlUnit:
    """The camera control unit: automatic gain, white balance, tone curve, sharpening.

    :param level: mean of the linear picture that the automatic gain aims at
    :param overexposed: probability that it aims too high, and ``overexposure`` how many times
    :param adaptation: how far it gets there: 1 hides how bright the scene is, 0 is a constant gain
    :param tint: standard deviation of the gain of each colour
    :param gamma: exponent of the picture's encoding
    :param saturation: factor on the saturation
    :param blur: standard deviation in pixels, for half of the frames
    :param sharpening: strength, for half of the frames
    :param noise: standard deviation, the same in dark and bright pixels
    """

    level: Range = (0.25, 0.25)
    overexposed: float = 0.0
    overexposure: Range = (1.3, 2.5)
    adaptation: Range = (1.0, 1.0)
    tint: float = 0.0
    gamma: Range = (2.2, 2.2)
    saturation: Range = (1.0, 1.0)
    blur: Range = (0.0, 0.0)
    sharpening: Range = (0.0, 0.0)
    noise: Range = (0.0, 0.0)


@dataclass(frozen=True)
class Recording:
    """What transmission and recording lose.

    :param softened: probability of a video of fewer lines, enlarged
    :param detail: lines of that video, relative to those of the frame
    :param subsampled: probability of colour at a lower resolution than brightness
    :param chroma_pixels: width of a pixel of colour
    :param compressed: probability of compression
    :param quality: of JPEG, 0 to 100
    """

    softened: float = 0.0
    detail: Range = (1.0, 1.0)
    subsampled: float = 0.0
    chroma_pixels: Range = (2.0, 2.0)
    compressed: float = 0.0
    quality: Range = (90.0, 90.0)


@dataclass(frozen=True)
class CameraEffects:
    """All that a real camera adds to the ideal one of ``Optics``."""

    lens: Lens = field(default_factory=Lens)
    view: FieldOfView = field(default_factory=FieldOfView)
    air: Air = field(default_factory=Air)
    dirt: Dirt = field(default_factory=Dirt)
    travel: Travel = field(default_factory=Travel)
    shutter: Shutter = field(default_factory=Shutter)
    sensor: Sensor = field(default_factory=Sensor)
    control_unit: ControlUnit = field(default_factory=ControlUnit)
    recorder: Recording = field(default_factory=Recording)
