"""A factor that the user has measured."""

from __future__ import annotations

import math

from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.view import ScaleView


class FixedScale:
    """Says what the settings say: ``fixed_scale`` within ``fixed_scale_deviation``."""

    def observe(self, view: ScaleView) -> list[ScaleObservation | Rejection]:
        """Return the factor; empty where there is none."""
        settings = view.settings
        if not settings.fixed_scale:
            return []
        return [ScaleObservation('fixed', math.log(settings.fixed_scale), settings.fixed_scale_deviation)]

    def forget(self) -> None:
        """Forget nothing: the factor outlives the stream."""
