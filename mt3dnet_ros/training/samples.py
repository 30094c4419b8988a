"""From a data set's frames to batches, in an order that follows from the seed and the step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from mt3dnet_ros.datasets.frames import IGNORED, DatasetError, FrameSet, LabelledFrame
from mt3dnet_ros.datasets.rendered import RawSample, RenderedFrames, different_sizes
from mt3dnet_ros.geometry.camera import Camera

UNKNOWN_FIELD_OF_VIEW = math.radians(53.13)  # where a data set has no calibration: a focal length of one image width


class Draw(NamedTuple):
    """What to show at a step: a frame, and the seed of the batch's augmentation."""

    frame: int
    seed: int


class TrainingSamples(Dataset[tuple[RawSample, int]]):
    """Frames of a data set as tensors of one size, whatever labels they have.

    :param frames: any data set
    :param size: height and width to which frames are brought; 0, 0 keeps them
    """

    def __init__(self, frames: FrameSet, size: tuple[int, int] = (0, 0)) -> None:
        self.frames, self.size = frames, size

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, draw: Draw | int) -> tuple[RawSample, int]:
        """Return a frame, and the seed of its batch."""
        index, seed = draw if isinstance(draw, Draw) else (draw, 0)
        if isinstance(self.frames, RenderedFrames) and self.size == (0, 0):
            return self.frames.raw(index), seed
        return to_sample(self.frames[index], self.size), seed


class JoinedSamples(Dataset[tuple[RawSample, int]]):
    """Frames of several data sets, one set after the other, drawn alike.

    :raises DatasetError: their frames have different sizes
    """

    def __init__(self, sets: Sequence[TrainingSamples]) -> None:
        self.sets = sets
        self._ends = np.cumsum([len(samples) for samples in sets])
        if len(sets) > 1:  # else a frame would be read, or rendered, for nothing
            self._check_sizes()

    def _check_sizes(self) -> None:
        sizes = {tuple(samples[0][0].image.shape[:2]) for samples in self.sets}
        if len(sizes) > 1:
            raise DatasetError(different_sizes('frames of the folders', sizes))

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, draw: Draw) -> tuple[RawSample, int]:
        """Return a frame, and the seed of its batch."""
        number = int(np.searchsorted(self._ends, draw.frame, side='right'))
        samples = self.sets[number]
        return samples[draw._replace(frame=draw.frame - int(self._ends[number]) + len(samples))]


def to_sample(frame: LabelledFrame, size: tuple[int, int]) -> RawSample:
    """Return a frame as tensors; labels that it lacks are ``IGNORED``, depth that it lacks is 0.

    :param size: height and width in pixels; 0, 0 keeps the frame's
    """
    height, width = size if size != (0, 0) else frame.image.shape[:2]
    image = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_AREA)
    labels = [_layer(layer, (height, width)) for layer in (frame.types, frame.parts, frame.instances)]
    depth = np.zeros((height, width), np.float32) if frame.depth is None else _nearest(frame.depth, (height, width))
    camera = frame.camera or Camera.from_field_of_view(width, height, UNKNOWN_FIELD_OF_VIEW)
    intrinsics = camera.resized(width, height).matrix.astype(np.float32)
    return RawSample(*(torch.from_numpy(array) for array in (image, np.stack(labels), depth, intrinsics)))


def _layer(labels: np.ndarray | None, size: tuple[int, int]) -> np.ndarray:
    return np.full(size, IGNORED, np.uint8) if labels is None else _nearest(labels, size)


def _nearest(layer: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.resize(layer, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT)


@dataclass(frozen=True)
class SeededTransform:
    """Make a batch, its randomness drawn from the batch's own seed; serves as a loader's ``collate_fn``."""

    transform: Callable[[list[Any]], Any]

    def __call__(self, drawn: list[tuple[Any, int]]) -> Any:
        """Return one batch."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(drawn[0][1])
            return self.transform([sample for sample, _ in drawn])


class StepSampler(Sampler[list[Draw]]):
    """Batches of this process for every step of a run, shuffled again each time the frames are used up.

    Steps draw the same frames and seeds whether the run was interrupted before or not, and however many processes share
    the batch.

    :param frames: number of frames in the data set
    :param batch_size: over all processes
    :param steps: of the whole run
    :param start: steps that are done already
    :param rank: this process, of ``processes``
    """

    def __init__(
        self,
        frames: int,
        batch_size: int,
        steps: int,
        seed: int,
        start: int = 0,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        self.frames, self.batch_size, self.steps, self.seed = frames, batch_size, steps, seed
        self.start, self.rank, self.processes = start, rank, processes

    def __len__(self) -> int:
        # Lightning counts the steps that are done as fetched.
        return self.steps

    def __iter__(self) -> Iterator[list[Draw]]:
        """Yield the frames of each step that is left."""
        for step in range(self.start, self.steps):
            places = range(step * self.batch_size + self.rank, (step + 1) * self.batch_size, self.processes)
            seed = step_seed(self.seed, step, self.rank)
            yield [Draw(self._frame(place), seed) for place in places]

    def _frame(self, place: int) -> int:
        turn, position = divmod(place, self.frames)
        return int(_order(self.frames, self.seed, turn)[position])


def step_seed(seed: int, step: int, rank: int) -> int:
    """Return the seed of what is random in a step of a process."""
    return int(np.random.SeedSequence([seed, step, rank]).generate_state(1)[0])


@lru_cache(maxsize=2)
def _order(frames: int, seed: int, turn: int) -> np.ndarray:
    return np.random.default_rng([seed, turn]).permutation(frames)
