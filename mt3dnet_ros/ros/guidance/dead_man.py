"""The subscription to the dead-man switch, and to what tells that it lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.duration import Duration
from rclpy.event_handler import (
    QoSLivelinessChangedInfo,
    QoSRequestedIncompatibleQoSInfo,
    SubscriptionEventCallbacks,
)
from rclpy.node import Node
from rclpy.qos import LivelinessPolicy, QoSProfile
from rclpy.subscription import MessageInfo, Subscription
from sensor_msgs.msg import Joy

from mt3dnet_ros.guidance.signs_of_life.dead_man import LIVELINESS, TOPIC, DeadManSwitch
from mt3dnet_ros.ros.graph import published_types, publisher_of, publishers_of
from mt3dnet_ros.ros.guidance.ages import check_age
from mt3dnet_ros.ros.guidance.messages import GuidanceMessageError
from mt3dnet_ros.ros.message_types import MessageTypeError, load_message_class
from mt3dnet_ros.ros.messages.headers import SECOND, StampError
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters
from mt3dnet_ros.ros.topics.guidance import DEAD_MAN, HEARTBEAT

_PRESSED = 1  # of a Joy's button; 0 is released, and 2, of the dVRK, a short tap
_PARTICIPANT = 12  # bytes of a publisher's id that are those of its process
_TELL_PROCESSES = ('rmw_fastrtps_cpp', 'rmw_fastrtps_dynamic_cpp', 'rmw_cyclonedds_cpp')  # whose ids are such GUIDs


class DeadManSubscription:
    """Hands what is published to a switch, until it is closed.

    :param on_error: called with the reason why something that is published cannot be used
    """

    def __init__(
        self,
        node: Node,
        switch: DeadManSwitch,
        parameters: CameraGuidanceParameters,
        on_error: Callable[[str], None],
    ) -> None:
        self._node = node
        self._switch = switch
        self._button = parameters.dead_man_button
        self._timeout = parameters.dead_man_timeout
        self._on_error = on_error
        self._beats_beside = parameters.dead_man_required and parameters.dead_man_heartbeat == TOPIC
        self._topic, self._beside = (node.resolve_topic_name(topic.name) for topic in (DEAD_MAN, HEARTBEAT))
        self._publishers: set[bytes] = set()
        self._subscriptions = [self._subscribe(parameters.dead_man_heartbeat == LIVELINESS)]
        self.follow_publishers()

    def follow_publishers(self) -> None:
        """Forget what publishers said that are there no more; to be called before every step."""
        self._publishers = publishers_of(self._node, self._topic)
        self._switch.keep(self._publishers)
        if self._beats_beside and len(self._subscriptions) == 1:
            self._subscribe_beside()

    def close(self) -> None:
        """Unsubscribe."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _subscribe(self, needs_liveliness: bool) -> Subscription[Any]:
        events = SubscriptionEventCallbacks()
        profile = DEAD_MAN.profile()
        if needs_liveliness:
            profile = QoSProfile(
                depth=1,
                liveliness=LivelinessPolicy.AUTOMATIC,
                liveliness_lease_duration=Duration(seconds=self._timeout),
            )
            events = SubscriptionEventCallbacks(
                liveliness=self._note_liveliness, incompatible_qos=self._refuse_publisher
            )
        return self._node.create_subscription(Joy, DEAD_MAN.name, self._take, profile, event_callbacks=events)

    def _subscribe_beside(self) -> None:
        """Subscribe to the heartbeat once it is known of which type it is."""
        types = published_types(self._node, self._beside)
        if not types:
            return
        try:
            message_class = load_message_class(types[0])
        except MessageTypeError as error:
            self._beats_beside = False
            self._on_error(f'{self._beside}: {error}')
            return
        beats = self._node.create_subscription(
            message_class, HEARTBEAT.name, self._take_beat, HEARTBEAT.profile(), raw=True
        )
        self._subscriptions.append(beats)

    def _now(self) -> float:
        return self._node.get_clock().now().nanoseconds / SECOND

    def _take(self, message: Joy, info: MessageInfo) -> None:
        publisher, pressed = publisher_of(info), self._is_pressed(message)
        try:
            if pressed:
                check_age(message.header, self._now(), self._timeout)
                self._check_alone(publisher)
        except (GuidanceMessageError, StampError) as error:
            self._on_error(f'{self._topic}: {error}')
        else:  # what says released counts, however old it is
            self._switch.take(pressed, self._now(), publisher)

    def _is_pressed(self, message: Joy) -> bool:
        return len(message.buttons) > self._button and message.buttons[self._button] == _PRESSED

    def _check_alone(self, publisher: bytes | None) -> None:
        """Refuse a switch that is pressed, where another publisher may say released and nobody can tell them apart."""
        if publisher is None and len(self._publishers) > 1:
            raise GuidanceMessageError(
                'several publish the switch, and this rclpy cannot tell them apart; end all but one'
            )

    def _take_beat(self, _: bytes, info: MessageInfo) -> None:
        if self._is_of_the_switch(info):
            self._switch.beat(self._now())
        else:
            self._on_error(
                f'{self._beside} comes from another process than {self._topic}, so that it does not tell whether that '
                'lives; remap heartbeat to what the same process publishes'
            )

    def _is_of_the_switch(self, info: MessageInfo) -> bool:
        """Return whether the heartbeat comes from a process that publishes the switch; True where nobody can tell."""
        gid, publisher = info.get('publisher_gid'), publisher_of(info)
        if not gid or publisher is None or gid['implementation_identifier'] not in _TELL_PROCESSES:
            return True
        return publisher[:_PARTICIPANT] in {known[:_PARTICIPANT] for known in self._publishers}

    def _note_liveliness(self, event: QoSLivelinessChangedInfo) -> None:
        self._switch.note_liveliness(event.alive_count > 0 and event.not_alive_count == 0)

    def _refuse_publisher(self, _: QoSRequestedIncompatibleQoSInfo) -> None:
        self._on_error(
            f'a publisher of {self._topic} does not offer a liveliness with a lease of at most {self._timeout:g} s; '
            'let it, or choose another dead_man_heartbeat'
        )
