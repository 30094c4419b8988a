"""What perception knows of a frame once the network has run, before any of it is interpreted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings


@dataclass(frozen=True)
class NetworkOutputs:
    """What the network says about one frame.

    :param frame: that it was run on
    :param letterbox: between the frame's image and the network's input
    :param prediction: of a batch of one image; its masks are smoothed over time where the settings say so
    :param settings: of this frame, also for what follows
    :param timings: seconds per stage so far
    """

    frame: Frame
    letterbox: Letterbox
    prediction: Prediction
    settings: Settings
    timings: Mapping[str, float]
