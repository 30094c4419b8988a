"""What one source says of the scale of one frame's depth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.perception.scale.shaft_axis import ShaftAxis

SOURCES = ('fixed', 'shaft', 'second_eye', 'robot')


class ShapeCorrection(NamedTuple):
    """What brings the shape of the network's depth to the measured one.

    :param field: (h, w) float32, logarithm of a further factor per cell of the network's output
    :param deviation: standard deviation of the logarithm of a corrected depth, over the whole picture
    """

    field: np.ndarray
    deviation: float


@dataclass(frozen=True)
class InstrumentScale:
    """What is known of the depth of one instrument by itself.

    :param log_factor: logarithm of a factor on its depth: in an observation on the network's, in ``DepthScale`` on top
        of the frame's
    :param deviation: standard deviation of the logarithm of its depth then
    """

    log_factor: float
    deviation: float


@dataclass(frozen=True)
class ScaleObservation:
    """A factor on the network's depth.

    :param source: of ``SOURCES``
    :param log_factor: logarithm of the factor
    :param deviation: standard deviation of the logarithm: 0.02 is 2 % of the depth
    :param of: what was measured, such as an instrument or an arm; the errors of one and the same thing do not average
        away from frame to frame
    :param instance_id: of the instrument that was measured, in this frame; 0 where it was none
    :param axis: of its shaft; None where that was not measured
    :param systematic: the part of the deviation that is the same in every frame, such as that of a diameter or of a
        calibration, and does not average away; None for all of it
    :param own_deviation: standard deviation of the logarithm as a factor on the depth of that instrument alone, which
        is surer than the frame's: the network errs by other factors on tools than on tissue; NaN where it is not told
    :param frame_noise: standard deviation of the part that is new in every frame, where the frame's own scale is
        measured so exactly that it can be followed from one to the next; infinite where it is not
    :param instruments: factors of the second eye for single instruments, by instance id, to check others by
    :param shape: corrects the depth's shape in this frame as well; None where that was not measured
    """

    source: str
    log_factor: float
    deviation: float
    of: str = ''
    instance_id: int = 0
    axis: ShaftAxis | None = None
    systematic: float | None = None
    own_deviation: float = math.nan
    frame_noise: float = math.inf
    instruments: Mapping[int, InstrumentScale] = field(default_factory=dict, compare=False)
    shape: ShapeCorrection | None = field(default=None, compare=False)

    @property
    def factor(self) -> float:
        """Metres per metre of the network."""
        return math.exp(self.log_factor)


@dataclass(frozen=True)
class Rejection:
    """Why something that might have told the scale does not.

    :param source: of ``SOURCES``
    :param reason: for people
    :param of: as in ``ScaleObservation``, and ``instance_id``
    :param is_fault: whether something is set wrongly, which a person has to mend, rather than not seen now; it is told
        among the conflicts as well
    """

    source: str
    reason: str
    of: str = ''
    instance_id: int = 0
    is_fault: bool = False
