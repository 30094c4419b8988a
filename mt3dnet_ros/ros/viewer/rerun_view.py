"""Live topics in Rerun's web viewer."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Set
from typing import TYPE_CHECKING

from rclpy.node import Node
from rclpy.serialization import deserialize_message

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.ros.messages.images import ImageDecoder
from mt3dnet_ros.ros.topics.viewer import shown_topics
from mt3dnet_ros.ros.viewer.newest_messages import NewestMessages
from mt3dnet_ros.viewer.rerun_server import RerunServer
from mt3dnet_ros.viewer.scene_log import APPLICATION, SceneLog
from mt3dnet_ros.viewer.settings import LogSettings, ServerSettings

if TYPE_CHECKING:
    from mt3dnet_ros.ros.parameters.viewer import ViewerParameters

_WAITING_REPORTS = 50
_CLOSING = 2.0  # s


class RerunView:
    """Logs the newest message of each topic, at most so often a second, in a thread of its own.

    :raises MissingExtraError: the SDK is not installed
    :raises PortError: nothing can be served at the address
    """

    def __init__(self, node: Node, parameters: ViewerParameters) -> None:
        with needs_extra('view'):
            import rerun
        known = shown_topics(node, parameters.perception_ns, parameters.image_transport)
        shown = {key: topic for key, topic in known.items() if key in (*parameters.show, 'label_info')}
        self._keys = {topic.name: key for key, topic in shown.items()}
        self.topics = tuple(shown.values())
        self._classes = {topic.name: topic.message_class for topic in self.topics}
        stream = rerun.RecordingStream(APPLICATION, recording_id=str(uuid.uuid4()))
        settings = ServerSettings(parameters.host, parameters.port, parameters.data_port, parameters.memory)
        self._server = RerunServer(stream, settings)
        self.url = self._server.url
        self._always = parameters.subscribe_unwatched
        self._log = SceneLog(stream, ImageDecoder(), LogSettings(parameters.max_size, parameters.max_points))
        self._newest = NewestMessages({known['diagnostics'].name: _WAITING_REPORTS})
        self._refused: Counter[str] = Counter()
        self._problems: dict[str, str] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(1.0 / parameters.rate,), name='rerun-log', daemon=True)
        self._thread.start()

    def wanted(self) -> Set[str]:
        """Return all topics while a browser is connected, else none."""
        return self._keys.keys() if self._always or self._server.is_watched() else set()

    def show(self, topic: str, data: bytes) -> None:
        """Take a serialised message and return at once."""
        self._newest.put(topic, data)

    def figures(self) -> dict[str, str]:
        """Return counts since the start."""
        received, skipped = self._newest.received.total(), self._newest.skipped.total()
        refused = self._refused.total()
        return {'received': str(received), 'skipped': str(skipped), 'refused': str(refused)}

    def problems(self) -> list[str]:
        """Return, once, what could not be shown since the last call and why."""
        found, self._problems = self._problems, {}
        return list(found.values())

    def close(self) -> None:
        """End thread and servers."""
        self._ending.set()
        self._thread.join(_CLOSING)
        self._server.close()

    def _run(self, period: float) -> None:
        while not self._ending.wait(period):
            for topic, data in self._newest.take():
                self._attempt(topic, data)

    def _attempt(self, topic: str, data: bytes) -> None:
        try:
            self._log.log(self._keys[topic], deserialize_message(data, self._classes[topic]))
        except Exception as error:  # whatever a message leads to, the others are shown
            self._refused[topic] += 1
            self._problems[topic] = f"'{topic}' cannot be shown: {error}"
