"""What perception knows of a frame once the network has run, before any of it is interpreted."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.canvas.canvas import Canvas
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.known_view.verdict import ViewVerdict
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.stopwatch import Stopwatch


@dataclass(frozen=True)
class NetworkOutputs:
    """What the network says about one frame.

    :param frame: that it was run on
    :param letterbox: between the frame's image and the network's input
    :param canvas: of the frame's image
    :param prediction: of a batch of one image; its masks are smoothed over time where the settings say so
    :param verdict: whether the picture is a view that the network knows
    :param settings: of this frame, also for what follows
    :param stopwatch: seconds per stage so far
    :param repeated: seconds for which the frame's picture has been repeated
    """

    frame: Frame
    letterbox: Letterbox
    canvas: Canvas
    prediction: Prediction
    verdict: ViewVerdict
    settings: Settings
    stopwatch: Stopwatch
    repeated: float = 0.0

    @property
    def timings(self) -> dict[str, float]:
        """Seconds per stage so far."""
        return self.stopwatch.seconds

    @property
    def is_frozen(self) -> bool:
        """Whether the picture has been repeated for so long that it is no live one."""
        return 0.0 < self.settings.frozen_timeout <= self.repeated
