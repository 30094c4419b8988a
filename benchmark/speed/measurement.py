"""What was measured of a running node in a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from speed.process_use import ProcessUse


@dataclass(frozen=True)
class Measurement:
    """What was measured in a while.

    :param sent: images that the camera sent
    :param arrivals: seconds from an image's stamp to the arrival of the last of its outputs
    :param stages: median milliseconds per stage of the last seconds, as the node reports them
    :param cores: processor time of the node by the time that passed
    :param use: what the node's process uses at the end
    """

    seconds: float
    sent: int
    arrivals: list[float]
    cores: float
    use: ProcessUse
    stages: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Frames per second whose outputs all arrived."""
        return len(self.arrivals) / self.seconds

    @property
    def dropped(self) -> float:
        """Share of the camera's images whose outputs did not all arrive, 0 to 1; NaN where it sent none."""
        return 1.0 - len(self.arrivals) / self.sent if self.sent else float('nan')

    @property
    def megabytes(self) -> float:
        """Memory of the node."""
        return 1e-6 * self.use.memory

    def latency(self, percentile: float) -> float:
        """Return a percentile of the arrivals in milliseconds; NaN where nothing arrived."""
        return 1e3 * float(np.percentile(self.arrivals, percentile)) if self.arrivals else float('nan')
