"""What the graph of nodes says of a topic: who publishes it, and as what."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.subscription import MessageInfo

from mt3dnet_ros.ros.diagnostics import ERROR, WARN, Finding
from mt3dnet_ros.ros.message_types import message_name


def published_types(node: Node, topic: str) -> list[str]:
    """Return the types as which a resolved topic is published, one for every publisher."""
    return [info.topic_type for info in node.get_publishers_info_by_topic(topic)]


def publishers_of(node: Node, topic: str) -> set[bytes]:
    """Return the ids of who publishes a resolved topic."""
    return {bytes(info.endpoint_gid) for info in node.get_publishers_info_by_topic(topic)}


def publisher_of(info: MessageInfo) -> bytes | None:
    """Return the id of who has published a message; None where rclpy does not tell, as before Kilted."""
    gid = info.get('publisher_gid')
    return bytes(gid['data']) if gid else None


def find_wrong_type(node: Node, topic: str, wanted: type, remedy: str) -> list[Finding]:
    """Return what is wrong where a topic is published as another type than the one that is subscribed to.

    :param topic: resolved
    :param remedy: what the user can do about it
    :returns: an error where no publisher has the right type, else a warning; nothing where all have it
    """
    types, name = published_types(node, topic), message_name(wanted)
    others = sorted(set(types) - {name})
    if not others:
        return []
    level = WARN if name in types else ERROR
    return [Finding(f'type of {topic}', level, f'{topic} is published as {", ".join(others)}, not {name}; {remedy}')]
