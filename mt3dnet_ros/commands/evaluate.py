"""Judge a network on a data set: ``mt3dnet evaluate --dataset NAME --data DIR --output DIR``."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mt3dnet_ros.commands.arguments import dataset_name, describe_datasets, positive
from mt3dnet_ros.commands.options.network import (
    add_network_arguments,
    add_threads_argument,
    checkpoint_of,
    describe_network,
    use_threads,
)
from mt3dnet_ros.commands.options.ray import add_ray_arguments, needs_of_network, open_workers, told
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.distribution.workers import ThisProcess
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.evaluation.scale import SWITCHES
from mt3dnet_ros.perception.back_ends.registry import choose_back_end
from mt3dnet_ros.perception.device import CPU, choose_device

if TYPE_CHECKING:
    from mt3dnet_ros.datasets.frames import FrameSet
    from mt3dnet_ros.evaluation.evaluate import AnyObserver, Examiner
    from mt3dnet_ros.evaluation.observation import Scorer
    from mt3dnet_ros.evaluation.order import EvaluationStep
    from mt3dnet_ros.evaluation.report import Section
    from mt3dnet_ros.evaluation.scorers.attention import AttentionScorer

_SHOWN = (
    ('instrument', 'dice'), ('types', 'dice_micro'), ('types', 'dice_micro_instruments'), ('types', 'dice_macro'),
    ('parts', 'dice_macro'), ('detection', 'map'), ('detection', 'agnostic_map'), ('depth', 'mae_mm'),
    ('steadiness', 'iou_predicted'), ('steadiness', 'iou_true'),
    ('saliency', 'nss'), ('saliency', 'auc_judd'), ('saliency', 'sim'), ('saliency', 'top1'),
    ('tracks', 'idf1'), ('tracks', 'hota'), ('tracks', 'switches_per_minute'), ('tracks', 'type_right'),
    ('tracks', 'tip_median_mm'), ('tracks', 'velocity_median_mm'), ('time', 'total_median_ms'),
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
    parser.add_argument(
        '--scale-sources',
        nargs='+',
        choices=SWITCHES,
        metavar='SOURCE',
        help='judge the scale of the depth instead, with and without what it may rest on, as far as the data set has '
        f'it: {", ".join(SWITCHES)}',
    )
    parser.add_argument('--output', required=True, type=Path, metavar='DIR', help='folder of the report')
    add_network_arguments(parser)
    add_threads_argument(parser)
    add_ray_arguments(parser, 'sequences')
    parser.add_argument('--limit', type=positive, metavar='N', help='evaluate N frames only, spread over the split')
    parser.add_argument(
        '--taxonomy-map', nargs='+', default=[], metavar='NETWORK=DATASET',
        help="types that have another name in the data set, such as 'other=vessel sealer'; all others go by their name",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and write the report."""
    from mt3dnet_ros.evaluation.evaluate import evaluate
    from mt3dnet_ros.evaluation.plots import draw_plots
    from mt3dnet_ros.evaluation.report import write_report

    _check(arguments)
    use_threads(arguments.threads)
    needs = needs_of_network(arguments)
    judged = _open(arguments, 'cpu' if arguments.ray else arguments.device)
    arguments.output.mkdir(parents=True, exist_ok=True)
    with open_workers(arguments, needs, _read_paths(arguments), ThisProcess()) as workers:
        asked = told(arguments, needs, workers)
        open_examiner = partial(_open_examiner, asked) if arguments.ray else lambda: judged.examiner
        sections = evaluate(open_examiner, judged.steps, judged.scorers, workers)
    device = asked.device if arguments.ray else str(judged.observer.device)
    setting = _setting(arguments, judged, device)
    paths = write_report(arguments.output, setting, sections, draw_plots(arguments.output, sections))
    _print_summary(sections)
    print('wrote', *paths)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if arguments.ray and arguments.scale_sources:
        raise InputError(
            '--scale-sources follows the scale from one sequence to the next, so that they cannot be judged side by '
            'side; leave out --ray'
        )


def _read_paths(arguments: argparse.Namespace) -> list[Path | None]:
    return [arguments.data, arguments.depth, arguments.saliency, arguments.checkpoint]


