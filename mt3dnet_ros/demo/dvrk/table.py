"""The figures of the rig, for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from mt3dnet_ros.demo.dvrk.record import Arrival, RigRecord, latencies


def rig_figures(record: RigRecord, transport: str) -> str:
    """Return latencies, what took the overlay away, and what guidance did, as text.

    :param transport: how video and overlay travelled, in words
    """
    return '\n'.join([transport, '', *_latencies(record), '', *_ends(record), *_guidance(record)])


def _latencies(record: RigRecord) -> Iterator[str]:
    yield f'{"latency from capture [ms] to":38} {"p50":>7} {"p99":>7} {"number":>7}'
    for side, eye in record.eyes.items():
        rows: dict[str, Sequence[Arrival]] = {'video': eye.video, 'detections': eye.detections, 'overlay': eye.shown}
        for name, arrivals in rows.items():
            if eye.video:
                yield _row(f'{name}, {side} eye', latencies(arrivals))
    yield _row('target of guidance', latencies(record.targets))
    yield _row('command to the arm', record.command_latencies())


def _row(name: str, values: np.ndarray) -> str:
    if not len(values):
        return f'  {name:36} {"-":>7} {"-":>7} {0:7d}'
    median, tail = np.percentile(values, [50, 99])
    return f'  {name:36} {median:7.1f} {tail:7.1f} {len(values):7d}'


def _ends(record: RigRecord) -> Iterator[str]:
    for side, eye in record.eyes.items():
        ages = eye.ages_at_the_end()
        if len(ages):
            yield (
                f'{side} eye: a picture of perception that was late or ended was taken away {len(ages)} times, at most '
                f'{ages.max():.0f} ms after its capture'
            )


def _guidance(record: RigRecord) -> Iterator[str]:
    states = Counter(record.states)
    yield f'guidance sent {len(record.commands)} commands to the arm; of its {len(record.states)} reports'
    yield from (f'  {count} said {state}' for state, count in states.most_common(4))
