"""True saliency and scanpaths: as ``mt3dnet make-saliency`` wrote them, else made from the masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame
from mt3dnet_ros.datasets.registry import ids_persist
from mt3dnet_ros.datasets.saliency.files import SETTINGS, has_attention, read_saliency, read_scanpath
from mt3dnet_ros.datasets.saliency.truth import AttentionRules, attention
from mt3dnet_ros.evaluation.scorers.saliency_scores import Attention
from mt3dnet_ros.json_text import parse_json


class AttentionTruth:
    """The true saliency and scanpath of frames.

    :param folder: in which maps and scanpaths may lie; they are read where they are there
    :param rules: by which they are made where they are not; None makes none
    """

    def __init__(self, folder: Path, rules: AttentionRules | None) -> None:
        self._folder = folder
        self._rules = rules

    def __call__(self, frame: LabelledFrame, before: LabelledFrame | None) -> Attention | None:
        """Return the truth of a frame; None where it is not known.

        :param before: the frame before; None for the first of a sequence
        :raises DatasetError: a file is damaged or of another size than the frame
        """
        if has_attention(self._folder, frame.name):
            saliency = read_saliency(self._folder, frame.name, frame.image.shape)
            path = read_scanpath(self._folder, frame.name)
        elif self._rules and before is not None and _has_masks(frame) and _has_masks(before):
            made = attention(frame, before, self._rules)
            saliency, path = made.saliency, made.scanpath
        else:
            return None
        return Attention(saliency.astype(np.float32) / 255.0, tuple(stop.instance for stop in path))


def open_truth(dataset: str, folder: Path) -> AttentionTruth:
    """Return the truth of a data set's frames; what has to be made is made as what lies in the folder was.

    :param folder: that ``mt3dnet make-saliency`` wrote, or where else the data set lies, which may be a file
    :raises DatasetError: there is no such folder, or its settings are damaged
    """
    if not folder.exists():
        raise DatasetError(f"saliency folder '{folder}' does not exist; write it with `mt3dnet make-saliency`")
    if dataset not in ids_persist():
        return AttentionTruth(folder, None)
    settings = folder / SETTINGS
    return AttentionTruth(
        folder, _read_rules(settings) if settings.is_file() else AttentionRules(ids_persist()[dataset])
    )


def _read_rules(path: Path) -> AttentionRules:
    try:
        values = parse_json(path.read_bytes())
        del values['dataset']
        return AttentionRules(**values)
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"'{path}' is damaged ({error!r}); write it again with `mt3dnet make-saliency`") from error


def _has_masks(frame: LabelledFrame) -> bool:
    return frame.types is not None and frame.parts is not None and frame.instances is not None
