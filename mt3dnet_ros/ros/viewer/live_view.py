"""What the node ``viewer`` asks of that which shows messages."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Protocol

from mt3dnet_ros.ros.topics.topic import Topic


class LiveView(Protocol):
    """Shows messages of topics to those who are connected.

    :param url: where it is found
    :param topics: all that it can show
    """

    url: str
    topics: tuple[Topic[Any], ...]

    def wanted(self) -> Set[str]:
        """Return the names of the topics that somebody watches now."""

    def show(self, topic: str, data: bytes) -> None:
        """Take a serialised message and return at once."""

    def figures(self) -> dict[str, str]:
        """Return counts by name, as diagnostics show them."""

    def problems(self) -> list[str]:
        """Return, once, what could not be shown since the last call and why."""

    def close(self) -> None:
        """End the server."""
