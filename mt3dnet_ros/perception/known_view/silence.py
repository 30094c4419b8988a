"""The prediction of a network that sees nothing."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.models.tasks import Prediction

_NEVER = -1e4  # a logit whose sigmoid is 0, within half precision


def silenced(prediction: Prediction) -> Prediction:
    """Return a prediction of the same outputs: background everywhere, no peak, nothing salient, unknown depth.

    Outputs of tasks that came later are logits that say no, until they are named here.
    """
    silent = prediction.mapped(lambda output: np.full_like(output, _NEVER))
    silent.types[:, 0] = silent.parts[:, 0] = 0.0
    return silent._replace(depth=np.full_like(prediction.depth, math.nan))
