"""Judge a network on a data set."""

from __future__ import annotations

from pathlib import Path

import torch
from tqdm import tqdm

from mt3dnet_ros.datasets.frames import FrameSet
from mt3dnet_ros.evaluation.observation import Scorer
from mt3dnet_ros.evaluation.observer import Observer
from mt3dnet_ros.evaluation.order import EvaluationStep
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.st_mtl_observer import STMTLObserver
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.checkpoint import load_network

AnyObserver = Observer | STMTLObserver


def open_observer(checkpoint: Path, device: torch.device, back_end: str) -> AnyObserver:
    """Return an observer that runs the network of a checkpoint.

    :param back_end: a name of ``BACK_ENDS``
    :raises CheckpointError, BackEndError, TaxonomyError: with the reason
    """
    network = load_network(checkpoint)
    if isinstance(network, MT3DNet):
        return Observer(network, device, back_end)
    if back_end != 'torch':
        raise BackEndError(f"back end '{back_end}' cannot run ST-MTL; use 'torch'")
    return STMTLObserver(network, device)


def evaluate(
    observer: AnyObserver, frames: FrameSet, steps: list[EvaluationStep], scorers: list[Scorer]
) -> list[Section]:
    """Run a network on frames and return the sections of the report.

    :param steps: frames to evaluate, in order
    """
    first = frames[steps[0].frame]
    observer.warm_up(first.image.shape[:2], first.camera)
    for step in tqdm(steps, desc='evaluate', unit='frame', disable=None):
        observation = observer.observe(frames[step.frame], step)
        for scorer in scorers:
            scorer.update(observation)
    return [scorer.section() for scorer in scorers]
