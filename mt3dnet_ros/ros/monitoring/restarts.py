"""Diagnostics of a node that may have died before: how often it was started again, and what it has left."""

from __future__ import annotations

import time

from diagnostic_msgs.msg import DiagnosticArray, KeyValue
from rclpy.publisher import Publisher

from mt3dnet_ros.ros.diagnostics import OK, WARN
from mt3dnet_ros.ros.process.crash_report import CRASH_REPORT
from mt3dnet_ros.ros.process.restarts import Run

_TOLD_FOR = 60.0  # seconds


def publish_diagnostics(publisher: Publisher[DiagnosticArray], diagnostics: DiagnosticArray) -> None:
    """Publish a node's diagnostics with its restarts, and keep them for the report of a crash.

    In the first minute after a restart they are a warning.
    """
    run = CRASH_REPORT.run
    for status in diagnostics.status:
        if run is not None and run.count and time.time() - run.started < _TOLD_FOR:
            text = f'restarted, for the {run.count}. time, after: {run.last_cause}'
            status.message = text if status.level == OK else f'{status.message}; {text}'
            status.level = max(status.level, WARN)
        figures = restart_values(run)
        status.values = [*status.values, *(KeyValue(key=key, value=figures[key]) for key in figures)]
        values = {entry.key: entry.value for entry in status.values}
        CRASH_REPORT.note_diagnostics(int.from_bytes(status.level, 'little'), status.message, values)
    publisher.publish(diagnostics)


def restart_values(run: Run | None) -> dict[str, str]:
    """Return how often the node was started again after it had died, and what the last death has left."""
    if run is None or not run.count:
        return {'restarts': '0'}
    return {'restarts': str(run.count), 'last death': run.last_cause, 'report': run.last_report or 'none'}
