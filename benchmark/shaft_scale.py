"""What shafts tell of the scale of depth: which silhouettes are accepted, how far off they are, and what it costs.

    python benchmark/shaft_scale.py --data RENDERED [--split test] [--frames 100] [--pictures FOLDER]

RENDERED is a folder of `mt3dnet render`, at the camera's size (1280 x 1024); masks and depth are the network's. The
true diameter of each instance comes from the data set's entries, as that of a tool whose name its user knows.

- A silhouette is *whole* when its shaft can be measured in the picture of the true labels: both sides are straight and
  free over its width or more.
- `shaft depth` is the logarithm of the cylinder's depth over the true one, the median over the shaft's visible pixels;
  `frame` that of the observed factor over the frame's true one, which is the median of true over predicted depth.
- `z` is an error over its deviation: its spread should be 1, and 95 % should lie within 1.96.
- MAE is that of the depth of all pixels, on frames with a whole silhouette or more.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.evaluation.order import spread
from mt3dnet_ros.geometry.rays import rays
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.scale.evidence import Evidence
from mt3dnet_ros.perception.scale.measure import ScaleMeasure
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.shaft.cylinder import cylinder_of
from mt3dnet_ros.perception.scale.shaft.diameter import Diameter
from mt3dnet_ros.perception.scale.shaft.estimator import ShaftEstimator, find_silhouette, shaft_cells
from mt3dnet_ros.perception.scale.shaft.measure import measure_silhouette
from mt3dnet_ros.perception.scale.shaft.outline import MaskView, trace_outline
from mt3dnet_ros.perception.scale.shaft.region import ShaftCells, rough_strip
from mt3dnet_ros.perception.scale.shaft.sampling import to_pixels
from mt3dnet_ros.perception.scale.shaft.silhouette import Silhouette, UnfitSilhouetteError
from mt3dnet_ros.perception.scale.view import ScaleView
from mt3dnet_ros.perception.settings import Settings

SHAFT = 1
TRUTH_STRIDE = 8  # pixels of the true labels per cell
LABEL_CONTRAST = 120
KNOWN_TO = 0.1e-3  # metres, deviation of a diameter that is known
MIDDLE = 0.7  # of the half width
GRAIN = 3  # pixels
REPEATS = 2  # of which the fastest counts


@dataclass(frozen=True)
class Judged:
    """One instrument with a shaft, by the mask or by the truth.

    :param shaft_error: logarithm of the cylinder's depth over the true one; NaN where rejected
    :param shaft_deviation: what is said of it
    :param frame_error: logarithm of the factor over the frame's true one
    :param frame_deviation: what is said of it
    """

    whole: bool
    reason: str
    shaft_error: float = np.nan
    shaft_deviation: float = np.nan
    frame_error: float = np.nan
    frame_deviation: float = np.nan


def true_silhouette(frame: LabelledFrame, instance: int) -> Silhouette | None:
    """Return the silhouette of an instance's shaft in the picture of the true labels; None where it is not whole."""
    assert frame.instances is not None and frame.parts is not None and frame.camera is not None
    middle = TRUTH_STRIDE // 2
    cells = (slice(middle, None, TRUTH_STRIDE),) * 2
    instrument = frame.instances[cells] == instance
    shaft = instrument & (frame.parts[cells] == SHAFT)
    rows, columns = (np.arange(n)[middle::TRUTH_STRIDE] for n in frame.instances.shape)
    seen = rays(frame.camera, np.stack(np.meshgrid(columns, rows), axis=-1))
    scale = np.full(2, 1.0 / TRUTH_STRIDE)
    mask = MaskView(frame.instances, instance, None, shaft.astype(np.uint8), (scale, -middle * scale))
    drawn = np.repeat(((frame.instances == instance) * np.uint8(LABEL_CONTRAST))[..., None], 3, axis=2)
    try:
        strip = rough_strip(ShaftCells(instrument, shaft, seen))
        found = measure_silhouette(drawn, frame.camera, trace_outline(mask, frame.camera, strip))
    except UnfitSilhouetteError:
        return None
    return found if 2.0 * found.strip.half_length >= found.width else None


def true_instance(frame: LabelledFrame, mask: np.ndarray) -> int:
    """Return the id of the true instance that has most pixels of a mask; 0 where none has any."""
    assert frame.instances is not None
    counts = np.bincount(frame.instances[mask], minlength=1)
    counts[0] = 0
    return int(counts.argmax()) if counts.any() else 0


