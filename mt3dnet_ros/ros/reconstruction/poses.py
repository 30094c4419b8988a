"""Where the camera is, from the source that the parameters name, or from what it falls back to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rclpy.node import Node

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.reconstruction.pose_watch import PoseWatch
from mt3dnet_ros.reconstruction.settings import GIVEN
from mt3dnet_ros.ros.frames.transform_tree import TransformError, TransformTree
from mt3dnet_ros.ros.messages.headers import SECOND, clean_frame_id
from mt3dnet_ros.ros.parameters.reconstruction import TF, WAIT, ReconstructionParameters

Lookup = Callable[[str, str, int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class PoseChoice:
    """How the pose of an image is found.

    :param source: of ``reconstruction.settings.POSE_SOURCES``
    :param pose: (4, 4) from the camera's optical frame to the map, where it is given
    :param problem: why the source that is wanted is not used, in words; empty where it is
    """

    source: str
    pose: np.ndarray | None = None
    problem: str = ''


class CameraPoses:
    """Chooses, image by image.

    :param lookup: takes two frames and a stamp as ``TransformTree.lookup`` does; None where there is no tf2
    """

    def __init__(self, parameters: ReconstructionParameters, lookup: Lookup | None = None) -> None:
        self._parameters, self.lookup = parameters, lookup
        self._watch = PoseWatch(parameters.most_speed, parameters.patience)

    def at(self, frame_id: str, stamp: int) -> PoseChoice:
        """Return how the pose of the camera is found.

        :param frame_id: of the image
        :param stamp: of the image, nanoseconds
        """
        if self._parameters.pose_source != TF:
            return PoseChoice(self._parameters.pose_source)
        try:
            pose = self._find(clean_frame_id(frame_id), stamp)
            problem = self._watch.problem(pose, stamp / SECOND)
        except MT3DNetError as error:
            problem = str(error)
        if not problem:
            return PoseChoice(GIVEN, pose)
        fallback = self._parameters.pose_fallback
        return PoseChoice(GIVEN if fallback == WAIT else fallback, None, problem)

    def _find(self, frame_id: str, stamp: int) -> np.ndarray:
        if self.lookup is None:
            raise TransformError('tf2_ros, which comes with a ROS installation, is not installed')
        if not frame_id:
            raise TransformError('the images have no frame_id: let their driver set one, or set frame_id of perception')
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = self.lookup(clean_frame_id(self._parameters.map_frame), frame_id, stamp)
        if not np.isfinite(pose).all():
            raise TransformError(f"the transform from '{frame_id}' to '{self._parameters.map_frame}' is not finite")
        return pose


def listen_to_tf(node: Node, parameters: ReconstructionParameters) -> TransformTree | None:
    """Return what listens to transforms; None where none are wanted, or tf2 is not installed."""
    if parameters.pose_source != TF:
        return None
    try:
        return TransformTree(node)
    except TransformError:  # which is said of every image
        return None
