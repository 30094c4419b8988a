"""Perceives frames on demand and says what took how long: one version of the code for ``perception_stages.py``.

Questions come on standard input, a JSON object per line, answers go to standard output. It runs against other versions
of the package too, so that it uses little of it: what ``mt3dnet_ros.load`` returns, and the names of functions.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial, wraps
from typing import Any

from speed.process_use import use_of

OUTPUTS = ('none', 'labels', 'confidence', 'parts', 'instances', 'detections', 'depth', 'saliency', 'scanpath', 'gaze',
           'scale', 'cloud', 'overlay', 'labels detections depth', 'all')  # fmt: skip
"""What is asked for, each by itself."""

_SHAFT = 'perception.scale.shaft.'
_DRAWN = 'instances', 'labels', 'confidence', 'parts', 'depth', 'saliency', 'cloud'
STEPS = (
    'perception.visible_area:find_visible_area',
    'perception.preprocess:Letterbox.forward',
    'perception.preprocess:normalize',
    'perception.preprocess:Letterbox.network_input',
    'perception.known_view.verdict:judge_view',
    'perception.maps:read_maps',
    'perception.instruments.edges:follow_edges',
    'perception.instruments.peaks:find_peaks',
    'perception.instruments.regions:find_regions',
    'perception.instruments.instances:find_instances',
    *(f'perception.postprocess:Interpretation.{prefix}{name}' for name in _DRAWN for prefix in ('', '_')),
    'perception.postprocess:Interpretation.detections',
    'perception.postprocess:Interpretation.scanpath',
    'perception.preprocess:Letterbox.map_to_image',
    'perception.preprocess:Letterbox.ids_to_image',
    'perception.visible_area:VisibleArea.cropped',
    'perception.visible_area:VisibleArea.crop',
    'perception.instruments.surface:measure_surface',
    'perception.scale.measure:ScaleMeasure.__call__',
    _SHAFT + 'estimator:ShaftEstimator.observe',
    _SHAFT + 'region:rough_strip',
    _SHAFT + 'outline:trace_outline',
    _SHAFT + 'measure:measure_silhouette',
    _SHAFT + 'sampling:to_pixels',
    _SHAFT + 'comparison:compare_depth',
    'perception.overlay:draw_overlay',
    'perception.overlay:draw_instruments',
    'perception.overlay:_blend',
    'perception.overlay:tint_masks',
    'perception.overlay:_outline',
    'geometry.unproject:unproject',
)  # fmt: skip
"""Functions that are timed by themselves, where a version has them."""

_PERIOD = 40_000_000  # nanoseconds
_PICTURES = 40


class _Measured:
    """A back end, and the processor time that it took."""

    def __init__(self, back_end: Any) -> None:
        self._back_end, self.seconds = back_end, 0.0

    def __call__(self, *inputs: Any) -> Any:
        start = time.process_time()
        prediction = self._back_end(*inputs)
        self.seconds += time.process_time() - start
        return prediction

    def __getattr__(self, name: str) -> Any:
        return getattr(self._back_end, name)


class Worker:
    """Perceives the pictures of a source as a stream.

    :param source: video or folder
    :param perceiver: what ``mt3dnet_ros.load`` returns; whatever a tool is called, its shaft will be measured
    """

    def __init__(self, source: str, perceiver: Any) -> None:
        from mt3dnet_ros.perception.settings import Settings

        self._source, self._perceiver = source, perceiver
        perceiver.settings = Settings(shaft_diameters=('all=8.4',))
        self._network = perceiver.back_end = _Measured(perceiver.back_end)
        self._stamp = 0

    def resize(self, width: int, height: int) -> None:
        """Take pictures of a size, and a camera that sees them."""
        import cv2
        import numpy as np

        from mt3dnet_ros.geometry.camera import Camera
        from mt3dnet_ros.media.open_source import open_source

        self._pictures = []
        for picture in open_source(self._source):
            self._pictures.append(np.ascontiguousarray(cv2.resize(picture.image, (width, height))))
            if len(self._pictures) == _PICTURES:
                break
        focal, lens = 0.8 * width, (-0.2, 0.05, 0.0, 0.0)
        self._camera = Camera(width, height, focal, focal, 0.5 * width, 0.5 * height, 'plumb_bob', lens)
        self._perceiver.reset()

    def perceive(self, frame: int, outputs: frozenset[str] | None = None) -> tuple[Any, float]:
        """Return the scene of the next frame and the seconds that it took."""
        from mt3dnet_ros.perception.frame import Frame
        from mt3dnet_ros.perception.scene import ALL_OUTPUTS

        self._stamp += _PERIOD
        seen = Frame(self._pictures[frame % len(self._pictures)], self._stamp)
        start = time.perf_counter()
        scene = self._perceiver(seen, self._camera, ALL_OUTPUTS if outputs is None else outputs)
        return scene, time.perf_counter() - start

    def stages(self, frame: int) -> dict[str, float]:
        """Return the seconds of every stage, of what lies between them, and of all but the network."""
        self._network.seconds, start = 0.0, time.process_time()
        scene, total = self.perceive(frame)
        busy = time.process_time() - start - self._network.seconds
        timings = scene.timings
        between, rest = total - sum(timings.values()), total - timings['network']
        counted = {'instruments': len(scene.detections)}
        sums = {'between the stages': between, 'all but the network': rest, 'likewise, processor time': busy}
        return timings | sums | {'total': total} | counted

    def output(self, frame: int, output: str) -> dict[str, float]:
        """Return the seconds of all but the network for one output."""
        names = None if output == 'all' else frozenset() if output == 'none' else frozenset(output.split())
        scene, total = self.perceive(frame, names)
        return {'rest': total - scene.timings['network']}

    def steps(self, frame: int) -> dict[str, float]:
        """Return the seconds within each of ``STEPS``."""
        with timed_functions() as times:
            self.perceive(frame)
        return times


@contextmanager
def timed_functions() -> Iterator[dict[str, float]]:
    """Time the functions of ``STEPS`` while the context lasts."""
    times: dict[str, float] = {}
    undo: list[Callable[[], None]] = []
    for step in STEPS:
        module, _, name = step.partition(':')
        try:
            owner: Any = importlib.import_module(f'mt3dnet_ros.{module}')
            *path, last = name.split('.')
            for part in path:
                owner = getattr(owner, part)
            function = vars(owner)[last]
        except (ImportError, AttributeError, KeyError):
            continue
        if isinstance(function, property):
            continue
        undo += replace_everywhere(owner, last, function, partial(timed, step, times))
    try:
        yield times
    finally:
        for step_back in undo:
            step_back()


def replace_everywhere(owner: Any, name: str, found: Any, wrap: Callable[[Any], Any]) -> list[Callable[[], None]]:
    """Put a wrapped function where it was defined and where it was imported; return what takes that back."""
    if isinstance(found, cached_property):
        plain = found.func
        found.func = wrap(plain)
        return [partial(setattr, found, 'func', plain)]
    wrapped = wrap(found)
    modules = [module for key, module in list(sys.modules.items()) if key.startswith('mt3dnet_ros.')]
    places = [owner] if isinstance(owner, type) else [place for place in modules if vars(place).get(name) is found]
    for place in places:
        setattr(place, name, wrapped)
    return [partial(setattr, place, name, found) for place in places]


def timed(step: str, times: dict[str, float], function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that adds its seconds to those of a step."""

    @wraps(function)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            times[step] = times.get(step, 0.0) + time.perf_counter() - start

    return wrapped


def answer(worker: Worker, question: dict[str, Any]) -> dict[str, float]:
    """Answer one question."""
    if 'size' in question:
        worker.resize(*question['size'])
        return {}
    what = question.pop('what')
    if what == 'memory':
        return {'megabytes': 1e-6 * use_of(os.getpid()).memory}
    found: dict[str, float] = getattr(worker, what)(**question)
    return found


def main() -> None:
    """Answer questions until there are no more."""
    answers, sys.stdout = sys.stdout, sys.stderr
    from mt3dnet_ros.perception.loading import load

    source, back_end = sys.argv[1:]
    worker = Worker(source, load(back_end=back_end))
    for line in sys.stdin:
        print(json.dumps(answer(worker, json.loads(line))), file=answers, flush=True)


if __name__ == '__main__':
    main()
