"""A topic that is made of a scene, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from std_msgs.msg import Header

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.depth_colors import DepthColors
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.taxonomy import Taxonomy
from mt3dnet_ros.ros.messages.bulk import BulkMessage
from mt3dnet_ros.ros.topics.topic import Topic

M = TypeVar('M')
T = TypeVar('T')

DEPTH_ENCODINGS = ('32FC1', '16UC1')
_BLACK = 0


@dataclass(frozen=True)
class EncodingSettings:
    """How outputs are encoded that can be encoded in more than one way.

    :param depth_encoding: of ``DEPTH_ENCODINGS``: metres or millimetres
    :param depth_color_limit: metres from which on coloured depth has its last colour
    :param jpeg_quality: 1 to 100
    """

    depth_encoding: str = DEPTH_ENCODINGS[0]
    depth_color_limit: float = 0.2
    jpeg_quality: int = 80


@dataclass(frozen=True)
class StampedScene:
    """A scene, and what its messages need besides it.

    :param header: with the stamp of the image and the frame of its camera
    :param camera: None where the camera is not calibrated
    """

    scene: Scene
    header: Header
    camera: Camera | None
    taxonomy: Taxonomy
    encoding: EncodingSettings = EncodingSettings()

    @cached_property
    def colored_depth(self) -> np.ndarray:
        """Depth in colours that do not change from frame to frame, (H, W, 3) uint8; black where it is unknown.

        :raises ValueError: perception left depth out
        """
        return DepthColors(0.0, self.encoding.depth_color_limit).draw(given(self.scene.depth), _BLACK)


@dataclass(frozen=True, eq=False, kw_only=True)
class Output(Topic[M], Generic[M]):
    """A topic that is made of a scene, once per image, while someone subscribes to it.

    :param needs: the fields of ``Scene`` it is made of
    :param encode: makes the message, whose data may be written later; None where there is nothing to say
    :param enabled_by: an output in the parameter ``outputs`` that enables this one too; empty for itself alone
    :param needs_saliency: a network without saliency has nothing for it
    :param is_recorded: the recorder takes it unasked; not what says the same as another
    """

    needs: tuple[str, ...]
    encode: Callable[[StampedScene], M | BulkMessage[M] | None]
    enabled_by: str = ''
    needs_saliency: bool = False
    is_recorded: bool = True

    @property
    def key(self) -> str:
        """The name without that of the node, as the parameter ``outputs`` and diagnostics use it."""
        return self.name.removeprefix('~/')

    def is_enabled(self, outputs: tuple[str, ...]) -> bool:
        """Return whether the parameter ``outputs`` enables it."""
        return self.key in outputs or self.enabled_by in outputs


def given(field: T | None) -> T:
    """Return a field of a scene that an output has in its ``needs``.

    :raises ValueError: perception left it out nevertheless
    """
    if field is None:
        raise ValueError('a field of the scene is missing: name it in the needs of the output')
    return field
