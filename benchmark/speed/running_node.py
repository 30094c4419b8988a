"""The running node: rate, drops, latency, memory, with every back end of the CPU."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from speed.conditions import Conditions
from speed.findings import Finding, attempted, values
from speed.measurement import Measurement
from speed.node_under_load import EVERY_OUTPUT, MAIN_OUTPUTS, NodeUnderLoad
from speed.pictures import shipped_clip
from speed.tables import ALL, LOADS, MAIN, RATE

OUTPUTS = {ALL: EVERY_OUTPUT, MAIN: MAIN_OUTPUTS}


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the figures of every load and back end."""
    for back_end in conditions.back_ends:
        yield from attempted(f'`{back_end}`', partial(_measure_back_end, conditions, back_end))


def _measure_back_end(conditions: Conditions, back_end: str) -> Iterator[Finding]:
    size = LOADS[0].size
    with NodeUnderLoad(shipped_clip(), size, RATE, conditions.parameters(back_end=back_end, device='cpu')) as node:
        node.wait_for_images()
        for load in LOADS:
            if load.size != size:
                size = load.size
                node.camera.resize(size)
            found = node.measure(OUTPUTS[load.outputs], conditions.seconds, conditions.settle)
            yield from values(load.name(back_end), figures(found))


def figures(found: Measurement) -> dict[str, float]:
    """Return what the tables say of a measurement, by the names of their columns."""
    return {
        'rate': found.rate,
        'dropped': 100.0 * found.dropped,
        'latency, median': found.latency(50),
        'latency, p99': found.latency(99),
        'publish': found.stages.get('publish', float('nan')),
        'processor': found.cores,
        'memory': found.megabytes,
    }
