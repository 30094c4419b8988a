"""Does the filter of scale say the truth about itself? Simulated streams, with errors that last and errors that pass.

    python benchmark/scale_filter.py [--runs 200] [--rate 25]

The truth of each frame is the network's error: one per stream, a slow drift, and a wavering of half a second. A source
has a bias per stream, and noise per frame of which half lasts for a few frames. Rows give, of all frames but those of
the first second, how many truths lie within the 95 % interval, the median deviation, the error that is left, and how
much of a single frame's unsteadiness is left (standard deviation of the logarithm around the slow drift); then how soon
after a jump of the scale the truth lies in the interval again.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.perception.scale.depth_scale import NORMAL_95, DepthScale
from mt3dnet_ros.perception.scale.filter import ScaleFilter
from mt3dnet_ros.perception.scale.observation import ScaleObservation

NETWORK = 0.15  # deviation of the logarithm of the network's scale from stream to stream
DRIFT, WAVER, WAVER_TIME = 0.01, 0.02, 0.5
SECONDS = 8.0


@dataclass(frozen=True)
class SimulatedSource:
    """A thing that tells the scale.

    :param bias: standard deviation of its error from stream to stream, of the logarithm
    :param noise: likewise from frame to frame
    :param seen: share of the frames in which it speaks
    :param exact: whether it says that its noise in single frames is small enough to be followed
    :param wrong: logarithm of a factor that it is wrong by, unknown to itself
    """

    name: str
    of: str = ''
    bias: float = 0.05
    noise: float = 0.02
    seen: float = 0.8
    wrong: float = 0.0
    exact: bool = False

    @property
    def deviation(self) -> float:
        """What it says of itself."""
        return math.hypot(self.bias, self.noise)

    def says(self, log_factor: float) -> ScaleObservation:
        """Return what it observes."""
        noise = self.noise if self.exact else math.inf
        return ScaleObservation(self.name, log_factor, self.deviation, self.of, frame_noise=noise)


SHAFT = SimulatedSource('shaft', 'needle driver', 0.05, 0.02)
SECOND_SHAFT = replace(SHAFT, of='prograsp')
EYE = SimulatedSource('second_eye', '', 0.015, 0.01, 0.3, exact=True)
ROBOT = SimulatedSource('robot', 'PSM1', 0.06, 0.03)


def truth(random: np.random.Generator, count: int, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the logarithm of each frame's right factor, (n,), and the slow part of it."""
    slow = NETWORK * random.normal() + np.cumsum(DRIFT * math.sqrt(step) * random.normal(size=count))
    return slow + lasting(random, count, WAVER, math.exp(-step / WAVER_TIME)), slow


def lasting(random: np.random.Generator, count: int, deviation: float, share: float) -> np.ndarray:
    """Return noise of which a share is that of the frame before, (n,)."""
    noise = deviation * random.normal(size=count)
    for k in range(1, count):
        noise[k] = share * noise[k - 1] + math.sqrt(1.0 - share**2) * noise[k]
    return noise


def observations(
    source: SimulatedSource, right: np.ndarray, random: np.random.Generator
) -> list[ScaleObservation | None]:
    """Return what a source says of each frame; None where it does not see it."""
    count = len(right)
    noise = source.noise * (random.normal(size=count) + lasting(random, count, 1.0, 0.8)) / math.sqrt(2.0)
    told = right + source.wrong + source.bias * random.normal() + noise
    seen = random.random(count) < source.seen
    return [source.says(float(log)) if visible else None for log, visible in zip(told, seen, strict=True)]


def stream(
    sources: Sequence[SimulatedSource], right: np.ndarray, step: float, random: np.random.Generator
) -> Iterator[tuple[DepthScale, list[ScaleObservation]]]:
    """Yield the scale of each frame, and what was said of it."""
    told = [observations(source, right, random) for source in sources]
    scales = ScaleFilter()
    for k, of_frame in enumerate(zip(*told, strict=True)):
        said = [item for item in of_frame if item is not None]
        yield scales.update([*said], int(1e9 * (1.0 + k * step)), NETWORK), said


