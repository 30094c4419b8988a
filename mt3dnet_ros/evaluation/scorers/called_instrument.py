"""What is called an instrument in pictures that show none: every pixel of it is false."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.instrument import true_foreground
from mt3dnet_ros.perception.scene import Scene

_UNLABELLED = 'Frames without labels: what is false among it is for a person to say.'


class _Claim(NamedTuple):
    """What is claimed of a frame: instruments as a share of its pixels and as detections, depth as a share."""

    pixels: float
    detections: int
    depth: float


class _NamedClaim(NamedTuple):
    """What is claimed of which frame, and whether that is unlabelled."""

    frame: str
    claim: _Claim
    unlabelled: bool


class CalledInstrumentScorer(Scorer[_NamedClaim]):
    """Pixels and detections that are called an instrument, and known depth, where no label shows an instrument."""

    def __init__(self) -> None:
        self._claims: dict[str, _Claim] = {}
        self._unlabelled = False

    def measure(self, observation: Observation) -> _NamedClaim | None:
        """Return what is claimed of a frame; None of one that shows an instrument."""
        truth = true_foreground(observation.frame)
        if truth is not None and (truth == 1).any():
            return None
        return _NamedClaim(observation.frame.name, _claim(observation.scene), truth is None)

    def add(self, measured: _NamedClaim) -> None:
        """Add what is claimed of a frame."""
        self._unlabelled |= measured.unlabelled
        self._claims[measured.frame] = measured.claim

    def section(self) -> Section:
        """Return the section ``called_instrument``."""
        section = Section('called_instrument', 'Called an instrument')
        if not self._claims:
            section.skipped = 'every frame shows an instrument'
            return section
        count = len(self._claims)
        pixels, detections, depth = np.array(list(self._claims.values())).T
        section.metrics = {
            'pixels_mean': Metric(float(pixels.mean()), count, 'frames', 'share of the pixels'),
            'pixels_worst': Metric(float(pixels.max()), count, 'frames', 'in the worst frame'),
            'detections_mean': Metric(float(detections.mean()), count, 'frames', 'that reach the score threshold'),
            'detections_worst': Metric(float(detections.max()), count, 'frames', 'in the worst frame'),
            'frames_with_detections': Metric(float(np.count_nonzero(detections)), count, 'frames'),
            'depth_mean': Metric(
                float(depth.mean()), count, 'frames', 'share of the pixels whose depth is said to be known'
            ),
            'depth_worst': Metric(float(depth.max()), count, 'frames', 'in the worst frame'),
        }
        section.tables['frame'] = {name: _row(claim) for name, claim in self._claims.items()}
        section.notes = [_UNLABELLED] if self._unlabelled else []
        return section


def _claim(scene: Scene) -> _Claim:
    assert scene.labels is not None and scene.detections is not None and scene.depth is not None
    return _Claim(float((scene.labels > 0).mean()), len(scene.detections), float(np.isfinite(scene.depth).mean()))


def _row(claim: _Claim) -> dict[str, Metric]:
    return {name: Metric(float(value), 1, 'frames') for name, value in claim._asdict().items()}
