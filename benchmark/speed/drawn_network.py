"""A network that runs for its time and then says what was drawn: so many instruments, whatever it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.back_ends.back_end import BackEnd

Tool = tuple[float, float, float, float, int]
"""Left, top, right and bottom in shares of the picture, and class."""


def upright_tools(number: int) -> list[Tool]:
    """Return instruments side by side, which together cover a quarter of the picture whatever their number."""
    width = 1.0 / max(1, number)
    return [((i + 0.25) * width, 0.0, (i + 0.75) * width, 0.5, 1 + i % 7) for i in range(number)]


class DrawnNetwork:
    """A back end that runs another one for its time.

    :param back_end: the other one
    :param tools: that it says are there
    """

    def __init__(self, back_end: BackEnd, tools: Sequence[Tool]) -> None:
        self._back_end, self._tools = back_end, tools
        self._drawn: Prediction | None = None

    def __call__(self, images: np.ndarray, state: Any = None) -> Prediction:
        """Run the network; ``BackEnd`` says on what."""
        said = self._back_end(images, state)
        if self._drawn is None:
            self._drawn = draw(said, self._tools)
        return self._drawn._replace(view=said.view, state=said.state)

    def __getattr__(self, name: str) -> Any:
        """Return what the other one has."""
        return getattr(self._back_end, name)


def draw(prediction: Prediction, tools: Sequence[Tool]) -> Prediction:
    """Return a prediction of the same shape that shows these tools."""
    blank = prediction.mapped(np.zeros_like)
    height, width = blank.types.shape[-2:]
    blank.types[:, 0], blank.heat[:], blank.depth[:] = 8.0, -8.0, 0.12
    for left, top, right, bottom, class_id in tools:
        rows, columns = slice(int(top * height), int(bottom * height)), slice(int(left * width), int(right * width))
        blank.types[0, 0, rows, columns], blank.types[0, class_id, rows, columns] = 0.0, 4.0
        blank.depth[0, 0, rows, columns] = 0.09
        for part in (1, 2, 3):
            share = columns.start + (columns.stop - columns.start) * (part - 1) // 3
            blank.parts[0, 1:, rows, share : columns.stop] = 0.0
            blank.parts[0, part, rows, share : columns.stop] = 6.0
        row, column = (rows.start + rows.stop) // 4, (columns.start + columns.stop) // 4
        blank.heat[0, class_id - 1, row, column] = 1.0
        blank.boxes[0, :, row, column] = np.array([columns.stop - columns.start, rows.stop - rows.start] * 2) * 2.0
    return blank
