"""What is to be said of the streams from video sockets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mt3dnet_ros.ros.diagnostics import WARN, Finding, health_values
from mt3dnet_ros.ros.monitoring.judge import Situation, judge
from mt3dnet_ros.ros.native_video.socket_stream import SocketStream


def stream_findings(streams: Sequence[SocketStream]) -> list[Finding]:
    """Return what is wrong with the streams, by the name of each socket."""
    return [
        replace(found, kind=f'{stream.source.socket} {found.kind}', text=_of_stream(stream, found.text))
        for stream in streams
        for found in _findings(stream)
    ]


def stream_values(streams: Sequence[SocketStream]) -> dict[str, str]:
    """Return the figures of the streams."""
    values: dict[str, str] = {}
    for stream in streams:
        own = {
            'socket': str(stream.source.socket),
            'eyes': ', '.join(stream.source.eyes),
            'GStreamer': stream.reader.version,
            'size of pictures': stream.size or 'none yet',
            'capture time from': 'none yet' if stream.time_source is None else stream.time_source or 'arrival',
            'connections': str(stream.reader.connections),
            'restarts of the reader': str(stream.reader.restarts),
            **health_values(stream.health.snapshot()),
        }
        prefix = f'{stream.source.eyes[0]}: ' if len(streams) > 1 else ''
        values |= {f'{prefix}{name}': value for name, value in own.items()}
    return values


def _findings(stream: SocketStream) -> list[Finding]:
    reason = stream.reader.problem or 'its producer is there and sends nothing'
    situation = Situation(stream.health.snapshot(), f'its socket: {reason}', subscribed=('image_raw',))
    findings = judge(situation)
    if stream.time_source == '':
        text = (
            'pictures come without the time when they were taken, and are stamped when they arrive; have the producer '
            'stamp its buffers (do-timestamp=true)'
        )
        findings.append(Finding('capture time', WARN, text))
    return findings


def _of_stream(stream: SocketStream, text: str) -> str:
    return f"'{stream.source.socket}': {text}"
