"""The taxonomy as a message, and its colours out of one."""

from __future__ import annotations

import numpy as np
from std_msgs.msg import ColorRGBA, Header

from mt3dnet_ros import msg
from mt3dnet_ros.perception.taxonomy import Taxonomy


def fill_label_info(taxonomy: Taxonomy, threshold: float, header: Header) -> msg.LabelInfo:
    """Return what the label image's values mean, and the least score of a published detection."""
    return msg.LabelInfo(
        header=header,
        taxonomy=taxonomy.name,
        ids=[entry.id for entry in taxonomy.classes],
        names=[entry.name for entry in taxonomy.classes],
        colors=[color(entry.color) for entry in taxonomy.classes],
        threshold=threshold,
    )


def read_palette(message: msg.LabelInfo) -> np.ndarray:
    """Return the colour of every id that a label image can hold, (256, 3) uint8; black where there is none."""
    palette = np.zeros((256, 3), np.uint8)
    for class_id, rgba in zip(message.ids, message.colors, strict=False):
        if class_id < len(palette):
            palette[class_id] = np.clip(np.nan_to_num([rgba.r, rgba.g, rgba.b]), 0.0, 1.0) * 255.0 + 0.5
    return palette


def color(rgb: tuple[int, int, int], opacity: float = 1.0) -> ColorRGBA:
    """Return a colour of three values from 0 to 255."""
    red, green, blue = (channel / 255.0 for channel in rgb)
    return ColorRGBA(r=red, g=green, b=blue, a=opacity)