def depth_error(frame: LabelledFrame, silhouette: Silhouette, radius: float, instance: int) -> float:
    """Return the median logarithm of a cylinder's depth over the true one, along the middle of the silhouette."""
    assert frame.instances is not None and frame.depth is not None and frame.camera is not None
    rows, columns = (np.arange(0, n, GRAIN) for n in frame.instances.shape)
    own = (frame.instances[::GRAIN, ::GRAIN] == instance) & (frame.depth[::GRAIN, ::GRAIN] > 0)
    seen = rays(frame.camera, np.stack(np.meshgrid(columns, rows), axis=-1)[own])
    front, off_axis = cylinder_of(*silhouette.normals(), radius).front(seen)
    along = (seen[:, :2] - silhouette.strip.centre) @ silhouette.strip.along
    kept = (np.abs(along) <= silhouette.strip.half_length) & (off_axis < MIDDLE)
    return float(np.median(np.log(front[kept] / frame.depth[::GRAIN, ::GRAIN][own][kept]))) if kept.any() else np.nan


class Judge:
    """Judges the frames of a data set one by one.

    :param known: whether each instance's diameter is known; else it is that of its class
    """

    def __init__(self, perceiver: Perceiver, frames: RenderedFrames, known: bool) -> None:
        self._perceiver, self._frames, self._known = perceiver, frames, known
        self._estimator = ShaftEstimator(perceiver.taxonomy)
        self.judged: list[Judged] = []
        self.mae: list[tuple[float, ...]] = []
        self.seconds: list[tuple[int, float]] = []

    def __call__(self, index: int, pictures: Path | None) -> None:
        """Judge a frame."""
        frame = self._frames[index]
        assert frame.instances is not None and frame.depth is not None and frame.camera is not None
        view = self._view(frame)
        shown = {d.instance_id: view.instances == d.instance_id for d in view.detections if d.instance_id > 0}
        truth = {number: true_instance(frame, mask) for number, mask in shown.items()}
        diameters = self._frames.shaft_diameters(index)
        if self._known:
            given = {n: Diameter(diameters[true - 1], KNOWN_TO) for n, true in truth.items() if true}
            view = replace(view, evidence=Evidence(diameters=given))
        found = self._estimator.observe(view)
        self._time(view)
        known = frame.depth > 0
        factor = float(np.nanmedian(np.log(frame.depth[known] / view.depth[known])))
        wholes = {k for k in range(1, len(diameters) + 1) if true_silhouette(frame, k) is not None}
        for item in found:
            true = truth[item.instance_id]
            if isinstance(item, Rejection):
                self.judged.append(Judged(true in wholes, item.reason))
            else:
                self.judged.append(_judge(frame, view, item, true, diameters, true in wholes, factor))
        self.judged += [Judged(True, 'not detected')] * len(wholes - set(truth.values()))
        if wholes:
            config = self._perceiver.config
            scale = ScaleMeasure((self._estimator,), config.scale_deviation, config.shape_deviation)(view)
            tools = known & (frame.instances > 0)
            depths = view.depth, view.shown.scaled(scale).depth, view.depth * np.exp(factor)
            errors = [1e3 * np.abs(depth - frame.depth) for depth in depths]
            means = [np.nanmean(error[where]) for where in (known, tools) for error in errors]
            self.mae.append((float(not scale.is_guess), *means))
        if pictures:
            draw(pictures / f'{index:04d}.png', frame, view, found, {n for n, true in truth.items() if true in wholes})

    def _view(self, frame: LabelledFrame) -> ScaleView:
        perceiver, camera = self._perceiver, frame.camera
        assert camera is not None
        seen = perceiver.run(Frame(frame.image), camera)
        shown = Interpretation(seen.prediction, seen.letterbox, camera, perceiver.config, seen.settings, seen.canvas)
        return ScaleView(seen.frame, camera, seen.letterbox, shown, seen.settings)

    def _time(self, view: ScaleView) -> None:
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            self._estimator.observe(view)
            times.append(time.perf_counter() - start)
        self.seconds.append((sum(d.instance_id > 0 for d in view.detections), min(times)))


def _judge(
    frame: LabelledFrame,
    view: ScaleView,
    item: ScaleObservation,
    true: int,
    diameters: Sequence[float],
    whole: bool,
    factor: float,
) -> Judged:
    assert item.axis is not None
    silhouette = silhouette_of(view, item.instance_id)
    error = depth_error(frame, silhouette, 0.5 * item.axis.diameter, true)
    deviation = item.axis.deviation / item.axis.point[2]
    return Judged(whole, '', error, deviation, item.log_factor - factor, item.deviation)


def silhouette_of(view: ScaleView, instance_id: int) -> Silhouette:
    """Return the silhouette of the shaft of an instrument that has one."""
    cells = shaft_cells(view, instance_id)
    return find_silhouette(view, instance_id, cells, rough_strip(cells))


