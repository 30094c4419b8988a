"""The graph of `make demo`, from its recording."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial

import numpy as np

from mt3dnet_ros.demo.command import graph_settings, parse
from mt3dnet_ros.demo.recording import summarise
from mt3dnet_ros.demo.run_graph import run_graph
from mt3dnet_ros.demo.topics import DETECTIONS, IMAGE
from speed.conditions import Conditions
from speed.findings import Finding, attempted, values
from speed.tables import DEMO


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield what the recording of one demo says; its clip takes as long as it takes."""
    yield from attempted('', partial(_measure, conditions.checkpoint))


def _measure(checkpoint: str) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix='mt3dnet_ros_demo_') as folder:
        settings = graph_settings(parse(['--output', folder, '--checkpoint', checkpoint]))
        run_graph(settings)
        summary = summarise(settings.recording)
    source, processed = summary.topic(IMAGE), summary.topic(DETECTIONS)
    median, tail = 1e3 * np.percentile(processed.latency(), [50, 99]) if processed.count else (np.nan, np.nan)
    yield from values(
        DEMO,
        {
            'rate': processed.rate,
            'dropped': 100.0 * (1.0 - processed.sent / source.sent) if source.sent else np.nan,
            'latency, median': median,
            'latency, p99': tail,
        },
    )
