"""A part of the picture that rests while what is seen of it wavers."""

from __future__ import annotations

from mt3dnet_ros.perception.visible_area import PixelBox

_PLAY = 0.01  # of the picture's height and width, by which an edge may move before it is followed


class SteadyBox:
    """Keeps a box of pixels as long as the next ones are nearly the same.

    What the network sees would else be scaled a little differently from frame to frame, and masks would flicker.
    """

    def __init__(self) -> None:
        self._box: PixelBox | None = None
        self._size = (0, 0)

    def __call__(self, box: PixelBox, size: tuple[int, int], stamp: int) -> PixelBox:
        """Return the box for a frame.

        :param size: height and width of the picture
        :param stamp: of the frame; 0 where unknown: the box is taken as it is, and not remembered
        """
        if not stamp:
            return box
        if self._box is None or self._size != size or not _is_near(self._box, box, size):
            self._box, self._size = box, size
        return self._box

    def forget(self) -> None:
        """Forget the box: the next one is taken as it is."""
        self._box = None


def _is_near(before: PixelBox, now: PixelBox, size: tuple[int, int]) -> bool:
    return all(
        abs(old - new) <= _PLAY * side
        for ends, others, side in zip(before, now, size, strict=True)
        for old, new in zip(ends, others, strict=True)
    )
