"""Quality of service: what is offered, what is asked, and how both are described."""

from __future__ import annotations

from collections.abc import Sequence

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

OUTPUT = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.RELIABLE)
LATCHED = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
EVENTS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=10,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
QUEUED = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=10, reliability=ReliabilityPolicy.RELIABLE)
SAMPLES = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
BEST_EFFORT_INPUT = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


def image_profile(reliability: ReliabilityPolicy, depth: int = 1) -> QoSProfile:
    """Return the profile of the image subscription: only the newest image, or so many."""
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=depth, reliability=reliability)


def choose_reliability(setting: str, publishers: Sequence[TopicEndpointInfo]) -> ReliabilityPolicy:
    """Return the reliability to ask for.

    Best effort loses every message over half a megabyte where Fast DDS runs without a larger shared-memory segment,
    so ``auto`` asks for reliable wherever every publisher offers it.

    :param setting: ``auto``, ``reliable`` or ``best_effort``
    """
    if setting == 'best_effort':
        return ReliabilityPolicy.BEST_EFFORT
    offered = [publisher.qos_profile.reliability for publisher in publishers]
    if setting == 'auto' and any(reliability == ReliabilityPolicy.BEST_EFFORT for reliability in offered):
        return ReliabilityPolicy.BEST_EFFORT
    return ReliabilityPolicy.RELIABLE


def describe_profile(profile: QoSProfile) -> str:
    """Return a quality of service in words."""
    latched = ', latched' if profile.durability == DurabilityPolicy.TRANSIENT_LOCAL else ''
    return f'{reliability_name(profile.reliability)}, depth {profile.depth}{latched}'


def reliability_name(reliability: ReliabilityPolicy) -> str:
    """Return the word that users and parameters use."""
    return reliability.name.lower()


def describe_publishers(node: Node, topic: str) -> str:
    """Return who publishes a resolved topic, and with which quality of service."""
    publishers = node.get_publishers_info_by_topic(topic)
    if not publishers:
        return 'no publishers'
    described = [
        f'{_name(info)} ({info.topic_type}, '
        f'{reliability_name(info.qos_profile.reliability)}, {info.qos_profile.durability.name.lower()})'
        for info in publishers
    ]
    return f'{len(publishers)} publisher{"s" if len(publishers) > 1 else ""}: ' + ', '.join(described)


def _name(info: TopicEndpointInfo) -> str:
    if 'UNKNOWN' in info.node_name:  # a publisher is discovered before its node
        return 'a node of unknown name'
    return f'{info.node_namespace.rstrip("/")}/{info.node_name}'
