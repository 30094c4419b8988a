"""The picture that is laid over what the surgeon sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from mt3dnet_ros.perception.console.parts import PARTS
from mt3dnet_ros.perception.console.sheet import Sheet
from mt3dnet_ros.perception.console.view import EyeView


@dataclass(frozen=True)
class DrawnView:
    """What became of a view.

    :param covered: the part of the picture that is not fully transparent
    :param left_out: how many parts of which kind would have covered too much
    """

    covered: float = 0.0
    left_out: Counter[str] = field(default_factory=Counter)


def draw_console(view: EyeView, picture: np.ndarray, shown: Collection[str], most_covered: float) -> DrawnView:
    """Draw a view onto a picture, from what matters most to what matters least.

    A part that does not fit into what may be covered is left out; smaller ones after it may still fit.

    :param picture: (H, W, 4) uint8 of the view's size, all zero; is drawn on: blue, green, red and alpha, the colours
        not multiplied by alpha
    :param shown: of ``PARTS``
    :param most_covered: the part of the pixels that may be other than fully transparent, 0 to 1
    """
    sheet, left_out = Sheet(picture, most_covered), Counter[str]()
    for kind, parts in PARTS.items():
        if kind in shown:
            left_out.update(part.kind for part in parts(view) if not sheet.draw(part))
    return DrawnView(sheet.covered, left_out)
