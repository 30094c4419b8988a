"""Judge a network on a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from mt3dnet_ros.datasets.frames import FrameSet
from mt3dnet_ros.distribution.workers import Report, Workers
from mt3dnet_ros.evaluation.observation import Scorer
from mt3dnet_ros.evaluation.observer import Observer
from mt3dnet_ros.evaluation.order import EvaluationStep, in_pieces
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.st_mtl_observer import STMTLObserver
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.back_ends.network_source import open_network
from mt3dnet_ros.perception.back_ends.registry import AUTO
from mt3dnet_ros.perception.checkpoint import load_st_mtl
from mt3dnet_ros.perception.checkpoint_header import read_config
from mt3dnet_ros.perception.export.onnx_file import SUFFIX

AnyObserver = Observer | STMTLObserver


def open_observer(checkpoint: Path, device: str, back_end: str) -> AnyObserver:
    """Return an observer that runs the network of a checkpoint, or of a file that was exported from one.

    :param device: as ``choose_device`` returns it
    :param back_end: a name of ``BACK_ENDS``, or 'auto'
    :raises CheckpointError, BackEndError, TaxonomyError: with the reason
    """
    if checkpoint.suffix == SUFFIX or isinstance(read_config(checkpoint), MT3DNetConfig):
        return Observer(open_network(checkpoint), device, back_end)
    if back_end not in (AUTO, 'torch'):
        raise BackEndError(f"back end '{back_end}' cannot run ST-MTL; use 'torch'")
    return STMTLObserver(load_st_mtl(checkpoint), torch.device(device))


class Examiner:
    """Lets a network look at frames, and measures what it sees.

    :param scorers: of the sections that are wanted
    """

    def __init__(self, observer: AnyObserver, frames: FrameSet, scorers: Sequence[Scorer[Any]]) -> None:
        self._observer, self._frames, self._scorers = observer, frames, scorers
        self._is_warm = False

    def __call__(self, steps: Sequence[EvaluationStep], report: Report) -> list[list[Any]]:
        """Return what each scorer measured in each frame of a piece of an evaluation."""
        return [self._examine(step, report) for step in steps]

    def _examine(self, step: EvaluationStep, report: Report) -> list[Any]:
        frame = self._frames[step.frame]
        if not self._is_warm:
            self._observer.warm_up(frame.image.shape[:2], frame.camera)
            self._is_warm = True
        observation = self._observer.observe(frame, step)
        measured = [scorer.measure(observation) for scorer in self._scorers]
        report(1)
        return measured


def evaluate(
    open_examiner: Callable[[], Examiner],
    steps: Sequence[EvaluationStep],
    scorers: Sequence[Scorer[Any]],
    workers: Workers,
) -> list[Section]:
    """Run a network on frames and return the sections of the report.

    :param open_examiner: called in each process that looks at frames
    :param steps: frames to evaluate, in order
    :param scorers: as an examiner has them; what was measured is added to these
    """
    with tqdm(desc='evaluate', total=len(steps), unit='frame', disable=None) as bar:
        for piece in workers.run(open_examiner, in_pieces(steps), bar.update):
            for of_frame in piece:
                _add(scorers, of_frame)
    return [scorer.section() for scorer in scorers]


def _add(scorers: Sequence[Scorer[Any]], of_frame: Sequence[Any]) -> None:
    for scorer, measured in zip(scorers, of_frame, strict=True):
        if measured is not None:
            scorer.add(measured)
