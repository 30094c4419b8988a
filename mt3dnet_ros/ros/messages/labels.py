"""The taxonomy as a message."""

from __future__ import annotations

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


def color(rgb: tuple[int, int, int], opacity: float = 1.0) -> ColorRGBA:
    """Return a colour of three values from 0 to 255."""
    red, green, blue = (channel / 255.0 for channel in rgb)
    return ColorRGBA(r=red, g=green, b=blue, a=opacity)
