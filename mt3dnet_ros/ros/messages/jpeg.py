"""Pictures as JPEG messages."""

from __future__ import annotations

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

FORMAT = 'rgb8; jpeg compressed bgr8'  # compressed_image_transport's words for a JPEG of an rgb8 image


def fill_jpeg(rgb: np.ndarray, quality: int, header: Header) -> CompressedImage:
    """Return a picture as a message that image_transport's ``compressed`` reads.

    :param rgb: (H, W, 3) uint8, red first
    :param quality: 1 to 100
    """
    message = CompressedImage(header=header, format=FORMAT)
    _, data = cv2.imencode('.jpg', cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    message.data.frombytes(data.data)  # assigning would convert every byte
    return message
