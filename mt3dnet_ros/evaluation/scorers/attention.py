"""How well it is told where to look, over the frames of sequences."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.datasets.numbering import packaged_taxonomy
from mt3dnet_ros.evaluation.attention_truth import AttentionTruth
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.scorers.saliency import NETWORK, SaliencyScorer
from mt3dnet_ros.evaluation.scorers.saliency_scores import Attention
from mt3dnet_ros.metrics.saliency.baselines import centre_prior, nearest_clasper
from mt3dnet_ros.metrics.saliency.scanpath import matched_path, rank_instruments

_NOTES = (
    'Baselines rank the instruments that the network has found, and see its parts and depth; those of true masks see '
    'what no network does.',
    'Found instruments stand for the true ones that they cover with an IoU above 0.5.',
)
_SINGLE_FRAMES = 'Nothing was remembered from one frame to the next (`--single-frame`).'


class AttentionScorer:
    """Metrics of saliency and scanpath, of a network and of baselines.

    :param truth: says where to look
    :param skipped: why nothing is scored; empty where it is
    """

    def __init__(self, truth: AttentionTruth, skipped: str = '') -> None:
        self._truth = truth
        self._skipped = skipped
        self._scorer = SaliencyScorer()
        self._before: LabelledFrame | None = None
        self._remembers = False

    def update(self, seen: Observation) -> None:
        """Add one frame; frames of a sequence come in order."""
        before, self._before = self._before, seen.frame
        if self._skipped or seen.saliency is None:
            return
        truth = self._truth(seen.frame, before if seen.step.follows else None)
        if truth is not None:
            self._remembers |= seen.step.stamp > 0
            self._scorer.update(_predictions(seen, seen.saliency), truth, seen.step.sequence)

    def section(self) -> Section:
        """Return the section ``saliency``."""
        section = self._scorer.section()
        section.skipped = self._skipped or section.skipped
        section.notes += [*_NOTES, *([] if self._remembers else [_SINGLE_FRAMES])]
        return section


def _predictions(seen: Observation, saliency: np.ndarray) -> dict[str, Attention]:
    """Return where the network looks, and where who has not learned to would."""
    found, clasper = _found(seen), _where_clasper(seen.scene.parts)
    maps = {'centre prior': centre_prior(*saliency.shape)}
    if clasper is not None:
        maps['nearest clasper'] = nearest_clasper(clasper, found, seen.scene.depth)
    predictions = {NETWORK: Attention(saliency, _in_true_ids(seen.scanpath or (), seen))}
    for name, baseline in maps.items():
        predictions[name] = Attention(baseline, _in_true_ids(rank_instruments(baseline, found), seen))
    return predictions | _of_true_masks(seen.frame)


def _of_true_masks(frame: LabelledFrame) -> dict[str, Attention]:
    clasper = _where_clasper(frame.parts)
    if clasper is None or frame.instances is None:
        return {}
    saliency = nearest_clasper(clasper, frame.instances, frame.depth)
    return {'nearest clasper of true masks': Attention(saliency, rank_instruments(saliency, frame.instances))}


def _found(seen: Observation) -> np.ndarray:
    """Return the instruments of the scanpath, (H, W) uint8 ids."""
    instances = seen.scene.instances
    assert instances is not None  # for mypy: whoever predicts a scanpath has instances
    return np.where(np.isin(instances, seen.scanpath or ()), instances, 0).astype(np.uint8)


def _in_true_ids(path: tuple[int, ...], seen: Observation) -> tuple[int, ...] | None:
    if seen.frame.instances is None or seen.scene.instances is None:
        return None
    return matched_path(path, seen.scene.instances, seen.frame.instances)


def _where_clasper(parts: np.ndarray | None) -> np.ndarray | None:
    return None if parts is None else parts == packaged_taxonomy('parts').names.index('clasper')
