"""What gives observations of scale."""

from __future__ import annotations

from typing import Protocol

from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.view import ScaleView


class ScaleEstimator(Protocol):
    """One source of scale."""

    def observe(self, view: ScaleView) -> list[ScaleObservation | Rejection]:
        """Return what the source says of a frame; empty where the settings or the evidence leave it out."""

    def forget(self) -> None:
        """Forget the frames before: a new stream begins."""
