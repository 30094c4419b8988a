"""Judge a network on a data set: ``mt3dnet evaluate --dataset NAME --data DIR --output DIR``."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from mt3dnet_ros import __version__
from mt3dnet_ros.commands.arguments import positive
from mt3dnet_ros.datasets.frames import FrameSet
from mt3dnet_ros.datasets.registry import dataset_names, open_frames
from mt3dnet_ros.evaluation.attention_truth import open_truth
from mt3dnet_ros.evaluation.class_map import parse_renames
from mt3dnet_ros.evaluation.observation import Scorer
from mt3dnet_ros.evaluation.observer import Observer
from mt3dnet_ros.evaluation.order import Step, in_order, spread
from mt3dnet_ros.evaluation.report import Section, write_report
from mt3dnet_ros.evaluation.scorers.attention import AttentionScorer
from mt3dnet_ros.evaluation.scorers.sections import frame_scorers
from mt3dnet_ros.evaluation.scorers.time import TimeScorer
from mt3dnet_ros.evaluation.st_mtl_observer import STMTLObserver
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.back_ends.registry import BACK_ENDS
from mt3dnet_ros.perception.checkpoint import load_network
from mt3dnet_ros.perception.device import DeviceError, choose_device
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT
from mt3dnet_ros.resources import package_file

_SHOWN = (
    ('instrument', 'dice'), ('types', 'dice_micro'), ('types', 'dice_micro_instruments'), ('types', 'dice_macro'),
    ('parts', 'dice_macro'), ('detection', 'map'), ('detection', 'agnostic_map'), ('depth', 'mae_mm'),
    ('saliency', 'nss'), ('saliency', 'auc_judd'), ('saliency', 'sim'), ('saliency', 'top1'),
    ('time', 'total_median_ms'),
)  # fmt: skip

AnyObserver = Observer | STMTLObserver


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'Run a network on every frame of a split and write report.json, report.md and plots. '
        'Example: mt3dnet evaluate --dataset rendered --data ~/rendered --split test --output ~/report'
    )
    parser.add_argument('--dataset', required=True, choices=sorted(dataset_names()), help='kind of data set')
    parser.add_argument('--data', required=True, type=Path, metavar='DIR', help="the data set's folder")
    parser.add_argument('--split', default='test', help='split by name, such as val or fold0_val (default: test)')
    parser.add_argument('--numbering', metavar='TAXONOMY', help='of the ids in the files of endovis2018, if not found')
    parser.add_argument('--depth', type=Path, metavar='DIR', help='depth maps written by mt3dnet prepare-depth')
    parser.add_argument(
        '--saliency',
        type=Path,
        metavar='DIR',
        help="true saliency written by mt3dnet make-saliency (default: in the data set's folder, else made from masks)",
    )
    parser.add_argument(
        '--single-frame', action='store_true', help='let the network forget each frame before it sees the next'
    )
    parser.add_argument('--output', required=True, type=Path, metavar='DIR', help='folder of the report')
    parser.add_argument('--checkpoint', type=Path, metavar='FILE', help='network (default: the one that ships)')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:<index> (default: auto)')
    parser.add_argument('--back-end', default='torch', choices=BACK_ENDS, help='what runs the network (default: torch)')
    parser.add_argument('--limit', type=positive, metavar='N', help='evaluate N frames only, spread over the split')
    parser.add_argument(
        '--taxonomy-map', nargs='+', default=[], metavar='NETWORK=DATASET',
        help="types that have another name in the data set, such as 'other=vessel sealer'; all others go by their name",
    )  # fmt: skip


class EvaluationError(ValueError):
    """A network cannot be run as was asked for; the message says why."""


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and write the report."""
    try:
        return _run(arguments)
    except (DeviceError, BackEndError) as error:
        raise EvaluationError(str(error)) from error