def draw(
    path: Path, frame: LabelledFrame, view: ScaleView, found: list[ScaleObservation | Rejection], wholes: set[int]
) -> None:
    """Draw masks, edges, and what is said of them."""
    assert frame.camera is not None
    picture = frame.image.copy()
    for row, item in enumerate(found):
        mask = (view.instances == item.instance_id).astype(np.uint8)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, outlines, -1, (255, 0, 255), 1)
        said = item.reason if isinstance(item, Rejection) else f'{item.factor:.3f} +- {item.deviation:.3f}'
        if isinstance(item, ScaleObservation):
            silhouette = silhouette_of(view, item.instance_id)
            t = np.linspace(-1, 1, 30) * silhouette.strip.half_length
            for line in (silhouette.low, silhouette.high):
                pixels = to_pixels(frame.camera, silhouette.strip, t, line.offset + line.slope * t)
                points = np.rint(16 * np.stack(pixels, axis=-1)).astype(np.int32)
                cv2.polylines(picture, [points], False, (0, 255, 0), 1, cv2.LINE_AA, 4)
        text = f'{item.of}{" (whole)" if item.instance_id in wholes else ""}: {said}'
        place = (10, 30 + 30 * row)
        for colour, width in (((0, 0, 0), 4), ((255, 255, 255), 1)):
            cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, colour, width, cv2.LINE_AA)
        if outlines:
            corner = tuple(int(v) for v in outlines[0][0, 0])
            cv2.line(picture, (10, place[1] + 5), corner, (255, 255, 255), 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture[..., ::-1])


def print_errors(name: str, errors: np.ndarray, deviations: np.ndarray) -> None:
    """Print the quantiles of errors, and whether their deviations are right."""
    z = errors / deviations
    inside = 100 * (np.abs(z) < 1.96).mean()
    middle, nine, most = np.quantile(np.abs(errors), (0.5, 0.9, 1.0))
    print(
        f'{name}: n {len(errors)}, bias {np.median(errors):+.4f}, |error| median {middle:.4f}, 90 % {nine:.4f}, '
        f'most {most:.4f}; spread of z {np.sqrt((z**2).mean()):.2f}, within 1.96: {inside:.0f} %'
    )


def report(judge: Judge) -> None:
    """Print the tables."""
    wholes = [item for item in judge.judged if item.whole]
    accepted = [item for item in judge.judged if not item.reason]
    taken = sum(not item.reason for item in wholes)
    print(f'{len(judge.judged)} instances, {len(wholes)} whole silhouettes, {taken} of these accepted', end='')
    print(f' ({100 * taken / max(1, len(wholes)):.0f} %), {len(accepted)} accepted in all')
    for whole in (True, False):
        reasons = Counter(item.reason for item in judge.judged if item.reason and item.whole is whole)
        print(f'  {"whole" if whole else "not whole"}, rejected: {dict(reasons.most_common())}')
    for name in ('shaft', 'frame'):
        pairs = np.array([(getattr(item, f'{name}_error'), getattr(item, f'{name}_deviation')) for item in accepted])
        pairs = pairs.reshape(-1, 2)
        pairs = pairs[np.isfinite(pairs).all(axis=1)]
        if len(pairs):
            print_errors('shaft depth' if name == 'shaft' else 'frame      ', *pairs.T)
    if judge.mae:
        table = np.array(judge.mae)
        means, got = table[:, 1:].mean(axis=0), table[table[:, 0] > 0, 1:]
        text = 'guess {:.2f}, by the shaft {:.2f}, true factor {:.2f}'
        text = f'MAE mm of all pixels: {text}; of tools: {text}'
        print(f'{len(table)} frames with a whole silhouette or more: {text.format(*means)}')
        if len(got):
            print(f'{len(got)} of these with an observation: {text.format(*got.mean(axis=0))}')
    for count in sorted({n for n, _ in judge.seconds}):
        times = 1e3 * np.array([s for n, s in judge.seconds if n == count])
        print(f'{count} instances: {np.median(times):.2f} ms in the median frame, {times.max():.2f} at most')


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='folder written by mt3dnet render')
    parser.add_argument('--split', default='test')
    parser.add_argument('--frames', type=int, default=100)
    parser.add_argument('--by-class', action='store_true', help='diameters by class, as the label file has them')
    parser.add_argument('--pictures', type=Path, help='folder for a picture of each frame')
    arguments = parser.parse_args()
    frames = RenderedFrames(arguments.data, arguments.split)
    cv2.setNumThreads(1)
    judge = Judge(load(device='cpu', settings=Settings(max_depth=10.0)), frames, not arguments.by_class)
    for index in spread(len(frames), min(arguments.frames, len(frames))):
        judge(index, arguments.pictures)
    report(judge)


if __name__ == '__main__':
    main()
