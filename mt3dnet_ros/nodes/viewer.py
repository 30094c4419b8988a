"""The node ``viewer``: the image and what perception sees in it, live in a browser or in the Foxglove app."""

from __future__ import annotations

import sys
import webbrowser
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy
from rclpy.subscription import Subscription

from mt3dnet_ros.errors import MissingExtraError
from mt3dnet_ros.ros.diagnostics import WARN, Finding
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.parameters.viewer import ViewerParameters
from mt3dnet_ros.ros.qos import LATCHED
from mt3dnet_ros.ros.reporter import Reporter
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.topic import Topic
from mt3dnet_ros.ros.viewer.live_view import LiveView
from mt3dnet_ros.ros.viewer.short_lease import use_short_lease
from mt3dnet_ros.viewer.ports import PortError
from mt3dnet_ros.viewer.web_page import WebPageError

_FOLLOWING = 0.25  # s
_REPORTING = 1.0  # s


class Viewer(Node):
    """Subscribes to what is watched, for as long as it is, and hands it to a view."""

    def __init__(self) -> None:
        super().__init__('viewer')
        self._opened = ExitStack()  # what ends with the node
        declare_parameters(self, ViewerParameters)
        parameters = read_parameters(self, ViewerParameters)
        self._view = _make_view(self, parameters)
        self._opened.callback(self._view.close)
        self._subscriptions_by_topic: dict[str, Subscription[Any]] = {}
        self._reporter = Reporter(self)
        steady = Clock(clock_type=ClockType.STEADY_TIME)  # a simulated clock may stand still
        self.create_timer(_FOLLOWING, self._follow, clock=steady)
        self.create_timer(_REPORTING, self._report, clock=steady)
        self.get_logger().info(f'{parameters.view} view of {parameters.perception_ns}: open {self._view.url}')
        if parameters.open_browser and parameters.view == 'rerun':
            webbrowser.open(self._view.url)

    def _follow(self) -> None:
        """Subscribe to what is watched and unsubscribe from what is not: perception makes nothing that nobody takes."""
        wanted, subscribed = self._view.wanted(), self._subscriptions_by_topic
        for name in subscribed.keys() - wanted:
            self.destroy_subscription(subscribed.pop(name))
        for topic in self._view.topics:
            if topic.name in wanted and topic.name not in subscribed:
                subscribed[topic.name] = self._subscribe(topic)

    def _subscribe(self, topic: Topic[Any]) -> Subscription[Any]:
        publishers = self.get_publishers_info_by_topic(topic.name)
        durabilities = {publisher.qos_profile.durability for publisher in publishers}
        if durabilities == {DurabilityPolicy.TRANSIENT_LOCAL}:  # published once, before somebody looked
            topic = replace(topic, qos=LATCHED)
        return topic.raw_subscription(self, partial(self._view.show, topic.name))

    def _report(self) -> None:
        findings = [Finding(f'refused {problem[:40]}', WARN, problem) for problem in self._view.problems()]
        if waiting := [topic.name for topic in self._view.topics if not self.count_publishers(topic.name)]:
            findings.append(Finding('waiting', WARN, f'no publisher yet of {", ".join(waiting)}'))
        findings += list(filter(None, map(self._type_finding, self._view.topics)))
        watched = {'subscribed': str(len(self._subscriptions_by_topic)), 'url': self._view.url}
        self._reporter(findings, self._view.figures() | watched)

    def _type_finding(self, topic: Topic[Any]) -> Finding | None:
        for publisher in self.get_publishers_info_by_topic(topic.name):
            if publisher.topic_type != topic.message_name:
                text = f"'{topic.name}' is published as {publisher.topic_type}, not {topic.message_name}"
                return Finding(f'type of {topic.name}', WARN, text)
        return None

    def destroy_node(self) -> None:
        """End the view."""
        self._opened.close()
        super().destroy_node()


def _make_view(node: Node, parameters: ViewerParameters) -> LiveView:
    """Return the view that is asked for; the other's package need not be installed."""
    if parameters.view == 'foxglove':
        from mt3dnet_ros.ros.viewer.foxglove_view import FoxgloveView

        return FoxgloveView(node, parameters)
    from mt3dnet_ros.ros.viewer.rerun_view import RerunView

    return RerunView(node, parameters)


def main(args: list[str] | None = None) -> None:
    """Run the node until Ctrl-C; end with status 1 where nothing can be served."""
    use_short_lease()
    try:
        run_node(Viewer, args)
    except (MissingExtraError, PortError, WebPageError) as error:
        get_logger('viewer').fatal(str(error))
        sys.exit(1)