def judge(sources: Sequence[SimulatedSource], runs: int, step: float) -> tuple[float, float, float, float]:
    """Return coverage, median deviation, root mean square of the error, and unsteadiness against a single frame's."""
    count, begin = round(SECONDS / step), round(1.0 / step)
    errors, deviations, unsteadiness = [], [], []
    for seed in range(runs):
        random = np.random.default_rng(seed)
        right, slow = truth(random, count, step)
        frames = list(stream(sources, right, step, random))[begin:]
        logs = np.log([scale.factor for scale, _ in frames])
        errors.append(logs - right[begin:])
        deviations.append([scale.deviation for scale, _ in frames])
        single = [said[0].log_factor - path for (_, said), path in zip(frames, slow[begin:], strict=True) if said]
        unsteadiness.append((logs - slow[begin:]).std() / np.std(single))
    error, deviation = np.array(errors), np.array(deviations)
    covered = np.abs(error) <= NORMAL_95 * deviation
    return float(covered.mean()), float(np.median(deviation)), float((error**2).mean() ** 0.5), np.median(unsteadiness)


def time_to_follow(factor: float, runs: int, step: float) -> np.ndarray:
    """Return for each stream the seconds after a jump of the scale until the interval holds the truth again."""
    count = round(SECONDS / step)
    times = []
    for seed in range(runs):
        random = np.random.default_rng(seed)
        right, _ = truth(random, count, step)
        right[count // 2 :] += math.log(factor)
        scales = [scale for scale, _ in stream([SHAFT, EYE], right, step, random)]
        logs, widths = np.array([(math.log(scale.factor), NORMAL_95 * scale.deviation) for scale in scales]).T
        inside = np.abs(logs - right)[count // 2 :] <= widths[count // 2 :]
        times.append(step * int(inside.argmax()) if inside.any() else math.inf)
    return np.array(times)


def cost(frames: int = 2000) -> float:
    """Return the microseconds of an update with four things, on one core; the least of five rounds."""
    rounds = []
    for _ in range(5):
        scales, found = (
            ScaleFilter(),
            [source.says(0.1) for source in (SHAFT, SECOND_SHAFT, EYE, ROBOT)],
        )
        start = time.process_time()
        for k in range(frames):
            scales.update([*found], int(1e9 + 4e7 * k), NETWORK)
        rounds.append(1e6 * (time.process_time() - start) / frames)
    return min(rounds)


CASES = {
    'shaft': [SHAFT],
    'two shafts': [SHAFT, SECOND_SHAFT],
    'second eye': [EYE],
    'robot': [ROBOT],
    'shaft, robot': [SHAFT, ROBOT],
    'shaft, second eye': [SHAFT, EYE],
    'all': [SHAFT, SECOND_SHAFT, EYE, ROBOT],
    'second eye, wrong shaft': [replace(SHAFT, wrong=math.log(1.3)), EYE],
    'robot, second eye, wrong shaft': [replace(SHAFT, wrong=math.log(1.3)), ROBOT, EYE],
    'shaft, robot, wrong second eye': [SHAFT, ROBOT, replace(EYE, wrong=math.log(1.3))],
}


def main() -> None:
    """Print a row per set of sources, and what else was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--runs', type=int, default=200)
    parser.add_argument('--rate', type=float, default=25.0, help='frames per second')
    arguments = parser.parse_args()
    step = 1.0 / arguments.rate
    print(f'{"sources":>32} {"covered":>8} {"deviation":>10} {"error":>7} {"unsteadiness":>13}')
    for name, sources in CASES.items():
        covered, deviation, error, unsteady = judge(sources, arguments.runs, step)
        print(f'{name:>32} {100 * covered:7.1f}% {deviation:10.3f} {error:7.3f} {unsteady:13.2f}')
    for factor in (1.15, 1.3, 2.0):
        times = time_to_follow(factor, arguments.runs, step)
        print(f'a jump of x{factor} is followed in {np.median(times):.2f} s, 95 % in {np.quantile(times, 0.95):.2f} s')
    print(f'an update takes {cost():.0f} microseconds')


if __name__ == '__main__':
    main()
