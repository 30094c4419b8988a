"""An executor for nodes that take many messages and are in no hurry."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any

from rclpy.executors import SingleThreadedExecutor, TimeoutException
from rclpy.node import Node


def _never() -> bool:
    return False


class PatientExecutor(SingleThreadedExecutor):
    """Lets messages gather before it takes them.

    Each time that rclpy waits for something to do, it goes through everything that a node has; of a dozen topics that
    come within some milliseconds this costs more than taking the messages.

    :param patience: seconds that a message may wait
    """

    def __init__(self, patience: float) -> None:
        super().__init__()
        self._patience = patience

    def _wait_for_ready_callbacks(
        self,
        timeout_sec: Any = None,
        nodes: list[Node] | None = None,
        condition: Callable[[], bool] = _never,
    ) -> Generator[Any, None, None]:
        try:  # what came while the last ones were taken, as of a topic that is faster than we are patient
            yield from super()._wait_for_ready_callbacks(0.0, nodes, condition)
        except TimeoutException:
            time.sleep(self._patience)
            yield from super()._wait_for_ready_callbacks(timeout_sec, nodes, condition)
