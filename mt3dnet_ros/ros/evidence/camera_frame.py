"""Points of the robot's frames in the camera's optical frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mt3dnet_ros.ros.frames.hand_eye import read_hand_eye
from mt3dnet_ros.ros.frames.transform_tree import TransformError, TransformTree
from mt3dnet_ros.ros.messages.headers import clean_frame_id
from mt3dnet_ros.ros.messages.transforms import rotation_of

if TYPE_CHECKING:
    from geometry_msgs.msg import TransformStamped


class CameraFrame:
    """Brings points to the camera: those in its frame as they are, others by the hand-eye file, or else by tf2.

    :param hand_eye: file with the pose of the optical frame in that which holds the camera; empty for none
    :param holder: name of the frame that holds the camera; empty for that of the file
    :param tree: None where tf2 is not installed
    :raises HandEyeError: the file cannot be used
    """

    def __init__(self, hand_eye: str, holder: str, tree: TransformTree | None) -> None:
        self._tree = tree
        self._held: TransformStamped | None = read_hand_eye(hand_eye, holder) if hand_eye else None

    def bring(self, point: np.ndarray, frame: str, optical: str, stamp: int) -> np.ndarray:
        """Return a point, (3,) metres, in the optical frame.

        :param frame: in which it is given
        :param optical: the optical frame of the images
        :param stamp: nanoseconds; 0 for now
        :raises TransformError: it is not known how the frame lies to the camera
        """
        frame = clean_frame_id(frame)
        if frame == optical:
            return point
        if self._held is not None and frame == self._held.header.frame_id:
            moved = self._held.transform.translation
            return (point - [moved.x, moved.y, moved.z]) @ rotation_of(self._held.transform.rotation)
        if self._tree is not None:
            rotation, translation = self._tree.lookup(optical, frame, stamp)
            return rotation @ point + translation
        raise TransformError(self._unknown(frame, optical))

    def _unknown(self, frame: str, optical: str) -> str:
        held = f"hand_eye is for '{self._held.header.frame_id}'" if self._held else 'no hand_eye file is named'
        return (
            f"it is in the frame '{frame}', the images are in '{optical}', and {held}: name a hand-eye file of that "
            f"frame (and hand_eye_frame: '{frame}' where the file calls it otherwise), or install tf2_ros"
        )
