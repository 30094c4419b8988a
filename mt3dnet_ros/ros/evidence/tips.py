"""Where the tips of the tools are, in the camera's frame, as the robot's kinematics say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rclpy.node import Node

from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.scale.evidence import KnownTip
from mt3dnet_ros.ros.diagnostics import WARN, Finding
from mt3dnet_ros.ros.evidence.camera_frame import CameraFrame
from mt3dnet_ros.ros.evidence.tip_topics import NoPoseError, TipTopics
from mt3dnet_ros.ros.evidence.tool_names import parse_named
from mt3dnet_ros.ros.frames.transform_tree import TransformError, TransformTree
from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.monitoring.lasting import LastingProblems

if TYPE_CHECKING:
    from mt3dnet_ros.ros.parameters.perception import PerceptionParameters

_ORIGIN = np.zeros(3)


class Tips:
    """Brings the tips that the parameters name to the camera, at the time of its images.

    :raises HandEyeError: the hand-eye file cannot be used
    """

    def __init__(self, node: Node, parameters: PerceptionParameters) -> None:
        self._frames = parse_named(parameters.tip_frames)
        topics = parse_named(parameters.tip_topics)
        self._topics = TipTopics(node, topics)
        self._names = tuple({**topics, **self._frames})
        self._tree = _tree(node) if self._names else None
        hand_eye = parameters.hand_eye if topics else ''
        self._camera_frame = CameraFrame(hand_eye, parameters.hand_eye_frame, self._tree)
        self._problems = LastingProblems()
        self._last: tuple[str, ...] = ()
        self.apply(parameters)

    def apply(self, parameters: PerceptionParameters) -> None:
        """Work with other parameters from the next frame on."""
        self._deviation = parameters.tip_deviation
        self._patience = parameters.no_image_warning

    def at(self, frame: Frame) -> tuple[KnownTip, ...]:
        """Return the tips whose places are known at the time of a frame."""
        tips = [self._attempt(name, frame) for name in self._names]
        known = tuple(tip for tip in tips if tip is not None)
        self._last = tuple(tip.name for tip in known)
        return known

    def findings(self) -> list[Finding]:
        """Return why tips have not been known for a while."""
        lasting = self._problems.after(self._patience)
        return [Finding(f'tip {name}', WARN, f'tip of {name}: {text}') for name, text in lasting.items()]

    def values(self) -> dict[str, str]:
        """Return what diagnostics show of the tips."""
        return {'tips known': ', '.join(self._last) or 'none'} if self._names else {}

    def close(self) -> None:
        """Unsubscribe."""
        self._topics.close()
        if self._tree is not None:
            self._tree.close()

    def _attempt(self, name: str, frame: Frame) -> KnownTip | None:
        try:
            tip = self._find(name, frame)
        except (NoPoseError, TransformError, ValueError) as error:
            self._problems.note(name, str(error))
            return None
        self._problems.note(name, '')
        return tip

    def _find(self, name: str, frame: Frame) -> KnownTip:
        if not frame.stamp:
            raise NoPoseError('images have no stamp, so that it is not known where the tool was; stamp them')
        point, given_in, stamp = _ORIGIN, self._frames.get(name, ''), frame.stamp
        if name not in self._frames:
            pose = self._topics.at(name, frame.stamp)
            at = pose.pose.position
            point, given_in, stamp = np.array([at.x, at.y, at.z]), pose.header.frame_id, stamp_to_ns(pose.header.stamp)
        x, y, z = map(float, self._camera_frame.bring(point, given_in, frame.frame_id, stamp))
        if not np.isfinite((x, y, z)).all():
            raise NoPoseError(f'its place {x:g} {y:g} {z:g} is not finite')
        return KnownTip(name, (x, y, z), self._deviation, stamp)


def _tree(node: Node) -> TransformTree | None:
    try:
        return TransformTree(node)
    except TransformError:  # then hand-eye files alone tell; where they do not, that is told
        return None
