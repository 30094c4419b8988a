"""Do instruments keep their ids, their types and their tips? True ones, degraded to a network's errors, are followed.

    python benchmark/tracks.py [--data DIR] [--seeds 3] [--sequences 8] [--seconds 8] [--missed 0.05 0.1 0.15]

Sequences of the domain `tracks`, in which tools cross, leave the view and come again, give true masks, types, depth and
tips, at the resolution of the network's output. What a network would say of them is drawn by `Errors`, which says what
errs how: frames without an instrument that is in view, instruments that are none, tools that cross and are seen as one,
borders that waver, types that are right in three frames of four, depth that wavers and drifts. All colours are alike,
so that nothing is told by them. Rows give each seed, and all together; `bound` is the IDF1 of the same detections with
the true ids. Casting the rays takes most of the time; `--cache DIR` keeps what they hit.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mt3dnet_ros.evaluation.tracks.tally import TrackTally
from mt3dnet_ros.evaluation.tracks.truth import TrueInstruments, velocities
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import rays
from mt3dnet_ros.perception.instruments.naming import ALL_NAMED
from mt3dnet_ros.perception.instruments.surface import measure_surface
from mt3dnet_ros.perception.scene import Box, Detection, Point, Track
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.perception.tracks.tracker import Tracker
from mt3dnet_ros.perception.tracks.view import InstrumentView

SIZE = 64, 80  # cells of the network's output
RATE = 25.0
MEMORY = 5.0
TAXONOMY = 'endovis2018'
_CLASPER = 3
_COLUMNS: tuple[str, ...] = (
    *('idf1', 'bound', 'mota', 'hota', 'recall', 'false_alarms', 'switches_per_minute'),
    *('type_right_frame', 'type_right', 'type_right_end', 'tip_frame_median_mm', 'tip_median_mm'),
    *('velocity_raw_mm', 'velocity_median_mm', 'velocity_p90_mm', 'speed_median_mm'),
)


@dataclass(frozen=True)
class Errors:
    """How a network errs; what lasts does so for an exponentially distributed time around a mean.

    :param missed: share of the instruments in view that are not found, and ``missed_time`` how long that lasts, seconds
    :param false_alarms: instruments that are none, per second, and ``false_time`` how long they last
    :param joined: share of the time in which two tools that cross are taken for one, and ``joined_time``
    :param border: standard deviation of the noise on masks, whose borders are where they pass one half, and
        ``border_time`` for how long it stays alike
    :param wrong_types: share of the frames in which the type is wrong, and ``wrong_time`` how long it stays so
    :param depth_waver: standard deviation of the logarithm of an instrument's depth from frame to frame
    :param depth_drift: of what stays alike for ``depth_time``, and ``depth_bias`` of what stays for a sequence
    """

    missed: float = 0.05
    missed_time: float = 0.2
    false_alarms: float = 0.15
    false_time: float = 0.25
    joined: float = 0.0
    joined_time: float = 0.4
    border: float = 0.06
    border_time: float = 0.5
    wrong_types: float = 0.25
    wrong_time: float = 0.5
    depth_waver: float = 0.015
    depth_drift: float = 0.04
    depth_time: float = 1.0
    depth_bias: float = 0.1


VARIANTS = {'plain': Errors(), 'joined': Errors(joined=0.25), 'missed': Errors(missed=0.15, joined=0.25)}
"""Errors of each part of the table: the usual ones; tools that touch seen as one as well; more missed on top of it."""


class CastSequence(NamedTuple):
    """What the rays of a sequence hit, one ray for each cell.

    :param instances: (T, h, w) uint8, and ``parts``
    :param depth: (T, h, w) float32 metres, 0 where nothing was hit
    :param types: class id of each tool, instance 1 first
    :param tips: (T, tools, 3) metres
    :param camera: focal length and centre in cells
    """

    instances: np.ndarray
    parts: np.ndarray
    depth: np.ndarray
    types: np.ndarray
    tips: np.ndarray
    camera: np.ndarray


def cast(data: Path | None, domain: str, cache: Path | None, seconds: float, place: tuple[int, int]) -> CastSequence:
    """Cast the rays of a sequence.

    :param place: seed and number of the sequence
    """
    seed, number = place
    path = cache and cache / f'{domain}_{seed}_{number}_{seconds:g}.npz'
    if path and path.is_file():
        stored = np.load(path)
        return CastSequence(*(stored[name] for name in CastSequence._fields))
    found = _cast(data, domain, seconds, seed, number)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **found._asdict())
    return found


def _cast(data: Path | None, domain: str, seconds: float, seed: int, number: int) -> CastSequence:
    from mt3dnet_ros.renderer.domains.file import load_domain
    from mt3dnet_ros.renderer.plan import RenderPlan
    from mt3dnet_ros.renderer.raycast import Raycaster
    from mt3dnet_ros.renderer.sequence import sequence_world

    count = round(seconds * RATE)
    plan = RenderPlan(data, load_domain(domain), 0, 0, number + 1, *SIZE, 1.0, seed, count, RATE)
    world, frames, tips = sequence_world(plan, 'test', number), [], []
    for place in range(count):
        now = world.at(place / RATE)
        hits = Raycaster(now).hits()
        tables = (
            [*(getattr(mesh, name) for mesh in hits.meshes), missing] for name, missing in (('tool', -1), ('part', 0))
        )
        tools, parts = (np.array(table)[hits.mesh_index] for table in tables)
        frames.append((np.uint8(tools + 1), np.uint8(parts), hits.depth))
        tips.append([tool.tip for tool in now.tools])
    camera = world.rest.camera
    types = [tool.instrument.class_id for tool in world.rest.tools]
    intrinsics = np.array([camera.fx, camera.fy, camera.cx, camera.cy])
    instances, parts, depth = map(np.stack, zip(*frames, strict=True))
    return CastSequence(instances, parts, depth, np.array(types), np.array(tips), intrinsics)


class Lasting:
    """Something that is on for a share of the time, for an exponentially distributed time."""

    def __init__(self, random: np.random.Generator, share: float, lasts: float) -> None:
        self._random = random
        self._ends = min(1.0, 1.0 / (lasts * RATE))
        self._begins = min(1.0, self._ends * share / max(1e-9, 1.0 - share))
        self.on = random.random() < share

    def step(self) -> bool:
        """Go on by a frame; return whether it has just begun."""
        was, change = self.on, self._random.random() < (self._ends if self.on else self._begins)
        self.on = was != change
        return self.on and not was


class Drifting:
    """Noise of a standard deviation that stays alike for a time."""

    def __init__(self, random: np.random.Generator, shape: tuple[int, ...], deviation: float, lasts: float) -> None:
        self._random, self._deviation = random, deviation
        self._share = math.exp(-1.0 / (lasts * RATE))
        self.value = deviation * random.normal(size=shape)

    def step(self) -> np.ndarray:
        """Go on by a frame."""
        fresh = self._random.normal(size=self.value.shape)
        self.value = self._share * self.value + math.sqrt(1.0 - self._share**2) * self._deviation * fresh
        return self.value


class DegradedSequence:
    """What a network with errors says of a sequence.

    :param classes: number of classes, the background among them
    """

    def __init__(self, sequence: CastSequence, errors: Errors, random: np.random.Generator, classes: int) -> None:
        self._sequence, self._errors, self._random, self._classes = sequence, errors, random, classes
        tools = range(1, len(sequence.types) + 1)
        fx, fy, cx, cy = sequence.camera
        self.camera = Camera(SIZE[1], SIZE[0], fx, fy, cx, cy)
        grid = np.stack(np.meshgrid(np.arange(SIZE[1]), np.arange(SIZE[0])), axis=-1)
        self._rays = rays(self.camera, grid).astype(np.float32)
        self._missed = {k: Lasting(random, errors.missed, errors.missed_time) for k in tools}
        self._joined = {
            (a, b): Lasting(random, errors.joined, errors.joined_time) for a in tools for b in tools if a < b
        }
        self._wrong = {k: Lasting(random, errors.wrong_types, errors.wrong_time) for k in tools}
        self._named = {k: self._other_type(sequence.types[k - 1]) for k in tools}
        self._border = Drifting(random, SIZE, 1.0, errors.border_time)
        self._drift = Drifting(random, (), errors.depth_drift, errors.depth_time)
        self._bias = errors.depth_bias * random.normal()
        self._false = Lasting(random, errors.false_alarms * errors.false_time, errors.false_time)
        self._blob = np.zeros(SIZE, bool)
        self._blob_type = 1

    def __iter__(self) -> Iterator[tuple[InstrumentView, dict[int, int]]]:
        """Yield what is seen in each frame, and the true id of each instance, 0 where it is none."""
        for place in range(len(self._sequence.instances)):
            yield self._frame(place)

    def _frame(self, place: int) -> tuple[InstrumentView, dict[int, int]]:
        masks = self._masks(self._sequence.instances[place])
        ids = np.zeros(SIZE, np.uint8)
        owners: dict[int, int] = {}
        for true, mask in sorted(masks.items(), key=lambda item: -item[1].sum()):
            free = mask & (ids == 0)
            if free.sum() >= 6:  # the least instrument of perception
                owners[len(owners) + 1] = true
                ids[free] = len(owners)
        detections = self._detections(place, ids, owners)
        parts = self._sequence.parts[place]
        view = InstrumentView(detections, ids, parts, np.full((*SIZE, 3), 90, np.uint8), 1.0 / self.camera.fx)
        return view, owners

    def _masks(self, instances: np.ndarray) -> dict[int, np.ndarray]:
        """Return what is seen of each instrument, by its true id; 0 is one that is none."""
        noise = cv2.GaussianBlur(self._border.step(), (0, 0), 1.5)
        noise *= self._errors.border / noise.std()
        owner = self._join(instances)
        masks = {}
        for number, missed in self._missed.items():
            missed.step()
            mask = (owner == number).astype(np.float32)
            soft = 0.3 * mask + 0.7 * cv2.blur(mask, (3, 3))  # so that what is one cell thin is left
            if not missed.on:
                masks[number] = (soft + noise > 0.5) & (soft > 0.0)
        if self._false.step():
            self._blob, self._blob_type = self._new_blob(), int(self._random.integers(1, self._classes))
        if self._false.on:
            masks[0] = self._blob
        return masks

    def _join(self, instances: np.ndarray) -> np.ndarray:
        owner = instances.copy()
        for (a, b), joined in self._joined.items():
            joined.step()
            near = cv2.dilate((owner == a).astype(np.uint8), np.ones((3, 3))) * (owner == b)
            if joined.on and near.any():
                large, small = (a, b) if (owner == a).sum() >= (owner == b).sum() else (b, a)
                owner[owner == small] = large
        return owner

    def _new_blob(self) -> np.ndarray:
        canvas, random = np.zeros(SIZE, np.uint8), self._random
        centre = int(random.integers(SIZE[1])), int(random.integers(SIZE[0]))
        axes = int(random.integers(3, 12)), int(random.integers(2, 6))
        return cv2.ellipse(canvas, centre, axes, float(random.uniform(0, 180)), 0, 360, 1, -1) > 0

    def _detections(self, place: int, ids: np.ndarray, owners: dict[int, int]) -> list[Detection]:
        depth = self._sequence.depth[place] * np.exp(self._bias + self._drift.step(), dtype=np.float32)
        depth[depth == 0] = np.nan
        claspers = self._sequence.parts[place] == _CLASPER
        found = []
        for number, true in owners.items():
            own = ids == number
            waver = np.exp(self._errors.depth_waver * self._random.normal(), dtype=np.float32)
            surface = measure_surface(own, self._rays, depth * waver, claspers)
            named, probability = self._type(true)
            scores = self._random.dirichlet(np.ones(self._classes - 1)) * (1.0 - probability)
            scores[named - 1] = scores.max() + probability
            deviation = 0.12 * math.hypot(*surface.position)
            x, y, width, height = cv2.boundingRect(own.astype(np.uint8))
            box, score = Box(x, y, width, height), float(scores.max())
            found.append(
                Detection(named, '', score, number, box, *surface, tuple(scores.tolist()), probability, deviation)
            )
        return found

    def _type(self, true: int) -> tuple[int, float]:
        """Return what an instrument is taken for, and with which probability: lower where that is wrong."""
        if not true:
            return self._blob_type, float(self._random.beta(3, 3))
        if self._wrong[true].step():
            self._named[true] = self._other_type(self._sequence.types[true - 1])
        if self._wrong[true].on:
            return self._named[true], float(self._random.beta(4, 3))
        return int(self._sequence.types[true - 1]), float(self._random.beta(6, 2))

    def _other_type(self, true: int) -> int:
        return int(self._random.choice([k for k in range(1, self._classes) if k != true]))


class Judged(NamedTuple):
    """What was counted over sequences.

    :param tally: of the tracks
    :param bound: of the same detections with their true ids
    :param raw: errors of velocities by the difference of single frames' tips, m/s
    :param milliseconds: of the tracker, per frame, of one thread
    """

    tally: TrackTally
    bound: TrackTally
    raw: list[float]
    milliseconds: list[float]

    def row(self) -> dict[str, float]:
        """Return the columns of a row."""
        found = {name: metric.value for name, metric in self.tally.metrics().items()}
        found['bound'] = self.bound.metrics()['idf1'].value
        found['velocity_raw_mm'] = 1e3 * float(np.median(self.raw)) if self.raw else math.nan
        return found


def judge(
    sequences: Sequence[CastSequence], errors: Errors, seed: int, tracker: Tracker, into: Sequence[Judged]
) -> None:
    """Follow the instruments of degraded sequences and count."""
    random, stamp, classes = np.random.default_rng(seed), 0, len(load_taxonomy(TAXONOMY).names)
    for sequence in sequences:
        tracker.forget()
        truths = true_instruments(sequence)
        last: dict[int, Point] = {}
        for truth, (view, owners) in zip(truths, DegradedSequence(sequence, errors, random, classes), strict=True):
            stamp += round(1e9 / RATE)
            start = time.thread_time()
            tracks = tracker(view, stamp, MEMORY, ALL_NAMED)
            spent = 1e3 * (time.thread_time() - start)
            by_instance = {track.instance_id: track for track in tracks.living if track.instance_id > 0}
            named = [
                replace(item, track_id=track.id, class_id=track.class_id)
                for item in view.detections
                if (track := by_instance.get(item.instance_id))
            ]
            ideal = [replace(item, track_id=owners[item.instance_id] or 1000 + stamp) for item in view.detections]
            for judged in into:
                judged.tally.add(truth, named, view.ids, tracks.living, 1.0 / RATE)
                judged.bound.add(truth, ideal, view.ids, _tracks_of(ideal), 1.0 / RATE)
                judged.milliseconds.append(spent)
                judged.raw.extend(_raw_errors(truth, view.detections, owners, last))
            last = {owners[item.instance_id]: item.tip for item in view.detections}
        for judged in into:
            judged.tally.end_sequence()
            judged.bound.end_sequence()


def _tracks_of(detections: Sequence[Detection]) -> list[Track]:
    return [Track(item.track_id, item.class_id, '', 1.0, 0.0, 0.0, item.instance_id) for item in detections]


def _raw_errors(
    truth: TrueInstruments, detections: Sequence[Detection], owners: dict[int, int], last: dict[int, Point]
) -> Iterator[float]:
    for item in detections:
        true = owners[item.instance_id]
        if true in truth.velocities and true in truth.tips and true in last:
            velocity = RATE * np.subtract(item.tip, last[true])
            if np.isfinite(velocity).all():
                yield math.dist(velocity.tolist(), truth.velocities[true])


def true_instruments(sequence: CastSequence) -> list[TrueInstruments]:
    """Return what is truly in each frame; a tip is in view where a ray beside it hits its own tool."""
    points = [{k: _point(tip) for k, tip in enumerate(tips, start=1)} for tips in sequence.tips]
    types = {k: int(class_id) for k, class_id in enumerate(sequence.types, start=1)}
    found = []
    for place, instances in enumerate(sequence.instances):
        seen = {k: tip for k, tip in points[place].items() if _in_view(tip, instances == k, sequence.camera)}
        found.append(TrueInstruments(instances, types, seen, velocities(points, place, 1.0 / RATE)))
    return found


def _point(values: np.ndarray) -> Point:
    x, y, z = values.tolist()
    return x, y, z


def _in_view(tip: Point, mask: np.ndarray, camera: np.ndarray) -> bool:
    fx, fy, cx, cy = camera
    column, row = fx * tip[0] / tip[2] + cx, fy * tip[1] / tip[2] + cy
    if not (0 <= column < SIZE[1] and 0 <= row < SIZE[0] and tip[2] > 0):
        return False
    rows, columns = slice(max(0, int(row) - 1), int(row) + 3), slice(max(0, int(column) - 1), int(column) + 3)
    return bool(mask[rows, columns].any())


def show(name: str, row: dict[str, float]) -> None:
    """Print a row."""
    print(f'{name:12s}' + ''.join(f'{row[column]:11.3f}' for column in _COLUMNS), flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('--data', type=Path, help='folder with the meshes of the dVRK model; without it, simple shapes')
    parser.add_argument('--domain', default='endoscope', help='that sequences are drawn from (default: %(default)s)')
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--sequences', type=int, default=8, help='of each seed')
    parser.add_argument('--seconds', type=float, default=8.0, help='of each sequence')
    parser.add_argument('--errors', nargs='+', choices=VARIANTS, default=list(VARIANTS), help='parts of the table')
    parser.add_argument('--cache', type=Path, help='folder that keeps what the rays hit')
    parser.add_argument('--processes', type=int, default=1)
    arguments = parser.parse_args()
    places = [(seed, k) for seed in range(1, arguments.seeds + 1) for k in range(arguments.sequences)]
    with get_context('spawn').Pool(arguments.processes) as pool:
        cast_all = partial(cast, arguments.data, arguments.domain, arguments.cache, arguments.seconds)
        sequences = dict(zip(places, pool.imap(cast_all, places), strict=True))
    print(f'{"":12s}' + ''.join(f'{column.removesuffix("_median_mm")[:10]:>11s}' for column in _COLUMNS))
    for name in arguments.errors:
        errors = VARIANTS[name]
        together, tracker = new_judged(), Tracker(load_taxonomy(TAXONOMY).names)
        for seed in range(1, arguments.seeds + 1):
            own = new_judged()
            of_seed = [sequences[seed, k] for k in range(arguments.sequences)]
            judge(of_seed, errors, seed, tracker, (own, together))
            show(f'{name} {seed}', own.row())
        show(f'{name} all', together.row())
    print(f'tracker: {np.median(together.milliseconds):.2f} ms a frame in the median, of one thread')


def new_judged() -> Judged:
    """Return what has counted nothing yet."""
    return Judged(TrackTally(), TrackTally(), [], [])


if __name__ == '__main__':
    main()
