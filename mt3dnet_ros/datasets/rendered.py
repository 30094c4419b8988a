"""Rendered frames on disk: plain arrays that are memory-mapped, so that reading costs next to nothing.

Layout, per split::

    DIR/<split>/images.npy     (N, H, W, 3) uint8, RGB
    DIR/<split>/types.npy      (N, H, W) uint8, instrument type ids
    DIR/<split>/parts.npy      (N, H, W) uint8, instrument part ids
    DIR/<split>/instances.npy  (N, H, W) uint8, instance ids, 0 for none
    DIR/<split>/depth.npy      (N, H, W) float16, metres along the optical axis, 0 where unknown
    DIR/<split>/frames.json    N entries with at least fx, fy, cx, cy in pixels; docs/train/rendering.md has the others

and, of stereo pairs, ``right_images.npy`` (N, H, W, 3) uint8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mt3dnet_ros.datasets.frames import DatasetError, IterableFrames, LabelledFrame
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.json_text import JsonError, parse_json
from mt3dnet_ros.perception.taxonomy import Taxonomy, load_taxonomy

TAXONOMY = 'endovis2018'
_ARRAYS = {'images': 'uint8', 'types': 'uint8', 'parts': 'uint8', 'instances': 'uint8', 'depth': 'float16'}
_INTRINSICS = ('fx', 'fy', 'cx', 'cy')
_RIGHT = 'right_images'


class RawSample(NamedTuple):
    """One frame, or a batch of them with a leading dimension, as stored.

    :param image: (H, W, 3) uint8
    :param labels: (3, H, W) uint8: types, parts, instances
    :param depth: (H, W) float16 metres, 0 where unknown
    :param intrinsics: (3, 3) float32, the matrix of this image in pixels
    """

    image: Tensor
    labels: Tensor
    depth: Tensor
    intrinsics: Tensor

    @property
    def focal(self) -> Tensor:
        """Focal length in pixels; of unequal ones, the geometric mean."""
        return (self.intrinsics[..., 0, 0] * self.intrinsics[..., 1, 1]).sqrt()


class StereoPair(NamedTuple):
    """What two parallel cameras see of one scene.

    :param left: (H, W, 3) uint8, and ``right`` that of the camera at the right
    :param disparity: (H, W) float32 pixels: a point at column x of the left image is at ``x - disparity`` of the right
        one, where the lenses have no distortion; 0 where the depth is unknown
    :param baseline: metres
    """

    left: np.ndarray
    right: np.ndarray
    disparity: np.ndarray
    baseline: float


class RenderedFrames(IterableFrames):
    """Frames of one split, a :class:`~mt3dnet_ros.datasets.frames.FrameSet`.

    :param folder: the data set's folder
    :param split: ``train``, ``val`` or ``test``
    :raises DatasetError: a file is missing, or of another type or shape than the layout says
    """

    def __init__(self, folder: str | Path, split: str) -> None:
        self.taxonomy: Taxonomy | None = load_taxonomy(TAXONOMY)
        self.folder = Path(folder) / split
        if not self.folder.is_dir():
            raise DatasetError(f"data set folder '{self.folder}' does not exist; render it with `mt3dnet render`")
        arrays = {name: _open(self.folder / f'{name}.npy', dtype) for name, dtype in _ARRAYS.items()}
        self.images, self.depth = arrays['images'], arrays['depth']
        self.labels = (arrays['types'], arrays['parts'], arrays['instances'])
        right = self.folder / f'{_RIGHT}.npy'
        self._right = _open(right, 'uint8') if right.is_file() else None
        self.frames = _read_frames(self.folder / 'frames.json')
        self._check_shapes(arrays)
        self.names = [f'{split}/{_name(index, frame)}' for index, frame in enumerate(self.frames)]

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int) -> LabelledFrame:
        types, parts, instances = (np.array(array[index]) for array in self.labels)
        return LabelledFrame(
            name=self.names[index],
            image=np.array(self.images[index]),
            types=types,
            parts=parts,
            instances=instances,
            depth=self.depth[index].astype(np.float32),
            camera=self._camera(index),
        )

    def raw(self, index: int) -> RawSample:
        """Return a frame as stored, for batches that are made of it by the thousand."""
        labels = np.stack([array[index] for array in self.labels])
        return RawSample(
            image=torch.from_numpy(np.array(self.images[index])),
            labels=torch.from_numpy(labels),
            depth=torch.from_numpy(np.array(self.depth[index])),
            intrinsics=torch.from_numpy(self._camera(index).matrix).float(),
        )

    def pair(self, index: int) -> StereoPair:
        """Return what two parallel cameras see.

        :raises DatasetError: the frames were not rendered in stereo
        """
        right, baseline, depth = self.right_image(index), self._baseline(index), self.depth[index].astype(np.float32)
        known = depth > 0
        disparity = np.where(known, self._camera(index).fx * baseline / np.where(known, depth, 1), np.float32(0))
        return StereoPair(np.array(self.images[index]), right, disparity, baseline)

    @property
    def is_stereo(self) -> bool:
        """Whether there is the view of a second camera."""
        return self._right is not None

    def right_image(self, index: int) -> np.ndarray:
        """Return what the right camera sees, (H, W, 3) uint8 RGB.

        :raises DatasetError: the frames were not rendered in stereo
        """
        return np.array(self._right_images[index])

    def stereo_camera(self, index: int) -> StereoCamera:
        """Return both cameras, which are alike and parallel.

        :raises DatasetError: the frames were not rendered in stereo
        """
        camera, unturned = self._camera(index), tuple(np.eye(3).ravel().tolist())
        return StereoCamera(camera, camera, unturned, (-self._baseline(index), 0.0, 0.0))

    def tips(self, index: int) -> dict[int, tuple[float, float, float]]:
        """Return where the tips of the tools are, also hidden ones, by the tools' instance ids; metres, optical frame.

        Frames that were rendered before tips were written have none.
        """
        return _points(self.frames[index].get('tips', ()))

    def visible_tips(self, index: int) -> dict[int, tuple[float, float, float]]:
        """Return the same of the tips that are in view, and not hidden."""
        return _points(tip for tip in self.frames[index].get('tips', ()) if tip['visible'])

    def shaft_diameters(self, index: int) -> tuple[float, ...]:
        """Return the diameter of each tool's shaft, metres, instance 1 first; empty of frames that do not say."""
        return tuple(map(float, self.frames[index].get('shaft_diameters', ())))

    def pose(self, index: int) -> np.ndarray:
        """Return the pose (4, 4) of a frame's camera, in the frame that it has at rest; metres."""
        return np.array(self.frames[index].get('pose', np.eye(4)), np.float64)

    @cached_property
    def rate(self) -> float | None:
        """Frames per second of its sequences; None where they are stills, or where the folder does not say."""
        plan = self.folder / 'plan.json'
        if 'sequence' not in self.frames[0] or not plan.is_file():
            return None
        try:
            return float(parse_json(plan.read_bytes())['rate'])
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise DatasetError(f"'{plan}' is damaged ({error!r}); render the data set again") from error

    @property
    def _right_images(self) -> npt.NDArray[Any]:
        if self._right is None:
            raise DatasetError(f"'{self.folder}' has no {_RIGHT}.npy; render it again with `mt3dnet render --stereo`")
        return self._right

    def _baseline(self, index: int) -> float:
        if 'baseline' not in self.frames[index]:
            raise DatasetError(f"'{self.folder}/frames.json' has no baseline of frame {index}; render it in stereo")
        return float(self.frames[index]['baseline'])

    def _camera(self, index: int) -> Camera:
        height, width = self.images.shape[1:3]
        frame = self.frames[index]
        fx, fy, cx, cy = (float(frame[key]) for key in _INTRINSICS)
        model, coefficients = frame.get('distortion_model', 'none'), frame.get('distortion', ())
        return Camera(width, height, fx, fy, cx, cy, model, tuple(map(float, coefficients)))

    def _check_shapes(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        count, height, width = self.images.shape[:3]
        for name, array in arrays.items():
            expected = (count, height, width, 3) if name == 'images' else (count, height, width)
            if array.shape != expected:
                raise DatasetError(f"'{self.folder}/{name}.npy' has shape {array.shape}, it must be {expected}")
        if len(self.frames) != count:
            raise DatasetError(
                f"'{self.folder}/frames.json' describes {len(self.frames)} frames, images.npy has {count}"
            )
        if count == 0:
            raise DatasetError(f"'{self.folder}' has no frames; render some with `mt3dnet render`")


def collate(samples: list[RawSample]) -> RawSample:
    """Return one batch of frames.

    :raises DatasetError: they have different sizes
    """
    if len(sizes := {tuple(sample.image.shape[:2]) for sample in samples}) > 1:
        raise DatasetError(different_sizes('frames of the data set', sizes))
    return RawSample(*(torch.stack(values) for values in zip(*samples, strict=True)))


def different_sizes(what: str, sizes: set[tuple[int, ...]]) -> str:
    """Return how to go on where frames that are to be one batch have several sizes.

    :param sizes: heights and widths in pixels
    """
    found = ', '.join(f'{height} x {width}' for height, width in sorted(sizes))
    return f"{what} differ in size ({found}); bring them to one by 'frame_size'"


def _points(tips: Iterable[Mapping[str, Any]]) -> dict[int, tuple[float, float, float]]:
    points = {int(tip['instance']): map(float, tip['point']) for tip in tips}
    return {instance: (x, y, z) for instance, (x, y, z) in points.items()}


def _name(index: int, frame: dict[str, Any]) -> str:
    if 'sequence' not in frame:
        return f'{index:06d}'
    return f's{frame["sequence"]:04d}/f{frame["frame"]:04d}'


def _open(path: Path, dtype: str) -> npt.NDArray[Any]:
    if not path.is_file():
        raise DatasetError(f"'{path}' is missing; render the data set again with `mt3dnet render`")
    try:
        array: npt.NDArray[Any] = np.load(path, mmap_mode='r', allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise DatasetError(f"'{path}' is damaged ({error}); render the data set again with `mt3dnet render`") from error
    if array.dtype != np.dtype(dtype):
        raise DatasetError(f"'{path}' is of type {array.dtype}, it must be {dtype}")
    return array


def _read_frames(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise DatasetError(f"'{path}' is missing; render the data set again with `mt3dnet render`")
    try:
        frames = parse_json(path.read_bytes())
    except JsonError as error:
        raise DatasetError(
            f"'{path}' is not JSON ({error}); render the data set again with `mt3dnet render`"
        ) from error
    if not isinstance(frames, list):
        raise DatasetError(f"'{path}' must hold a list of frames, not {type(frames).__name__}")
    for index, frame in enumerate(frames):
        values: list[Any] = [frame.get(key) for key in _INTRINSICS] if isinstance(frame, dict) else [None]
        if not all(isinstance(value, int | float) for value in values) or min(values[:2]) <= 0:
            raise DatasetError(
                f"'{path}': frame {index} must have numbers fx, fy, cx, cy with fx and fy above 0, has {frame}"
            )
    return frames
