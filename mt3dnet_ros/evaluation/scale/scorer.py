"""How right the scale is, by what it rests on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scale.errors import ScaleErrors, scale_errors
from mt3dnet_ros.evaluation.scale.variants import ALONE, GUESS, TRUE

_WHOLE = 'shaft'  # the way by which a frame has a whole silhouette
_ACCEPTED = 'accepted'
_NUMBER = re.compile(r'\d+(\.\d+)?')
_NOTE = (
    '`error` is the logarithm of true over estimated depth, median over the pixels of a frame: 0.02 is 2 %. '
    '`covered_*` are shares of what lies within the published 95 % interval: of frames their scale, of pixels their '
    'depth, of instruments their position along the line of sight; `position_mm` is the median error of the depth of '
    'instruments. `conflicts` is the share of frames in which sources are said to contradict each other. '
    '`mae_whole_mm` is over the frames in which the silhouette of a shaft is whole. Tips of the robot err by 1 mm '
    '(root mean square), alike all through a sequence; diameters of shafts are those that were rendered, in '
    '`shaft_by_labels` those of the label file.'
)


class ScaleScorer(Scorer[Mapping[str, ScaleErrors]]):
    """Errors of depth and of its scale by every way of knowing it.

    :param names: of the ways
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._errors: dict[str, list[ScaleErrors]] = {name: [] for name in names}
        self._whole: list[bool] = []
        self._verdicts: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in names}

    def measure(self, observation: Observation) -> Mapping[str, ScaleErrors] | None:
        """Return the errors of a frame by every way; None of one without depth or without a camera."""
        found = {
            name: errors
            for name, scaled in observation.scaled.items()
            if (errors := scale_errors(observation.frame, scaled.scene))
        }
        return found or None

    def add(self, measured: Mapping[str, ScaleErrors]) -> None:
        """Add the errors of a frame."""
        self._whole.append(_WHOLE in measured and not measured[_WHOLE].scale.is_guess)
        for name, errors in measured.items():
            self._errors[name].append(errors)
            self._verdicts[name] += _verdicts(errors)

    def section(self) -> Section:
        """Return the section ``scale``."""
        section = Section('scale', 'Scale of depth')
        if not self._whole:
            section.skipped = 'no frame has depth and a calibrated camera'
            return section
        whole = np.array(self._whole)
        section.tables['sources'] = {name: _row(errors, whole) for name, errors in self._errors.items()}
        section.tables['sources'][TRUE] = _true_row(self._errors[GUESS], whole)
        section.tables['verdicts'] = {
            f'{source}: {reason}': {'share': Metric(count / counts.total(), counts.total(), 'verdicts')}
            for name, counts in self._verdicts.items()
            if name in ALONE
            for (source, reason), count in counts.most_common()
        }
        section.curves['deviations'] = {
            name: {
                'deviation': [error.scale.deviation for error in errors],
                'error': [abs(error.log_error) for error in errors],
            }
            for name, errors in self._errors.items()
        }
        section.notes = [_NOTE]
        return section


def _verdicts(errors: ScaleErrors) -> Counter[tuple[str, str]]:
    """Return how often each source was accepted in this frame, and why it was not."""
    accepted = Counter((source.name, _ACCEPTED) for source in errors.scale.sources if source.age == 0.0)
    rejected = Counter((no.source, _NUMBER.sub('#', no.reason)) for no in errors.scale.rejections)
    return accepted + rejected


def _row(errors: list[ScaleErrors], whole: np.ndarray) -> dict[str, Metric]:
    frames, positions = len(errors), [position for error in errors for position in error.positions]
    logs = np.array([error.log_error for error in errors])
    supported = np.mean([not error.scale.is_guess for error in errors])
    return {
        **_mae([error.mae_mm for error in errors], whole),
        'with_source': Metric(float(supported), frames, 'frames'),
        'conflicts': Metric(float(np.mean([bool(error.scale.conflicts) for error in errors])), frames, 'frames'),
        'error_mean': Metric(float(logs.mean()), frames, 'frames'),
        'error_median': Metric(float(np.median(np.abs(logs))), frames, 'frames'),
        'error_p90': Metric(float(np.quantile(np.abs(logs), 0.9)), frames, 'frames'),
        'deviation_median': Metric(float(np.median([error.scale.deviation for error in errors])), frames, 'frames'),
        'covered_scale': Metric(float(np.mean([error.is_covered for error in errors])), frames, 'frames'),
        'covered_pixels': Metric(float(np.mean([error.pixels_covered for error in errors])), frames, 'frames'),
        'covered_positions': _of_positions([float(position.is_covered) for position in positions], np.mean),
        'position_mm': _of_positions([position.depth_mm for position in positions], np.median),
    }


def _of_positions(values: list[float], mean: Callable[[list[float]], Any]) -> Metric:
    return Metric(float(mean(values)) if values else float('nan'), len(values), 'instruments')


def _true_row(errors: list[ScaleErrors], whole: np.ndarray) -> dict[str, Metric]:
    """Return the row of the true scale, which has no error."""
    nothing = Metric(float('nan'), 0, 'frames')
    return dict.fromkeys(_row(errors, whole), nothing) | _mae([error.true_mae_mm for error in errors], whole)


def _mae(values: list[float], whole: np.ndarray) -> dict[str, Metric]:
    of_whole = np.array(values)[whole]
    mean = float(of_whole.mean()) if of_whole.size else float('nan')
    return {
        'mae_mm': Metric(float(np.mean(values)), len(values), 'frames'),
        'mae_whole_mm': Metric(mean, of_whole.size, 'frames'),
    }
