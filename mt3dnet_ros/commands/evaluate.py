"""Judge a network on a data set: ``mt3dnet evaluate --dataset NAME --data DIR --output DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt3dnet_ros.commands.arguments import dataset_name, describe_datasets, positive
from mt3dnet_ros.commands.network import add_network_arguments, checkpoint_of, describe_network
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.perception.device import choose_device

if TYPE_CHECKING:
    from mt3dnet_ros.datasets.frames import FrameSet
    from mt3dnet_ros.evaluation.evaluate import AnyObserver
    from mt3dnet_ros.evaluation.order import EvaluationStep
    from mt3dnet_ros.evaluation.report import Section
    from mt3dnet_ros.evaluation.scorers.attention import AttentionScorer

_SHOWN = (
    ('instrument', 'dice'), ('types', 'dice_micro'), ('types', 'dice_micro_instruments'), ('types', 'dice_macro'),
    ('parts', 'dice_macro'), ('detection', 'map'), ('detection', 'agnostic_map'), ('depth', 'mae_mm'),
    ('saliency', 'nss'), ('saliency', 'auc_judd'), ('saliency', 'sim'), ('saliency', 'top1'),
    ('time', 'total_median_ms'),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'Run a network on every frame of a split and write report.json, report.md and plots. '
        'Example: mt3dnet evaluate --dataset rendered --data ~/rendered --split test --output ~/report'
    )
    parser.add_argument('--dataset', required=True, type=dataset_name, metavar='NAME', help=describe_datasets())
    parser.add_argument('--data', required=True, type=Path, metavar='DIR', help="the data set's folder")
    parser.add_argument('--split', default='test', help='split by name, such as val or fold0_val (default: test)')
    parser.add_argument('--numbering', metavar='TAXONOMY', help='that the files of endovis2018 have, if not found')
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
    add_network_arguments(parser)
    parser.add_argument('--limit', type=positive, metavar='N', help='evaluate N frames only, spread over the split')
    parser.add_argument(
        '--taxonomy-map', nargs='+', default=[], metavar='NETWORK=DATASET',
        help="types that have another name in the data set, such as 'other=vessel sealer'; all others go by their name",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and write the report."""
    from mt3dnet_ros.evaluation.class_map import parse_renames
    from mt3dnet_ros.evaluation.evaluate import evaluate, open_observer
    from mt3dnet_ros.evaluation.plots import draw_plots
    from mt3dnet_ros.evaluation.report import write_report
    from mt3dnet_ros.evaluation.scorers.sections import frame_scorers
    from mt3dnet_ros.evaluation.scorers.time import TimeScorer

    frames = open_frames(
        arguments.dataset, arguments.data, arguments.split, depth=arguments.depth, numbering=arguments.numbering
    )
    observer = open_observer(checkpoint_of(arguments), choose_device(arguments.device), arguments.back_end)
    steps = _steps(arguments, observer, frames)
    scorers = frame_scorers(observer, frames, parse_renames(arguments.taxonomy_map))
    scorers += [_attention_scorer(arguments, observer, steps), TimeScorer()]
    arguments.output.mkdir(parents=True, exist_ok=True)
    sections = evaluate(observer, frames, steps, scorers)
    setting = _setting(arguments, observer, f'{len(steps)} of {len(frames)}')
    paths = write_report(arguments.output, setting, sections, draw_plots(arguments.output, sections))
    _print_summary(sections)
    print('wrote', *paths)
    return 0


def _steps(arguments: argparse.Namespace, observer: AnyObserver, frames: FrameSet) -> list[EvaluationStep]:
    """Return all frames in order, or as many as wanted: only a network over time needs those before them too."""
    from mt3dnet_ros.evaluation.order import EvaluationStep, in_order, spread

    if observer.predicts_saliency:
        return in_order(frames.names, arguments.limit, arguments.single_frame)
    return [EvaluationStep(index) for index in spread(len(frames), arguments.limit)]


def _attention_scorer(
    arguments: argparse.Namespace, observer: AnyObserver, steps: list[EvaluationStep]
) -> AttentionScorer:
    from mt3dnet_ros.evaluation.attention_truth import open_truth
    from mt3dnet_ros.evaluation.scorers.attention import AttentionScorer

    skipped = ''
    if not observer.predicts_saliency:
        skipped = 'the network predicts no saliency'
    elif not any(step.follows for step in steps):
        skipped = 'these are single frames; true saliency comes from how instruments move from one frame to the next'
    return AttentionScorer(open_truth(arguments.dataset, arguments.saliency or arguments.data), skipped)


def _setting(arguments: argparse.Namespace, observer: AnyObserver, frames: str) -> dict[str, Any]:
    height, width = observer.input_size
    return {
        'data set': arguments.dataset,
        'folder': str(arguments.data),
        'split': arguments.split,
        'depth': str(arguments.depth or 'of the data set'),
        'frames': frames,
        'network input': f'{width}x{height}',
        **describe_network(arguments, observer.device),
    }


def _print_summary(sections: list[Section]) -> None:
    by_name = {section.name: section for section in sections}
    for kind, name in _SHOWN:
        if metric := by_name[kind].metrics.get(name):
            print(f'{kind} {name}: {metric.value:.4g} (n = {metric.n} {metric.of})')
    for section in sections:
        if section.skipped:
            print(f'{section.name}: not evaluated, {section.skipped}')
