"""Where to look, on the picture: saliency as a tint, and the numbered scanpath."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mt3dnet_ros.perception.overlay import draw_attention
from mt3dnet_ros.perception.scene import Fixation

TINT = (0, 230, 255)  # far from the colours of tissue
OPACITY = 0.6  # where saliency is highest
_LEAST = 26  # of 255: a frame whose saliency stays below 0.1 is not scaled up


def draw_saliency(image: np.ndarray, saliency: np.ndarray, scanpath: Sequence[Fixation]) -> np.ndarray:
    """Return the image tinted where it is salient, in proportion to the frame's highest, with numbered fixations.

    :param image: (H, W, 3) uint8, red first
    :param saliency: (H, W) uint8
    :return: a new (H, W, 3) uint8 image
    """
    opacity = saliency[..., None] * (OPACITY / max(_LEAST, int(saliency.max())))
    picture = ((1.0 - opacity) * image + opacity * np.array(TINT)).astype(np.uint8)
    draw_attention(picture, saliency, scanpath)
    return picture
