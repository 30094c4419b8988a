"""Depth maps for all frames of a data set, each written when it is made."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mt3dnet_ros.datasets.depth.alignment import AlignmentRules, FrameRejectedError
from mt3dnet_ros.datasets.depth.maps import has_depth, write_depth
from mt3dnet_ros.datasets.depth.matching import Matching
from mt3dnet_ros.datasets.depth.metric_depth import (
    MetricDepth,
    from_metric_teacher,
    from_stereo,
    scaled_by_stereo,
    scaled_to_limits,
    unknown,
)
from mt3dnet_ros.datasets.depth.sources import StereoFrames, has_stereo
from mt3dnet_ros.datasets.depth.stereo_depth import StereoDepth, stereo_depth
from mt3dnet_ros.datasets.depth.summary import DepthSummary
from mt3dnet_ros.datasets.depth.teacher import Teacher
from mt3dnet_ros.datasets.frames import DatasetError, FrameSet
from mt3dnet_ros.errors import InputError

REJECTED = 'rejected'  # the fact that tells why a frame has no depth


@dataclass(frozen=True)
class Scaling:
    """Where metres come from.

    :param source: ``stereo``, ``limits``, or ``teacher`` for a metric teacher's own metres
    :param reach: nearest and farthest depth, metres: what the stereo pair is searched for, what is kept, or the limits
    """

    source: str = 'stereo'
    reach: tuple[float, float] = (0.02, 0.3)
    matching: Matching = field(default_factory=Matching)
    rules: AlignmentRules = field(default_factory=AlignmentRules)

    def __post_init__(self) -> None:
        """Refuse a reach that no scene has."""
        if not 0.0 < self.reach[0] < self.reach[1]:
            raise InputError(f'depths {self.reach[0]} m and {self.reach[1]} m must be above 0, the nearest first')


@dataclass(frozen=True)
class DepthMaker:
    """Makes the depth of single frames.

    :param teacher: None for only the stereo pair's depth
    :raises ValueError: the teacher cannot give what the scaling needs
    """

    scaling: Scaling
    teacher: Teacher | None

    def __post_init__(self) -> None:
        """Refuse combinations that make no metres."""
        if self.teacher is None and self.scaling.source != 'stereo':
            raise InputError('without a teacher depth comes from a stereo pair; leave out --limits and --metric')
        if self.scaling.source == 'teacher' and self.teacher and not self.teacher.is_metric:
            raise InputError(
                '--metric needs a metric teacher, but this one is relative; give --limits or a stereo pair'
            )

    def __call__(self, frames: FrameSet, index: int) -> tuple[MetricDepth, dict[str, Any]]:
        """Return a frame's depth, and facts for the summary, with the reason where it is rejected."""
        image = frames[index].image
        facts: dict[str, Any] = {}
        try:
            result = self._make(frames, index, image, facts)
        except FrameRejectedError as rejection:
            result, facts = unknown(image.shape[:2]), {**facts, REJECTED: str(rejection)}
        return result, {**facts, **result.facts}

    def _make(self, frames: FrameSet, index: int, image: np.ndarray, facts: dict[str, Any]) -> MetricDepth:
        scaling = self.scaling
        stereo = self._stereo(frames, index, image, facts) if scaling.source == 'stereo' else None
        if self.teacher is None:
            assert stereo is not None
            return from_stereo(stereo, scaling.rules)
        inverse = self.teacher(image)
        if stereo is not None:
            return scaled_by_stereo(inverse, stereo, scaling.reach, scaling.rules)
        if scaling.source == 'limits':
            return scaled_to_limits(inverse, scaling.reach)
        return from_metric_teacher(inverse, scaling.reach)

    def _stereo(self, frames: FrameSet, index: int, image: np.ndarray, facts: dict[str, Any]) -> StereoDepth:
        pairs = _require_stereo(frames)
        right, cameras = pairs.right_image(index), pairs.stereo_camera(index)
        stereo = stereo_depth(image, right, cameras, self.scaling.reach, self.scaling.matching)
        if stereo.row_offset is not None:
            facts['row_offset'] = asdict(stereo.row_offset)
        return stereo


@dataclass(frozen=True)
class Outcome:
    """The results of the frames of a data set.

    :param facts: of every frame, by name
    :param skipped: how many of them an earlier run had made
    """

    facts: dict[str, dict[str, Any]]
    skipped: int

    @property
    def rejected(self) -> dict[str, str]:
        """The rejected frames' reasons."""
        return {name: facts[REJECTED] for name, facts in self.facts.items() if REJECTED in facts}


def prepare(frames: FrameSet, output: Path, make: DepthMaker, settings: dict[str, Any]) -> Outcome:
    """Write the depth of every frame that has none yet, and the summary.

    :param settings: what the summary says beside the scaling
    :raises DatasetError: the output was prepared with other settings, or a frame cannot be read
    """
    if make.scaling.source == 'stereo':
        _require_stereo(frames)
    summary = DepthSummary(output, {**settings, **asdict(make.scaling)})
    size = frames[0].image.shape[:2]
    skipped = 0
    try:
        for index, name in enumerate(tqdm(frames.names, 'depth', unit='frame', disable=None)):
            if name in summary.frames and has_depth(output, name, size):
                skipped += 1
                continue
            result, facts = make(frames, index)
            write_depth(output, name, result.depth, result.confidence)
            summary.record(name, facts)
    finally:
        summary.save()
    return Outcome({name: summary.frames[name] for name in frames.names}, skipped)


def _require_stereo(frames: FrameSet) -> StereoFrames:
    if not has_stereo(frames):
        raise DatasetError(
            'these frames have no second camera; give --limits NEAREST FARTHEST in metres, or a metric '
            'teacher and --metric'
        )
    return frames
