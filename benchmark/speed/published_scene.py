"""What the node publishes of one picture, without the node."""

from __future__ import annotations

import time

from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.topics.output import StampedScene
from speed.pictures import camera_of, read_pictures, shipped_clip

_PICTURE = 60  # of the shipped clip: one with two instruments


def published_scene(size: tuple[int, int]) -> StampedScene:
    """Return the scene of a picture of the shipped clip, as the shipped network sees it.

    :param size: width and height of the picture in pixels
    """
    picture = read_pictures(shipped_clip(), size, _PICTURE)[-1]
    perceiver, camera = load('', 'cpu'), camera_of(size)
    scene = perceiver(Frame(picture, 1), camera)
    return StampedScene(scene, make_header(time.time_ns(), 'scope'), camera, perceiver.taxonomy)
