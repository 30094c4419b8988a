"""What is carried from one frame of a stream to the next, and when it is dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.displacement import displacement
from mt3dnet_ros.models.state import ConvLSTMState
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.over_time.gaze import GazeFilter
from mt3dnet_ros.perception.over_time.mask_filter import MaskFilter

_LARGEST_STEP = 0.02  # of the image's width, that a zoom may move the picture from one frame to the next


@dataclass(frozen=True)
class _StreamFrame:
    """A frame's place in its stream: stamp in nanoseconds, height and width in pixels, camera."""

    stamp: int
    size: tuple[int, int]
    camera: Camera | None


class Memory:
    """The memory of one stream: the network's state, the masks and the gaze.

    A frame without a stamp belongs to no stream: nothing is remembered before it, and nothing after it.

    :param forget_too: called whenever it forgets, for what others remember of the stream
    """

    def __init__(self, *forget_too: Callable[[], None]) -> None:
        self._forget_too = forget_too
        self.gaze = GazeFilter()
        self.masks = MaskFilter()
        self.resets = 0
        self._state: ConvLSTMState | None = None
        self._last: _StreamFrame | None = None
        self._before: _StreamFrame | None = None  # the last one

    @property
    def state(self) -> ConvLSTMState | None:
        """The network's, of the frame before; None where there is none."""
        return self._state

    def advance(self, frame: Frame, camera: Camera | None, longest_gap: float) -> None:
        """Go on to a frame; forget everything unless it continues the stream of the frame before.

        It does not when time went back or leapt, or when the image's size or the camera changed; a zoom, whose camera
        changes little by little, goes on.

        :param longest_gap: seconds between two frames of one stream
        """
        now = _StreamFrame(frame.stamp, frame.size, camera) if frame.stamp else None
        if self._last is None or now is None or not _continues(self._last, now, longest_gap):
            self.forget()
        self._before, self._last = self._last, now

    def skip(self) -> None:
        """Take the frame of :meth:`advance` back: it showed nothing, and the next one continues the stream before it.

        While nothing is shown the stream has a gap, like any other in which no frame comes.
        """
        self._last = self._before

    def keep(self, state: ConvLSTMState | None) -> None:
        """Remember the network's state after the frame of :meth:`advance`."""
        if self._last is not None:
            self._state = state

    def forget(self) -> None:
        """Forget everything, so that the next frame begins a stream; counted in ``resets`` where there was a stream."""
        self.resets += self._last is not None
        self._state = self._last = self._before = None
        self.gaze.forget()
        self.masks.forget()
        for forget in self._forget_too:
            forget()


def _continues(before: _StreamFrame, now: _StreamFrame, longest_gap: float) -> bool:
    in_time = 0.0 <= 1e-9 * (now.stamp - before.stamp) <= longest_gap
    return in_time and before.size == now.size and _is_one_camera(before.camera, now.camera)


def _is_one_camera(before: Camera | None, now: Camera | None) -> bool:
    if before is None or now is None:
        return before is now
    return displacement(before, now) <= _LARGEST_STEP * now.width
