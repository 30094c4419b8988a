"""Images that hold both eyes side by side."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.ros.messages.encodings import ImageError


def split_halves(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the left and the right half of a picture, (H, W, 3) each, as views.

    :raises ImageError: its width is odd
    """
    width = picture.shape[1]
    if width % 2:
        raise ImageError(
            f'image of {width} x {picture.shape[0]} pixels cannot hold two eyes side by side: its width is odd; '
            "set stereo_layout to 'separate', or correct the source"
        )
    return picture[:, : width // 2], picture[:, width // 2 :]
