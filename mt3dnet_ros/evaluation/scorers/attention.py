"""Saliency and scanpath of a network and of baselines, over the frames of sequences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.datasets.numbering import packaged_taxonomy
from mt3dnet_ros.evaluation.attention_truth import AttentionTruth
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.scorers.saliency_comparison import NETWORK, ComparedFrame, SaliencyComparison, compare
from mt3dnet_ros.evaluation.scorers.saliency_scores import Attention
from mt3dnet_ros.metrics.saliency.baselines import centre_prior, nearest_clasper
from mt3dnet_ros.metrics.saliency.scanpath import matched_path, rank_instruments

_NOTES = (
    'The baselines use the instruments, parts and depth that the network predicts; those `of true masks` use the '
    'labels.',
    'A predicted instrument stands for the true one that it overlaps with an IoU above 0.5.',
)
_SINGLE_FRAMES = 'The network remembered nothing from one frame to the next (`--single-frame`).'


class _ScoredFrame(NamedTuple):
    """Of one frame; ``remembers`` says whether the network knew of the frames before."""

    compared: ComparedFrame
    remembers: bool


class AttentionScorer(Scorer[_ScoredFrame]):
    """Metrics of saliency and scanpath, of a network and of baselines.

    :param truth: the true saliency and scanpath
    :param skipped: why nothing is scored; empty where it is
    """

    def __init__(self, truth: AttentionTruth, skipped: str = '') -> None:
        self._truth = truth
        self._skipped = skipped
        self._scorer = SaliencyComparison()
        self._before: LabelledFrame | None = None
        self._remembers = False

    def measure(self, observation: Observation) -> _ScoredFrame | None:
        """Compare the network and baselines with the truth of the next frame."""
        before, self._before = self._before, observation.frame
        if self._skipped or observation.saliency is None:
            return None
        truth = self._truth(observation.frame, before if observation.step.follows else None)
        if truth is None:
            return None
        predictions = _predictions(observation, observation.saliency)
        return _ScoredFrame(compare(predictions, truth, observation.step.sequence), observation.step.stamp > 0)

    def add(self, measured: _ScoredFrame) -> None:
        """Add one frame."""
        self._remembers |= measured.remembers
        self._scorer.add(measured.compared)

    def section(self) -> Section:
        """Return the section ``saliency``."""
        section = self._scorer.section()
        section.skipped = self._skipped or section.skipped
        section.notes += [*_NOTES, *([] if self._remembers else [_SINGLE_FRAMES])]
        return section


def _predictions(observation: Observation, saliency: np.ndarray) -> dict[str, Attention]:
    """Return the saliency and scanpath of the network and of baselines, by name."""
    found, clasper = _visited_instances(observation), _clasper_mask(observation.scene.parts)
    maps = {'centre prior': centre_prior(*saliency.shape)}
    if clasper is not None:
        maps['nearest clasper'] = nearest_clasper(clasper, found, observation.scene.depth)
    predictions = {NETWORK: Attention(saliency, _in_true_ids(observation.scanpath or (), observation))}
    for name, baseline in maps.items():
        predictions[name] = Attention(baseline, _in_true_ids(rank_instruments(baseline, found), observation))
    return predictions | _of_true_masks(observation.frame)


def _of_true_masks(frame: LabelledFrame) -> dict[str, Attention]:
    clasper = _clasper_mask(frame.parts)
    if clasper is None or frame.instances is None:
        return {}
    saliency = nearest_clasper(clasper, frame.instances, frame.depth)
    return {'nearest clasper of true masks': Attention(saliency, rank_instruments(saliency, frame.instances))}


def _visited_instances(observation: Observation) -> np.ndarray:
    """Return the instruments of the scanpath, (H, W) uint8 ids."""
    instances = observation.scene.instances
    assert instances is not None  # for mypy: a network that predicts a scanpath predicts instances
    return np.where(np.isin(instances, observation.scanpath or ()), instances, 0).astype(np.uint8)


def _in_true_ids(path: tuple[int, ...], observation: Observation) -> tuple[int, ...] | None:
    if observation.frame.instances is None or observation.scene.instances is None:
        return None
    return matched_path(path, observation.scene.instances, observation.frame.instances)


def _clasper_mask(parts: np.ndarray | None) -> np.ndarray | None:
    return None if parts is None else parts == packaged_taxonomy('parts').names.index('clasper')
