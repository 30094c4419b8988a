"""Frames that are rendered when they are asked for: a data set that needs no disk and never repeats itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from torch.utils.data import Dataset

from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame
from mt3dnet_ros.datasets.rendered import TAXONOMY
from mt3dnet_ros.datasets.renderer.domain_file import load_domain
from mt3dnet_ros.datasets.renderer.plan import SPLITS, RenderPlan
from mt3dnet_ros.datasets.renderer.write import render_frame
from mt3dnet_ros.perception.taxonomy import Taxonomy, load_taxonomy

_NUMBERS = {
    'train': int, 'val': int, 'test': int, 'height': int, 'width': int, 'seed': int, 'oversampling': float,
}  # fmt: skip


class LiveFrames(Dataset[LabelledFrame]):
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
    """Read a plan from a YAML file with the keys ``data`` and, where they are to differ, those of ``RenderPlan``.

    :param path: of the file; ``data`` is relative to its folder
    :raises DatasetError: the file is missing, has an unknown key or a value of the wrong kind
    """
    path = Path(path)
    try:
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DatasetError(f"render plan '{path}' cannot be read: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get('data'), str):
        raise DatasetError(f"render plan '{path}' must map keys to values and have 'data', the folder of the meshes")
    data, domain = path.parent / content.pop('data'), load_domain(str(content.pop('domain', 'wide')))
    return LiveFrames(
        RenderPlan(data, domain, **{key: _number(path, key, value) for key, value in content.items()}), split
    )


def _number(path: Path, key: str, value: Any) -> Any:
    if key not in _NUMBERS:
        raise DatasetError(
            f"render plan '{path}': key '{key}' is not known (known: data, domain, {', '.join(_NUMBERS)})"
        )
    whole = _NUMBERS[key] is int
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value < 0:
        raise DatasetError(f"render plan '{path}': '{key}' must be a {'whole ' * whole}number from 0 on, got {value!r}")
    return value


def _counts(plan: RenderPlan) -> str:
    return ', '.join(f'{plan.scenes(split)} for {split}' for split in SPLITS)
