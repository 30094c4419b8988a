"""Views of tissue one after another, fused into one surface, with the camera's pose given or found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from mt3dnet_ros.reconstruction.keyframes import Keyframes
from mt3dnet_ros.reconstruction.odometry import Motion, follow
from mt3dnet_ros.reconstruction.parallax import Parallax
from mt3dnet_ros.reconstruction.scale_alignment import ScaleAlignment, align, likeness
from mt3dnet_ros.reconstruction.settings import GIVEN, ODOMETRY, ReconstructionSettings
from mt3dnet_ros.reconstruction.surface import SurfaceError, SurfaceLook, TissueSurface
from mt3dnet_ros.reconstruction.tissue_shift import shift_between, shifted
from mt3dnet_ros.reconstruction.tissue_view import TissueView

_LEAST_KNOWN = 0.05  # of a view's pixels
_LEAST_FITNESS = 0.6  # of odometry, to be believed
_LEAST_OVERLAP = 0.3  # of a view with the surface, for odometry to say anything
_CONTRADICTION = 0.08  # of the logarithm of surface over depth, from cell to cell
_LEAST_LIKENESS = 0.4  # of a view and the surface, where these overlap
_CANDIDATES = 3  # poses that are tried where the camera is lost


@dataclass(frozen=True, eq=False)
class SurfaceUpdate:
    """What became of a view.

    :param pose: (4, 4) from the camera's optical frame to the map, from where the surface is seen as the camera sees
        the tissue now; None where it is not known
    :param problem: why it was not fused, in words; empty where it was
    :param alignment: of its depth to the surface
    :param fitness: share of it that odometry found on the surface; NaN without odometry
    :param map_number: from 1; another one begins where the camera is lost for good, or time goes back
    :param shift: (3,) metres by which ``pose`` differs from the one that was given, for the tissue has moved: what lies
        at x on the surface is at x - shift in the frame of the given poses now
    :param measured: whether its depth was measured by parallax
    """

    pose: np.ndarray | None
    problem: str
    alignment: ScaleAlignment
    fitness: float
    map_number: int
    shift: np.ndarray = field(default_factory=lambda: np.zeros(3))
    measured: bool = False


class Reconstructor:
    """Fuses the views of one camera into a surface in a fixed frame.

    By odometry that is the optical frame of the first view, else the frame that poses are given in.

    ``on_end`` is given a surface, and the number of its map, when another map begins.
    """

    def __init__(self, settings: ReconstructionSettings | None = None) -> None:
        self.settings = settings or ReconstructionSettings()
        self.on_end: Callable[[TissueSurface, int], object] = lambda *_: None
        self.map_number = 0
        self._begin()

    @property
    def tissue_moves(self) -> bool:
        """Whether parallax has told that tissue moves, or poses are wrong, so that depth is the network's."""
        return self._parallax.tissue_moves

    def begin(self) -> None:
        """Begin another map; the surface so far is given away."""
        self.on_end(self.surface, self.map_number)
        self._begin()

    def _begin(self) -> None:
        self.surface = TissueSurface(self.settings.surface)
        self.map_number += 1
        self._keyframes = Keyframes()
        self._parallax = Parallax()
        self._pose = np.eye(4)  # of the last view against the surface
        self._still = np.eye(4)  # where a camera is that stands still from now on
        self._shift = np.zeros(3)
        self._time = -np.inf
        self._misfits = 0
        self._views = 0

    def add(
        self, view: TissueView, time: float, pose: np.ndarray | None = None, source: str | None = None
    ) -> SurfaceUpdate:
        """Take the next view into the surface, where it fits.

        :param time: seconds; where it is before that of the last view another map begins
        :param pose: (4, 4) from the camera's optical frame to the fixed frame, where poses are given
        :param source: of this view's pose, of ``POSE_SOURCES``; None for that of the settings
        """
        source = source or self.settings.pose_source
        if time < self._time:
            self.begin()
        self._time = time
        if view.known.mean() < _LEAST_KNOWN:
            return self._refused('no tissue is seen: its depth is unknown, or instruments cover it')
        if source == ODOMETRY:
            return self._add_by_odometry(view, time)
        if source == GIVEN and pose is None:
            return self._refused('the pose of the camera is not known')
        if source == GIVEN and pose is not None and self.settings.use_parallax:
            update = self._add_at(self._by_parallax(view, pose), time, pose)
            return replace(update, measured=self._parallax.tells)
        return self._add_at(view, time, self._still if pose is None else pose)

    def _by_parallax(self, view: TissueView, pose: np.ndarray) -> TissueView:
        """Return a view with its depth corrected; the surface begins again where that changes whose depth it has."""
        had_told = self._parallax.has_told
        corrected = self._parallax.correct(view, pose)
        if self._parallax.has_told != had_told:
            self.surface, self._shift, self._views = TissueSurface(self.settings.surface), np.zeros(3), 0
        return corrected

    def _add_at(self, view: TissueView, time: float, pose: np.ndarray) -> SurfaceUpdate:
        """Fuse a view from a known pose, unless it contradicts the surface."""
        shift = self._shift_of_tissue(view, pose) if self.settings.follow_tissue else self._shift
        seen_from = shifted(pose, shift)
        seen = self.surface.look(view.camera, seen_from)
        alignment = align(view.depth, seen.depth)
        if not _fits(view, seen, alignment) and self._misfits < self.settings.patience:
            self._misfits += 1
            return self._refused('what is seen contradicts the surface: the pose is wrong, or the tissue another')
        self._shift, self._still = shift, pose
        return replace(self._fused(view, time, seen_from, alignment), shift=shift)

    def _shift_of_tissue(self, view: TissueView, pose: np.ndarray) -> np.ndarray:
        """Return by what a known pose has to be shifted for the tissue; as before, where that cannot be told."""
        tracked = self._track(view, shifted(pose, self._shift))
        found = tracked and shift_between(view, tracked[1].factor, pose, self._shift, tracked[0].pose)
        return self._shift if found is None else found

    def _add_by_odometry(self, view: TissueView, time: float) -> SurfaceUpdate:
        if not self.surface.blocks:
            return self._fused(view, time, self._pose, ScaleAlignment())
        found = self._follow(view, self._pose) or self._relocalise(view)
        if found:
            motion, alignment = found
            self._still, self._shift = motion.pose, np.zeros(3)
            return self._fused(view, time, motion.pose, alignment, motion.fitness)
        self._misfits += 1
        if self._misfits <= self.settings.patience:
            return self._refused('the camera is lost: what is seen is nowhere on the surface')
        self.begin()
        self._time = time
        return self._fused(view, time, self._pose, ScaleAlignment())

    def _follow(self, view: TissueView, pose: np.ndarray) -> tuple[Motion, ScaleAlignment] | None:
        """Return where the camera is, from a pose near it; None where that cannot be told, or does not fit."""
        tracked = self._track(view, pose)
        if not tracked:
            return None
        seen = self.surface.look(view.camera, tracked[0].pose)
        alignment = align(view.depth, seen.depth)
        return (tracked[0], alignment) if _fits(view, seen, alignment) else None

    def _track(self, view: TissueView, pose: np.ndarray) -> tuple[Motion, ScaleAlignment] | None:
        """Return where the camera is, from a pose near it, and how the view was aligned there."""
        seen = self.surface.look(view.camera, pose)
        alignment = align(view.depth, seen.depth)
        if alignment.overlap < _LEAST_OVERLAP:
            return None
        motion = follow(_scaled(view, alignment.factor), seen, pose, self.settings.surface.reach)
        return (motion, alignment) if motion and motion.fitness >= _LEAST_FITNESS else None

    def _relocalise(self, view: TissueView) -> tuple[Motion, ScaleAlignment] | None:
        for pose in self._keyframes.likeliest(view.rgb, _CANDIDATES):
            if found := self._follow(view, pose):
                return found
        return None

    def _fused(
        self, view: TissueView, time: float, pose: np.ndarray, alignment: ScaleAlignment, fitness: float = float('nan')
    ) -> SurfaceUpdate:
        if self.settings.align_scale:
            view = _scaled(view, alignment.factor ** (1.0 - self._say_in_scale()))
        try:
            self.surface.fuse(view, pose, time)
        except SurfaceError as error:
            return self._refused(str(error))
        self.surface.forget()
        self._keyframes.add(view.rgb, pose)
        self._pose, self._misfits = pose, 0
        self._views += 1
        return SurfaceUpdate(pose, '', alignment, fitness, self.map_number)

    def _say_in_scale(self) -> float:
        """Return how much of the difference to the surface's scale a view keeps; one that is wrong must not last."""
        if self._parallax.has_told:
            return 1.0 if self._parallax.tells else 0.0
        return 1.0 if self._views < self.settings.settling else self.settings.say_in_scale

    def _refused(self, problem: str) -> SurfaceUpdate:
        return SurfaceUpdate(None, problem, ScaleAlignment(), float('nan'), self.map_number)


def _fits(view: TissueView, seen: SurfaceLook, alignment: ScaleAlignment) -> bool:
    """Return whether a view may be one of the surface, where they overlap enough to tell."""
    if alignment.overlap < _LEAST_OVERLAP:
        return True
    return alignment.deviation <= _CONTRADICTION and likeness(view, seen) >= _LEAST_LIKENESS


def _scaled(view: TissueView, factor: float) -> TissueView:
    return replace(view, depth=(view.depth * np.float32(factor)))
