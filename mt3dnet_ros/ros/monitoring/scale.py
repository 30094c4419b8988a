"""What the scale of the last frames rests on."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from mt3dnet_ros.perception.scale.depth_scale import DepthScale, SupportingSource
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.ros.monitoring.lasting import LastingProblems

_NUMBER = re.compile(r'[-+]?\d+(?:\.\d+)?')
_TOLD = 3  # reasons of a source that diagnostics show
_RECENT = 3.0  # seconds that a conflict is shown: sources that are not asked in every frame contradict in some alone
_LASTING = 'second_eye'  # who switches it on, wants it to tell something


@dataclass(frozen=True)
class ScaleState:
    """The scale of the newest frame that has one, and what was rejected so far.

    :param scale: None where nothing that depends on it was asked for
    :param rejections: number of them by source and reason, in which ``#`` stands for any number
    """

    scale: DepthScale | None = None
    rejections: tuple[tuple[str, str, int], ...] = ()

    def values(self) -> dict[str, str]:
        """Return what diagnostics show of it."""
        if self.scale is None:
            return {'scale sources': 'not asked for'}
        scale = self.scale
        sources = [_text(source) for source in scale.sources]
        return {
            'scale factor': f'{scale.factor:.3f}',
            'scale deviation [%]': f'{100.0 * scale.deviation:.1f}',
            'scale sources': ', '.join(sources) or 'none: guess of the network',
            'scale conflicts': '; '.join(scale.conflicts) or 'none',
        } | self._rejections()

    def _rejections(self) -> dict[str, str]:
        texts: dict[str, list[str]] = {}
        for source, reason, number in self.rejections:
            texts.setdefault(source, []).append(f'{number} x {reason}')
        return {f'scale rejections of {source}': '; '.join(reasons[:_TOLD]) for source, reasons in texts.items()}


def _text(source: SupportingSource) -> str:
    of = f' ({source.of})' if source.of else ''
    return f'{source.name}{of} {source.factor:.3f} +- {100.0 * source.deviation:.1f} % {source.age:.1f} s ago'


class ScaleMonitor:
    """Looks at the scale of every frame; frames come in one thread, the state is asked for in another.

    :param clock: a steady clock in seconds
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._scale: DepthScale | None = None
            self._rejections: Counter[tuple[str, str]] = Counter()
            self._conflicts: tuple[float, tuple[str, ...]] = (0.0, ())
            self._silent = LastingProblems(self._clock)

    def look(self, scene: Scene | None) -> None:
        """Look at what was seen.

        :param scene: None where the frame was not interpreted
        """
        with self._lock:
            if scene is None or scene.scale is None:
                self._scale = None
            elif not scene.nothing:
                self._take(scene.scale)

    def _take(self, scale: DepthScale) -> None:
        self._scale = scale
        self._rejections.update((each.source, _NUMBER.sub('#', each.reason)) for each in scale.rejections)
        if scale.conflicts:
            self._conflicts = self._clock(), scale.conflicts
        reasons = [each.reason for each in scale.rejections if each.source == _LASTING and not each.is_fault]
        if reasons or any(source.name == _LASTING and not source.age for source in scale.sources):
            self._silent.note(_LASTING, '; '.join(reasons))

    def unanswered(self, patience: float) -> str:
        """Return why the second eye, which is there, has told nothing for so many seconds; empty where it tells."""
        with self._lock:
            return self._silent.after(patience).get(_LASTING, '')

    def snapshot(self) -> ScaleState:
        """Return the state of now."""
        with self._lock:
            since, conflicts = self._conflicts
            recent = conflicts if self._clock() - since <= _RECENT else ()
            return ScaleState(
                replace(self._scale, conflicts=recent) if self._scale else None,
                tuple((source, reason, number) for (source, reason), number in self._rejections.most_common()),
            )
