"""What a node knows of its own health; counted by several threads, read once a second."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

WINDOW = 5.0  # seconds that rates, latency, stages and what is recent are taken over


@dataclass(frozen=True)
class Health:
    """The state at one moment; rates per second, times in seconds, counts since the start.

    :param silence: since the last image, or since the count started
    :param latency: median and 99th percentile of now minus stamp when a frame is done; NaN without a frame
    :param skipped: images of which nobody wanted anything
    :param rejected: messages that could not be used, and the last reason in ``rejection``
    :param publish_failures: messages that an overloaded middleware refused
    :param stages: median per stage
    :param recently_used: images of the last seconds that could be used
    :param recently_refused: images of the last seconds that could not, and the last reason in ``refusal``
    :param recent_failures: how many messages of which topic the middleware refused in the last seconds
    :param in_work: how long the present frame has been worked on; 0 without one
    """

    silence: float
    input_rate: float
    output_rate: float
    latency: tuple[float, float]
    received: int
    processed: int
    dropped: int
    rejected: int
    rejection: str
    publish_failures: int
    stages: dict[str, float] = field(default_factory=dict)
    recently_used: int = 0
    recently_refused: int = 0
    refusal: str = ''
    recent_failures: Mapping[str, int] = field(default_factory=dict)
    in_work: float = 0.0
    skipped: int = 0


class HealthMonitor:
    """Counts what happens to frames.

    :param clock: a steady clock in seconds; not the ROS clock, which may stand still or jump
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._rejection = self._refusal = ''
        self._started = self._last_image = clock()
        self._work_began: float | None = None
        self._inputs: deque[tuple[float, None]] = deque()
        self._skipped: deque[tuple[float, None]] = deque()
        self._refused: deque[tuple[float, None]] = deque()
        self._failures: deque[tuple[float, str]] = deque()
        self._outputs: deque[tuple[float, tuple[float | None, Mapping[str, float]]]] = deque()

    def restart_silence(self) -> None:
        """Count the time without an image from now on; nothing is in work."""
        with self._lock:
            self._last_image = self._clock()
            self._work_began = None

    def received(self) -> None:
        """Count an image that came."""
        with self._lock:
            self._last_image = self._clock()
            self._inputs.append((self._last_image, None))
            self._counts['received'] += 1

    def dropped(self) -> None:
        """Count an image that came and is not worked on, for the sake of a later one or because the work ends."""
        with self._lock:
            self._counts['dropped'] += 1

    def working(self) -> None:
        """Note that work on a frame begins."""
        with self._lock:
            self._work_began = self._clock()

    def skipped(self) -> None:
        """Count an image that could be read, and of which nobody wants anything."""
        with self._lock:
            self._skipped.append((self._clock(), None))
            self._counts['skipped'] += 1
            self._work_began = None

    def processed(self, latency: float | None, stages: Mapping[str, float]) -> None:
        """Count a frame that is done; latency is None where the source did not stamp it."""
        with self._lock:
            self._outputs.append((self._clock(), (latency, stages)))
            self._counts['processed'] += 1
            self._work_began = None

    def refused(self, reason: str) -> None:
        """Count an image that cannot be used."""
        with self._lock:
            self._refused.append((self._clock(), None))
            self._refusal = reason
            self._work_began = None
        self.rejected(reason)

    def rejected(self, reason: str) -> None:
        """Count a message that cannot be used."""
        with self._lock:
            self._counts['rejected'] += 1
            self._rejection = reason

    def publish_failed(self, topic: str) -> None:
        """Count a message that the middleware refused."""
        with self._lock:
            self._counts['publish_failures'] += 1
            self._failures.append((self._clock(), topic))

    def snapshot(self) -> Health:
        """Return the state of now."""
        with self._lock:
            now = self._clock()
            self._forget(now - WINDOW)
            window = max(min(WINDOW, now - self._started), 1e-3)
            return Health(
                silence=now - self._last_image,
                input_rate=len(self._inputs) / window,
                output_rate=len(self._outputs) / window,
                latency=self._latency(),
                received=self._counts['received'],
                processed=self._counts['processed'],
                skipped=self._counts['skipped'],
                dropped=self._counts['dropped'],
                rejected=self._counts['rejected'],
                rejection=self._rejection,
                publish_failures=self._counts['publish_failures'],
                stages=self._stages(),
                recently_used=len(self._outputs) + len(self._skipped),
                recently_refused=len(self._refused),
                refusal=self._refusal,
                recent_failures=Counter(topic for _, topic in self._failures),
                in_work=0.0 if self._work_began is None else now - self._work_began,
            )

    def _forget(self, before: float) -> None:
        for kept in (self._inputs, self._skipped, self._refused, self._failures, self._outputs):
            while kept and kept[0][0] < before:
                kept.popleft()

    def _latency(self) -> tuple[float, float]:
        latencies = [latency for _, (latency, _) in self._outputs if latency is not None]
        if not latencies:
            return float('nan'), float('nan')
        median, tail = np.percentile(latencies, [50, 99])
        return float(median), float(tail)

    def _stages(self) -> dict[str, float]:
        times: dict[str, list[float]] = {}
        for _, (_, stages) in self._outputs:
            for name, seconds in stages.items():
                times.setdefault(name, []).append(seconds)
        return {name: float(np.median(seconds)) for name, seconds in times.items()}
