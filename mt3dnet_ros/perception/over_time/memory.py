"""What is carried from one frame of a stream to the next, and when it is dropped."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.conv_lstm import ConvLSTMState
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.over_time.gaze import GazeFilter
from mt3dnet_ros.perception.over_time.mask_filter import MaskFilter


@dataclass(frozen=True)
class _Met:
    """The frame before: stamp in nanoseconds, height and width in pixels, camera."""

    stamp: int
    size: tuple[int, int]
    camera: Camera | None


class Memory:
    """The memory of one stream: the network's state, the masks and the gaze.

    A frame without a stamp stands alone: nothing is known of its predecessor, so nothing is remembered of it.
    """

    def __init__(self) -> None:
        self.gaze = GazeFilter()
        self.masks = MaskFilter()
        self.resets = 0
        self._state: ConvLSTMState | None = None
        self._last: _Met | None = None

    @property
    def state(self) -> ConvLSTMState | None:
        """The network's, of the frame before; None where there is none."""
        return self._state

    def meet(self, frame: Frame, camera: Camera | None, longest_gap: float) -> None:
        """Forget all, unless a frame goes on where the one before it ended.

        It does not when time went back or leapt, or when the image's size or the camera changed.

        :param longest_gap: seconds between two frames that may belong together
        """
        met = _Met(frame.stamp, frame.size, camera) if frame.stamp else None
        if self._last is None or met is None or not _continues(self._last, met, longest_gap):
            self.forget()
        self._last = met

    def keep(self, state: ConvLSTMState | None) -> None:
        """Remember the network's state after the frame that was met."""
        if self._last is not None:
            self._state = state

    def forget(self) -> None:
        """Start anew with the next frame; counted in ``resets`` where something was remembered."""
        self.resets += self._last is not None
        self._state = self._last = None
        self.gaze.forget()
        self.masks.forget()


def _continues(before: _Met, now: _Met, longest_gap: float) -> bool:
    same_view = before.size == now.size and before.camera == now.camera
    return same_view and 0.0 <= 1e-9 * (now.stamp - before.stamp) <= longest_gap
