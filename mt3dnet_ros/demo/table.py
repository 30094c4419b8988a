"""The figures of a demo, for a terminal."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.demo.recording import Summary, TopicRecord
from mt3dnet_ros.demo.topics import DETECTIONS, IMAGE


def figures(summary: Summary) -> str:
    """Return frames, latency, stages and topics as text."""
    return '\n'.join([*_frames(summary), '', *_stages(summary), '', *_topics(summary)])


def _frames(summary: Summary) -> list[str]:
    source, processed = summary.topic(IMAGE), summary.topic(DETECTIONS)
    dropped = source.sent - processed.sent
    share = f' ({100 * dropped / source.sent:.0f} %)' if source.sent else ''
    return [
        f'frames in         {source.sent:6d}   {source.rate:.1f} Hz',
        f'frames processed  {processed.sent:6d}   {processed.rate:.1f} Hz',
        f'frames dropped    {dropped:6d}{share}: newer ones took their place',
        f'latency           {_latency(processed)}',
    ]


def _latency(record: TopicRecord) -> str:
    if not record.count:
        return 'unknown'
    median, tail = 1e3 * np.percentile(record.latency(), [50, 99])
    return f'{median:.0f} ms median, {tail:.0f} ms 99th percentile, from the stamp of an image to its detections'


def _stages(summary: Summary) -> list[str]:
    if not summary.stages:
        return ['time per stage: not reported']
    width = max(map(len, summary.stages))
    rows = [f'  {name:{width}}  {milliseconds:7.1f}' for name, milliseconds in summary.stages.items()]
    return ['time per stage, median [ms]', *rows]


def _topics(summary: Summary) -> list[str]:
    width = max(map(len, summary.topics), default=5)
    rows = [
        f'{name:{width}}  {_rate(record):>9}  {record.sent:9d}  '
        f'{record.sent - record.count:12d}  {1e-6 * record.size:9.1f}'
        for name, record in sorted(summary.topics.items())
    ]
    return [f'{"topic":{width}}  rate [Hz]  published  not recorded  size [MB]', *rows]


def _rate(record: TopicRecord) -> str:
    return f'{record.rate:.1f}' if record.count > 1 else '-'
