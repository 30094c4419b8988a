"""The shape of depth between two uses of what corrects it."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.perception.scale.observation import ShapeCorrection
from mt3dnet_ros.perception.scale.view import ScaleView

_FADES = 0.3  # seconds in which trust falls to 37 %
_SAME = 0.03  # of the logarithm; how far the network's depth of a place at rest differs from frame to frame
_LONGEST = 1.0  # seconds


class HeldShape:
    """Keeps a correction of the network's shape for the frames that follow it.

    It belongs to what the network said then: where it now says another depth, because something moved, nothing of it is
    left, and elsewhere less and less.
    """

    def __init__(self) -> None:
        self._held: ShapeCorrection | None = None
        self._network = np.zeros((0, 0), np.float32)
        self._stamp = 0

    def __call__(
        self, measured: ShapeCorrection | None, view: ScaleView, shape_deviation: float
    ) -> ShapeCorrection | None:
        """Return the correction of a frame.

        :param measured: in this frame; None where it was not
        :param shape_deviation: of the network's depth, where nothing corrects it
        """
        if measured is not None:
            self._held, self._network, self._stamp = measured, view.cell_depth, view.frame.stamp
            return measured
        age = 1e-9 * (view.frame.stamp - self._stamp)
        if self._held is None or not view.frame.stamp or not 0.0 <= age <= _LONGEST:
            self.forget()
            return None
        if view.cell_depth.shape != self._network.shape:
            return None
        trust = _trust(view.cell_depth, self._network) * np.float32(math.exp(-age / _FADES))
        kept = float(trust.mean())
        variance = kept * self._held.deviation**2 + (1.0 - kept) * shape_deviation**2
        return ShapeCorrection(self._held.field * trust, math.sqrt(variance))

    def forget(self) -> None:
        """Forget the frames before."""
        self._held = None


def _trust(now: np.ndarray, then: np.ndarray) -> np.ndarray:
    """Return how much the network says the same as then, (h, w) float32 from 0 to 1."""
    change = np.log(now / then) / _SAME
    return np.nan_to_num(np.exp(-0.5 * change * change), nan=0.0).astype(np.float32)
