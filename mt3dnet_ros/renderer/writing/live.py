"""Frames that are rendered when they are asked for: a data set that needs no disk and never repeats itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset

from mt3dnet_ros.datasets.frames import DatasetError, IterableFrames, LabelledFrame
from mt3dnet_ros.datasets.rendered import TAXONOMY
from mt3dnet_ros.perception.taxonomy import Taxonomy, load_taxonomy
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.plan import SPLITS, RenderPlan
from mt3dnet_ros.renderer.writing.write import render_frame
from mt3dnet_ros.yaml_text import YamlError, read_yaml

_FOLDERS = ('data', 'dvrk_model')
_NUMBER = (int, float)
_KEYS: dict[str, Any] = {
    'data': str, 'dvrk_model': str, 'domain': str, 'train': int, 'val': int, 'test': int, 'height': int, 'width': int,
    'seed': int, 'oversampling': _NUMBER,
}  # fmt: skip
_NAMES = {str: 'a text', int: 'a whole number from 0 on', _NUMBER: 'a number from 0 on'}


class LiveFrames(IterableFrames, Dataset[LabelledFrame]):
    """Still frames of one split of a plan, a :class:`~mt3dnet_ros.datasets.frames.FrameSet`.

    Frame ``index`` is the one that `mt3dnet render` would write, in whatever process it is asked for.

    :param split: ``train``, ``val`` or ``test``
    :raises DatasetError: there is no such split
    """

    def __init__(self, plan: RenderPlan, split: str) -> None:
        if split not in SPLITS or plan.scenes(split) == 0:
            raise DatasetError(f"split '{split}' has no frames; the plan has {_counts(plan)}")
        if plan.frames_per_sequence:
            raise DatasetError('sequences cannot be rendered frame by frame; write them with `mt3dnet render`')
        self.taxonomy: Taxonomy | None = load_taxonomy(TAXONOMY)
        self.plan, self.split = plan, split

    @property
    def names(self) -> Sequence[str]:
        """The frames' names, in order."""
        return [f'{self.split}/{index:06d}' for index in range(len(self))]

    def __len__(self) -> int:
        return self.plan.scenes(self.split)

    def __getitem__(self, index: int) -> LabelledFrame:
        if not 0 <= index < len(self):
            raise IndexError(f'frame {index} is not one of the {len(self)} frames of {self.split}')
        frame = render_frame(self.plan, self.split, index)
        return LabelledFrame(
            name=f'{self.split}/{index:06d}',
            image=frame.image,
            types=frame.types,
            parts=frame.parts,
            instances=frame.instances,
            depth=frame.depth,
            camera=frame.camera,
        )


def open_live(path: str | Path, split: str) -> LiveFrames:
    """Read a plan from a YAML file: any of the keys of ``RenderPlan`` for still frames.

    :param path: of the file; ``data`` and ``dvrk_model`` are relative to its folder
    :raises DatasetError: the file is missing, has an unknown key or a value of the wrong kind
    """
    path = Path(path)
    try:
        content = read_yaml(path)
    except (OSError, YamlError) as error:
        raise DatasetError(f"render plan '{path}' cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise DatasetError(f"render plan '{path}' must map keys to values, got {content!r}")
    for key, value in content.items():
        _check(path, key, value)
    folders = {key: path.parent / content[key] for key in _FOLDERS if key in content}
    plan = {'data': None} | content | folders | {'domain': load_domain(content.get('domain', 'wide'))}
    return LiveFrames(RenderPlan(**plan), split)


def _check(path: Path, key: str, value: object) -> None:
    if key not in _KEYS:
        raise DatasetError(f"render plan '{path}': key '{key}' is not known (known: {', '.join(_KEYS)})")
    wanted = _KEYS[key]
    if isinstance(value, bool) or not isinstance(value, wanted) or (not isinstance(value, str) and value < 0):
        raise DatasetError(f"render plan '{path}': '{key}' must be {_NAMES[wanted]}, got {value!r}")


def _counts(plan: RenderPlan) -> str:
    return ', '.join(f'{plan.scenes(split)} for {split}' for split in SPLITS)
