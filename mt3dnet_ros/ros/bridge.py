"""Whether cv_bridge is installed decides what is done with the encodings that ``images`` does not know."""

from __future__ import annotations

import numpy as np
from sensor_msgs.msg import Image


def bridge_to_rgb(message: Image) -> np.ndarray | None:
    """Return (H, W, 3) uint8 by cv_bridge; None where it is not installed or cannot convert the encoding either."""
    try:
        from cv_bridge import CvBridge
    except (ImportError, AttributeError):  # the latter: built for NumPy 1, loaded under NumPy 2
        return None
    try:
        return CvBridge().imgmsg_to_cv2(message, 'rgb8')
    except Exception:  # CvBridgeError, and cv2.error or TypeError of what it is built upon
        return None
