"""What comes out of perception, all of it in the geometry of the input image."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.scale.shaft_axis import ShaftAxis as ShaftAxis
from mt3dnet_ros.perception.scene_text import lines, one_line

Point = tuple[float, float, float]
UNKNOWN: Point = (float('nan'), float('nan'), float('nan'))
_NO_OUTPUT = {'is_output': False}  # metadata of what a scene says besides


@dataclass(frozen=True)
class Box:
    """A box in pixels of the input image: it covers columns x to x + width - 1."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Detection:
    """One instrument.

    :param class_id: id in the taxonomy, 1 or more; that of ``other`` where the type is not sure
    :param score: confidence in [0, 1]
    :param instance_id: its id in ``Scene.instances``, 1 or more; -1 where it has no mask
    :param position: median of its visible surface, metres, optical frame; NaN where unknown
    :param extent: size of its visible surface along the optical frame's axes, metres; NaN where unknown
    :param tip: tool tip, metres, optical frame; NaN where unknown
    :param class_scores: score that it would have as class 1 and so on; empty where it has no mask
    :param axis: of its shaft; None where no whole silhouette of it is seen
    :param position_deviation: standard deviation of ``position`` (and of ``tip``) along the line of sight, metres
    :param type_probability: of the class with the largest of these, given that it is an instrument; NaN without a mask.
        Where it has a track, of that track's class
    :param track_id: of its track, 1 or more, which also says what it is called; -1 without one
    :param track_age: seconds since it was first seen; NaN without a track
    :param tip_velocity: of its track, and ``tip_covariance``
    """

    class_id: int
    class_name: str
    score: float
    instance_id: int
    box: Box
    position: Point = UNKNOWN
    extent: Point = UNKNOWN
    tip: Point = UNKNOWN
    class_scores: tuple[float, ...] = ()
    type_probability: float = math.nan
    position_deviation: float = math.nan
    axis: ShaftAxis | None = None
    track_id: int = -1
    track_age: float = math.nan
    tip_velocity: Point = UNKNOWN
    tip_covariance: tuple[float, ...] = ()


@dataclass(frozen=True)
class Track:
    """One instrument over time: the same one while it moves, is hidden, or leaves the view for a while.

    :param id: 1 or more
    :param class_id: by vote over its frames; that of ``other`` where the type is not sure
    :param class_probability: of the class with most votes, given that it is an instrument
    :param age: seconds since it was first seen
    :param unseen: seconds since it was last seen, 0 where it is seen in this frame
    :param instance_id: of its detection in this frame; -1 where it is not seen
    :param tip: filtered over time, metres, optical frame; NaN where unknown
    :param tip_velocity: metres per second, optical frame; NaN where unknown
    :param tip_covariance: of tip and velocity together (x, y, z, then their velocities), 6 x 6 row by row; empty where
        unknown
    """

    id: int
    class_id: int
    class_name: str
    class_probability: float
    age: float
    unseen: float
    instance_id: int
    tip: Point = UNKNOWN
    tip_velocity: Point = UNKNOWN
    tip_covariance: tuple[float, ...] = ()


@dataclass(frozen=True)
class Tracks:
    """The instruments of a stream over time.

    :param living: seen in this frame, or so lately that they may come again; by id
    :param born: ids of those that begin with this frame
    :param ended: ids of those that ended since the last one
    """

    living: tuple[Track, ...] = ()
    born: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()


@dataclass(frozen=True)
class Fixation:
    """One stop of the scanpath: an instrument, and where to look at it.

    :param instance_id: its id in ``Scene.instances``
    :param class_id: id in the taxonomy, 1 or more
    :param pixel: column and row in the image, on its wrist or clasper where these are seen
    :param point: what is seen there, metres, optical frame; NaN where unknown
    :param weight: mean saliency of the instrument, 0 to 1
    :param order: place in the scanpath, from 1
    """

    instance_id: int
    class_id: int
    pixel: tuple[int, int]
    point: Point
    weight: float
    order: int


@dataclass(frozen=True)
class Cloud:
    """An organised cloud, one point for every ``stride``-th pixel of every ``stride``-th row.

    :param xyz: (h, w, 3) float32 metres, optical frame, NaN where unknown
    :param rgb: (h, w, 3) uint8
    :param labels: (h, w) uint8 class ids
    """

    xyz: np.ndarray
    rgb: np.ndarray
    labels: np.ndarray


@dataclass(repr=False)
class Scene:
    """What was seen in one frame; an output that was not asked for, or that the network does not give, is None.

    ``print(scene)`` tells what was found in words.

    :param labels: (H, W) uint8 class id per pixel, 0 is background
    :param confidence: (H, W) uint8, 255 times the probability of the chosen class
    :param parts: (H, W) uint8 part id per pixel: 0 background, 1 shaft, 2 wrist, 3 clasper
    :param instances: (H, W) uint8 instance id per pixel, 0 is background
    :param depth: (H, W) float32 metres along the optical axis, NaN where unknown
    :param cloud: points of the depth seen through the camera; None without a calibrated camera
    :param overlay: (H, W, 3) uint8 picture for people
    :param saliency: (H, W) uint8, 255 times the task-oriented saliency
    :param scanpath: instruments in the order in which to look at them; empty where none is seen
    :param gaze: where to look, metres, optical frame: the first fixation's point, smoothed over time; NaN where unknown
    :param tracks: the instruments over time; none in a frame without a stamp
    :param scale: factor on the network's depth that all of these positions and depths have, and how sure it is
    :param timings: seconds per stage
    :param camera: of the image; None where it is unknown, and depth is then that of a canonical focal length
    :param wanted: the outputs that were asked for; None for all
    :param view: probability that the picture is a view that the network knows; None of a network without a view head
    :param frozen: whether the same picture has been repeated for longer than a live one: there is no gaze, no scanpath
    :param nothing: why there is nothing here, in words: the picture is blank, or no such view; empty where it is one
    """

    labels: np.ndarray | None = None
    confidence: np.ndarray | None = None
    parts: np.ndarray | None = None
    instances: np.ndarray | None = None
    detections: list[Detection] | None = None
    depth: np.ndarray | None = None
    cloud: Cloud | None = None
    overlay: np.ndarray | None = None
    saliency: np.ndarray | None = None
    scanpath: tuple[Fixation, ...] | None = None
    gaze: Point | None = None
    tracks: Tracks | None = None
    scale: DepthScale | None = None
    timings: dict[str, float] = field(default_factory=dict, metadata=_NO_OUTPUT)
    camera: Camera | None = field(default=None, metadata=_NO_OUTPUT)
    wanted: frozenset[str] | None = field(default=None, metadata=_NO_OUTPUT)
    view: float | None = field(default=None, metadata=_NO_OUTPUT)
    nothing: str = field(default='', metadata=_NO_OUTPUT)
    frozen: bool = field(default=False, metadata=_NO_OUTPUT)

    @property
    def absent(self) -> dict[str, str]:
        """The outputs that are None, in the order of their names, each with the reason."""
        return {name: self._reason(name) for name in sorted(ALL_OUTPUTS) if getattr(self, name) is None}

    def _reason(self, name: str) -> str:
        if self.wanted is not None and name not in self.wanted:
            return 'not asked for'
        return 'needs a camera' if name == 'cloud' and self.camera is None else 'not predicted by this network'

    def __repr__(self) -> str:
        return one_line(self)

    def __str__(self) -> str:
        return '\n'.join(lines(self))


ALL_OUTPUTS = frozenset(found.name for found in fields(Scene) if found.metadata.get('is_output', True))
"""Names of everything that perception can be asked for."""
