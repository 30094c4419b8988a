"""What guidance subscribes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import Image, JointState

from mt3dnet_ros import msg
from mt3dnet_ros.guidance.guide import Guide
from mt3dnet_ros.guidance.mechanism import ImpossibleJointsError
from mt3dnet_ros.ros.diagnostics import Finding
from mt3dnet_ros.ros.graph import find_wrong_type
from mt3dnet_ros.ros.guidance.ages import check_age
from mt3dnet_ros.ros.guidance.dead_man import DeadManSubscription
from mt3dnet_ros.ros.guidance.messages import GuidanceMessageError, decode_depth, read_joints, read_scale
from mt3dnet_ros.ros.guidance.targets import Target, TargetReader
from mt3dnet_ros.ros.messages.headers import SECOND, StampError, clean_frame_id, stamp_to_ns
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters
from mt3dnet_ros.ros.topics.guidance import DEAD_MAN, DEPTH, GAZE, JOINTS, SCALE, SCANPATH
from mt3dnet_ros.ros.topics.topic import Topic

M = TypeVar('M')


class GuidanceSubscriptions:
    """Hands every message to a guide, until it is closed.

    :param on_target: called with every target that the guide has taken
    :param on_error: called with the reason why a message cannot be used
    """

    def __init__(
        self,
        node: Node,
        guide: Guide,
        parameters: CameraGuidanceParameters,
        on_target: Callable[[Target], None],
        on_error: Callable[[str], None],
    ) -> None:
        self._node = node
        self._guide = guide
        self._on_target = on_target
        self._on_error = on_error
        self._joint_timeout = parameters.dvrk__joint_timeout
        self._joints_are_stamped = False
        self._topics: list[Topic[Any]] = [DEAD_MAN]
        self._dead_man = DeadManSubscription(node, guide.inputs.dead_man, parameters, on_error)
        self._targets = TargetReader(parameters.target_source, parameters.least_confidence > 0.0)
        self.frame_id = ''  # of the last depth image
        self._subscriptions = [
            self._subscribe(GAZE, lambda gaze: self._take_target(self._targets.take_gaze(gaze))),
            self._subscribe(SCANPATH, lambda path: self._take_target(self._targets.take_scanpath(path))),
            self._subscribe(DEPTH, self._take_depth),
        ]
        if parameters.scale_required:
            self._subscriptions.append(self._subscribe(SCALE, self._take_scale))
        if guide.arm:
            self._subscriptions.append(self._subscribe(JOINTS.of(arm=parameters.dvrk__arm), self._take_joints))

    def follow_publishers(self) -> None:
        """Forget what comes from publishers that are there no more; to be called before every step."""
        self._dead_man.follow_publishers()

    def findings(self) -> list[Finding]:
        """Return what is wrong with what is published on the topics."""
        return [
            found
            for topic in self._topics
            for found in find_wrong_type(
                self._node,
                self._node.resolve_topic_name(topic.name),
                topic.message_class,
                f'remap {topic.name} to a topic of that type',
            )
        ]

    def close(self) -> None:
        """Unsubscribe."""
        self._dead_man.close()
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _subscribe(self, topic: Topic[M], take: Callable[[M], None]) -> Subscription[Any]:
        def receive(message: M) -> None:
            try:
                take(message)
            except (GuidanceMessageError, ImpossibleJointsError, StampError) as error:
                self._on_error(f'{self._node.resolve_topic_name(topic.name)}: {error}')

        self._topics.append(topic)
        return topic.subscription(self._node, receive)

    def _now(self) -> float:
        return self._node.get_clock().now().nanoseconds / SECOND

    def _take_target(self, target: Target | None) -> None:
        if target is None:
            return
        if self.frame_id and target.frame_id != self.frame_id:
            raise GuidanceMessageError(
                f"the target is in the frame '{target.frame_id}', the depth image in '{self.frame_id}'; both must be "
                'in the optical frame of one camera'
            )
        self._guide.inputs.take_target(target.point, target.stamp / SECOND, target.confidence, self._now())
        self._on_target(target)

    def _take_depth(self, message: Image) -> None:
        stamp = stamp_to_ns(message.header.stamp) / SECOND
        self._guide.inputs.take_depth(decode_depth(message), stamp, self._now())
        self.frame_id = clean_frame_id(message.header.frame_id)

    def _take_scale(self, message: msg.DepthScale) -> None:
        stamp = stamp_to_ns(message.header.stamp) / SECOND
        self._guide.inputs.take_scale(read_scale(message), stamp, self._now())

    def _take_joints(self, message: JointState) -> None:
        if self._guide.arm:
            check_age(message.header, self._now(), self._joint_timeout)
            joints, stamp = read_joints(message), stamp_to_ns(message.header.stamp)
            self._guide.arm.check_joints(joints)
            if self._joints_are_stamped and not stamp:  # after CRTK
                raise GuidanceMessageError('the joint state has no stamp any more: it is not valid, as of a paused arm')
            self._joints_are_stamped = bool(stamp)
            self._guide.arm.take_joints(joints, self._now(), stamp / SECOND if stamp else None)
