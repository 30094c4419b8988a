"""What the second eye says of single instruments."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.perception.scale.observation import InstrumentScale
from mt3dnet_ros.perception.scale.second_eye.consensus import CALIBRATION, MEDIAN_TO_MEAN, LogRatios, spread

_LEAST_MATCHES = 12  # on an instrument
_PER_MATCH = 6.0  # matches that share one error; judged on rendered pairs
_PLACE = 0.02  # deviation of the logarithm of the depth where matches are from that of the visible surface


def scales_of_instruments(ratios: LogRatios, instances: np.ndarray) -> dict[int, InstrumentScale]:
    """Return the factor on the network's depth of every instrument that has matches enough, by instance id.

    :param instances: (h, w) ids, 0 is background
    """
    found = {}
    for instance_id in np.unique(instances[ratios.known & (instances > 0)]).tolist():
        values = ratios.values[ratios.known & (instances == instance_id)]
        if len(values) >= _LEAST_MATCHES:
            sampling = MEDIAN_TO_MEAN * spread(values) * math.sqrt(_PER_MATCH / len(values))
            found[instance_id] = InstrumentScale(float(np.median(values)), math.hypot(sampling, CALIBRATION, _PLACE))
    return found
