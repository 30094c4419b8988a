"""Make saliency maps and scanpaths to learn from: ``mt3dnet make-saliency --dataset NAME --data DIR ...``."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from mt3dnet_ros.datasets.registry import ids_persist, open_frames
from mt3dnet_ros.datasets.saliency.files import write_or_check_settings
from mt3dnet_ros.datasets.saliency.make import write_all
from mt3dnet_ros.datasets.saliency.truth import AttentionRules
from mt3dnet_ros.datasets.sequences import require_sequences_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument('--dataset', choices=sorted(ids_persist()), required=True)
    parser.add_argument('--data', type=Path, required=True, help="the data set's folder")
    parser.add_argument('--split', required=True, help='such as train; docs/train/datasets.md lists them')
    parser.add_argument(
        '--output',
        type=Path,
        required=True,
        help='folder for the maps and scanpaths; a run that was stopped continues when it is started again',
    )
    parser.add_argument(
        '--seed', type=int, default=AttentionRules.seed, help='seed of the random positions of fixations'
    )
    parser.add_argument(
        '--spacing',
        type=float,
        default=AttentionRules.spacing,
        help='distance between fixations, in image widths (default: 1/40)',
    )
    parser.add_argument(
        '--blur',
        type=float,
        default=AttentionRules.blur,
        help='standard deviation of the Gaussian blur, in image widths (default: 1/40)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the saliency and scanpath of every frame that follows another, and print how many there are."""
    rules = AttentionRules(ids_persist()[arguments.dataset], arguments.seed, arguments.spacing, arguments.blur)
    frames = open_frames(arguments.dataset, arguments.data, arguments.split)
    sequences = require_sequences_of(frames.names)
    write_or_check_settings(arguments.output, {'dataset': arguments.dataset, **asdict(rules)})
    made = write_all(frames, sequences, arguments.output, rules)
    total = sum(len(sequence) - 1 for sequence in sequences)
    print(
        f'{total} frames have saliency and a scanpath in {arguments.output} ({total - made} from an earlier run); '
        f'{len(frames) - total} have none, as no frame comes before them'
    )
    return 0
