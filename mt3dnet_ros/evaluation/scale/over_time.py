"""How steady the scale is over time, and how fast it follows a change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.order import FRAME_TIME
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scale.errors import scale_errors
from mt3dnet_ros.evaluation.scale.switchboard import ScaledFrame

_FOLLOWED = 0.05  # of the logarithm, from what it would be had it been told of the cut
_LEAST = 5  # frames of a sequence with a source, for its steadiness
_NOTE = (
    '`std_alone` is the standard deviation over a sequence of the logarithm of the factor, each frame by itself; '
    '`std_fused` that of the stream, `std_true` that of the factor which would be right; all over the frames that '
    'have a source by themselves. `error_*` are those of the scale of the depth. `follow_s`: after a cut from one '
    'sequence, and camera, to the next, of which it is not told, seconds until the factor stays within 5 % of what it'
    ' would be had it been told.'
)


class _Moment(NamedTuple):
    """Logarithms of the factors at one moment, and the error of the depth's scale by each.

    :param known: whether the frame by itself has a source
    """

    fused: float
    alone: float
    uncut: float
    known: bool
    error: float

    @property
    def true(self) -> float:
        """The logarithm of the factor that would be right."""
        return self.fused + self.error

    @property
    def error_alone(self) -> float:
        """The error of the scale if the frame is left to itself."""
        return self.error + self.fused - self.alone


class _Moments(NamedTuple):
    """One moment by every way of knowing the scale, and whether it follows the one before."""

    by_way: Mapping[str, _Moment]
    follows: bool


class ScaleOverTimeScorer(Scorer[_Moments]):
    """Steadiness of the scale in sequences.

    :param names: of the ways of knowing it
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._sequences: dict[str, list[list[_Moment]]] = {name: [] for name in names}

    def measure(self, observation: Observation) -> _Moments | None:
        """Return the moment of the next frame; None of a still, or of a frame without depth."""
        found = {
            name: moment
            for name, scaled in observation.scaled.items()
            if (moment := _moment(observation.frame, scaled)) is not None
        }
        return _Moments(found, observation.step.follows) if found else None

    def add(self, measured: _Moments) -> None:
        """Add the next moment."""
        for name, moment in measured.by_way.items():
            sequences = self._sequences[name]
            if not measured.follows or not sequences:
                sequences.append([])
            sequences[-1].append(moment)

    def section(self) -> Section:
        """Return the section ``scale_over_time``."""
        section = Section('scale_over_time', 'Scale of depth over time')
        rows = {name: _row(sequences) for name, sequences in self._sequences.items() if sequences}
        if not rows:
            section.skipped = 'no two consecutive frames were seen; take a data set of sequences, and no --limit'
            return section
        section.tables['sources'] = rows
        section.notes = [_NOTE]
        return section


def _moment(frame: LabelledFrame, scaled: ScaledFrame) -> _Moment | None:
    errors = scale_errors(frame, scaled.scene)
    if scaled.alone is None or scaled.uncut is None or errors is None:
        return None
    fused, alone, uncut = (math.log(scale.factor) for scale in (scaled.scale, scaled.alone, scaled.uncut))
    return _Moment(fused, alone, uncut, not scaled.alone.is_guess, errors.log_error)


def _row(sequences: list[list[_Moment]]) -> dict[str, Metric]:
    known = [[moment for moment in sequence if moment.known] for sequence in sequences]
    long = [np.array([[m.alone, m.fused, m.true] for m in sequence]) for sequence in known if len(sequence) >= _LEAST]
    alone, fused, true = np.mean([values.std(axis=0) for values in long], axis=0) if long else [math.nan] * 3
    moments = [moment for sequence in known for moment in sequence]
    times = [_time_to_follow(sequence) for sequence in sequences[1:]]
    return {
        'std_alone': Metric(float(alone), len(long), 'sequences'),
        'std_fused': Metric(float(fused), len(long), 'sequences'),
        'std_true': Metric(float(true), len(long), 'sequences'),
        'ratio': Metric(float(fused / alone) if alone else math.nan, len(long), 'sequences'),
        'error_alone': _rms([moment.error_alone for moment in moments]),
        'error_fused': _rms([moment.error for moment in moments]),
        'follow_s': Metric(float(np.median(times)) if times else math.nan, len(times), 'cuts'),
        'follow_worst_s': Metric(max(times, default=math.nan), len(times), 'cuts'),
    }


def _rms(values: list[float]) -> Metric:
    return Metric(float(np.sqrt(np.mean(np.square(values)))) if values else math.nan, len(values), 'frames')


def _time_to_follow(sequence: list[_Moment]) -> float:
    """Return the seconds after which the one that is not told of the cut stays near the one that is."""
    away = [place for place, moment in enumerate(sequence) if abs(moment.uncut - moment.fused) > _FOLLOWED]
    return 1e-9 * FRAME_TIME * (away[-1] + 1 if away else 0)