class _Judged(NamedTuple):
    """What is judged, and by what."""

    observer: AnyObserver
    frames: FrameSet
    steps: list[EvaluationStep]
    scorers: list[Scorer[Any]]

    @property
    def examiner(self) -> Examiner:
        """What lets the observer look at the frames."""
        from mt3dnet_ros.evaluation.evaluate import Examiner

        return Examiner(self.observer, self.frames, self.scorers)


def _open(arguments: argparse.Namespace, device: str) -> _Judged:
    from mt3dnet_ros.evaluation.class_map import parse_renames
    from mt3dnet_ros.evaluation.evaluate import open_observer
    from mt3dnet_ros.evaluation.scorers.sections import frame_scorers
    from mt3dnet_ros.evaluation.scorers.steadiness import SteadinessScorer
    from mt3dnet_ros.evaluation.scorers.time import TimeScorer

    frames = open_frames(
        arguments.dataset, arguments.data, arguments.split, depth=arguments.depth, numbering=arguments.numbering
    )
    observer = open_observer(checkpoint_of(arguments), choose_device(device), arguments.back_end)
    steps = _steps(arguments, observer, frames)
    if arguments.scale_sources:
        return _Judged(observer, frames, steps, _scale_scorers(arguments, observer, frames))
    scorers = frame_scorers(observer, frames, parse_renames(arguments.taxonomy_map))
    scorers += [SteadinessScorer(), _attention_scorer(arguments, observer, steps), TimeScorer()]
    return _Judged(observer, frames, steps, scorers)


def _open_examiner(arguments: argparse.Namespace) -> Examiner:
    """Return what looks at frames in a process of its own."""
    use_threads(arguments.threads)
    return _open(arguments, arguments.device).examiner


def _steps(arguments: argparse.Namespace, observer: AnyObserver, frames: FrameSet) -> list[EvaluationStep]:
    """Return all frames in order, or as many as wanted: a network over time needs those before them too."""
    from mt3dnet_ros.evaluation.order import EvaluationStep, frame_time_of, in_order, spread

    if observer.predicts_saliency or arguments.limit is None:
        return in_order(frames.names, arguments.limit, arguments.single_frame, frame_time_of(frames))
    return [EvaluationStep(index) for index in spread(len(frames), arguments.limit)]


def _scale_scorers(arguments: argparse.Namespace, observer: AnyObserver, frames: FrameSet) -> list[Scorer[Any]]:
    from mt3dnet_ros.evaluation.observer import Observer
    from mt3dnet_ros.evaluation.scale.over_time import ScaleOverTimeScorer
    from mt3dnet_ros.evaluation.scale.scorer import ScaleScorer

    if not isinstance(observer, Observer):
        raise InputError('--scale-sources is for a network that predicts depth; ST-MTL does not')
    names = observer.switch_scales(frames, arguments.scale_sources)
    return [ScaleScorer(names), ScaleOverTimeScorer(names)]


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


def _setting(arguments: argparse.Namespace, judged: _Judged, device: str) -> dict[str, Any]:
    height, width = judged.observer.input_size
    # Workers may have a GPU that is not here, where the observer looks at nothing.
    remote = arguments.ray and device != CPU
    back_end = choose_back_end(arguments.back_end, device.split()[0]) if remote else judged.observer.back_end
    return {
        'data set': arguments.dataset,
        'folder': str(arguments.data),
        'split': arguments.split,
        'depth': str(arguments.depth or 'of the data set'),
        'frames': f'{len(judged.steps)} of {len(judged.frames)}',
        'network input': f'{width}x{height}',
        **describe_network(arguments, device, back_end),
    }


def _print_summary(sections: list[Section]) -> None:
    by_name = {section.name: section for section in sections}
    for kind, name in _SHOWN:
        if kind in by_name and (metric := by_name[kind].metrics.get(name)):
            print(f'{kind} {name}: {metric.value:.4g} (n = {metric.n} {metric.of})')
    if scale := by_name.get('scale'):
        _print_scale(scale)
    for section in sections:
        if section.skipped:
            print(f'{section.name}: not evaluated, {section.skipped}')


def _print_scale(section: Section) -> None:
    for name, row in section.tables.get('sources', {}).items():
        values = '  '.join(f'{key} {metric.value:.3g}' for key, metric in row.items() if metric.n)
        print(f'{name}: {values}')