def _run(arguments: argparse.Namespace) -> int:
    frames = open_frames(
        arguments.dataset, arguments.data, arguments.split, depth=arguments.depth, numbering=arguments.numbering
    )
    checkpoint = arguments.checkpoint or package_file(*SHIPPED_CHECKPOINT)
    observer = open_observer(checkpoint, choose_device(arguments.device), arguments.back_end)
    steps = _steps(arguments, observer, frames)
    scorers = frame_scorers(observer, frames, parse_renames(arguments.taxonomy_map))
    scorers += [_attention_scorer(arguments, observer, steps), TimeScorer()]
    arguments.output.mkdir(parents=True, exist_ok=True)
    sections = evaluate(observer, frames, steps, scorers)
    setting = _setting(arguments, checkpoint, observer, f'{len(steps)} of {len(frames)}')
    from mt3dnet_ros.evaluation.plots import draw_plots  # matplotlib takes a second

    paths = write_report(arguments.output, setting, sections, draw_plots(arguments.output, sections))
    _print_summary(sections)
    print('wrote', *paths)
    return 0


def open_observer(checkpoint: Path, device: torch.device, back_end: str) -> AnyObserver:
    """Return what looks at frames with the network of a checkpoint.

    :param back_end: a name of ``BACK_ENDS``
    :raises CheckpointError, BackEndError, TaxonomyError: with the reason
    """
    network = load_network(checkpoint)
    if isinstance(network, MT3DNet):
        return Observer(network, device, back_end)
    if back_end != 'torch':
        raise BackEndError(f"back end '{back_end}' cannot run ST-MTL; use 'torch'")
    return STMTLObserver(network, device)


def evaluate(observer: AnyObserver, frames: FrameSet, steps: list[Step], scorers: list[Scorer]) -> list[Section]:
    """Run a network on frames and return the sections of the report.

    :param steps: frames to evaluate, in order
    """
    first = frames[steps[0].frame]
    observer.warm_up(first.image.shape[:2], first.camera)
    for step in tqdm(steps, desc='evaluate', unit='frame', disable=None):
        seen = observer.observe(frames[step.frame], step)
        for scorer in scorers:
            scorer.update(seen)
    return [scorer.section() for scorer in scorers]


def _steps(arguments: argparse.Namespace, observer: AnyObserver, frames: FrameSet) -> list[Step]:
    """Return all frames in order, or as many as wanted: only a network over time needs those before them too."""
    if observer.predicts_saliency:
        return in_order(frames.names, arguments.limit, arguments.single_frame)
    return [Step(index) for index in spread(len(frames), arguments.limit)]


def _attention_scorer(arguments: argparse.Namespace, observer: AnyObserver, steps: list[Step]) -> AttentionScorer:
    skipped = ''
    if not observer.predicts_saliency:
        skipped = 'the network predicts no saliency'
    elif not any(step.follows for step in steps):
        skipped = 'the frames are no sequences, without which nobody knows where to look'
    return AttentionScorer(open_truth(arguments.dataset, arguments.saliency or arguments.data), skipped)


def _setting(arguments: argparse.Namespace, checkpoint: Path, observer: AnyObserver, frames: str) -> dict[str, Any]:
    height, width = observer.input_size
    return {
        'data set': arguments.dataset,
        'folder': str(arguments.data),
        'split': arguments.split,
        'depth': str(arguments.depth or 'of the data set'),
        'frames': frames,
        'checkpoint': str(arguments.checkpoint or checkpoint.name),
        'sha256': hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
        'network input': f'{width}x{height}',
        'device': str(observer.device),
        'back end': arguments.back_end,
        'mt3dnet_ros': __version__,
    }


def _print_summary(sections: list[Section]) -> None:
    by_name = {section.name: section for section in sections}
    for kind, name in _SHOWN:
        if metric := by_name[kind].metrics.get(name):
            print(f'{kind} {name}: {metric.value:.4g} (n = {metric.n} {metric.of})')
    for section in sections:
        if section.skipped:
            print(f'{section.name}: not evaluated, {section.skipped}')
