"""Make saliency maps and scanpaths to learn from: ``mt3dnet make-saliency``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from mt3dnet_ros.datasets.frames import FrameSet, LabelledFrame
from mt3dnet_ros.datasets.registry import ids_persist, open_frames
from mt3dnet_ros.datasets.saliency.files import claim_folder, has_attention, write_attention
from mt3dnet_ros.datasets.saliency.truth import AttentionRules, attention
from mt3dnet_ros.datasets.sequences import FrameSequence, require_sequences_of, windows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``mt3dnet make-saliency``."""
    parser.add_argument('--dataset', choices=sorted(ids_persist()), required=True)
    parser.add_argument('--data', type=Path, required=True, help="the data set's folder")
    parser.add_argument('--split', required=True, help='such as train; docs/train/datasets.md lists them')
    parser.add_argument(
        '--output',
        type=Path,
        required=True,
        help='folder for salmap/ and scanpath/; run again, it goes on where it ended',
    )
    parser.add_argument('--seed', type=int, default=AttentionRules.seed, help="of the fixations' jitter")
    parser.add_argument(
        '--spacing',
        type=float,
        default=AttentionRules.spacing,
        help='of the fixations, in image widths (default: 1/40)',
    )
    parser.add_argument(
        '--blur',
        type=float,
        default=AttentionRules.blur,
        help='standard deviation of the blur, in image widths (default: 1/40)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the saliency and scanpath of every frame that follows another, and print how many there are."""
    rules = AttentionRules(ids_persist()[arguments.dataset], arguments.seed, arguments.spacing, arguments.blur)
    frames = open_frames(arguments.dataset, arguments.data, arguments.split)
    sequences = require_sequences_of(frames.names)
    claim_folder(arguments.output, {'dataset': arguments.dataset, **asdict(rules)})
    made = write_all(frames, sequences, arguments.output, rules)
    total = sum(len(sequence) - 1 for sequence in sequences)
    print(
        f'{total} frames have saliency and a scanpath in {arguments.output} ({total - made} were done before); '
        f'{len(frames) - total} have no frame before them'
    )
    return 0


def write_all(frames: FrameSet, sequences: tuple[FrameSequence, ...], output: Path, rules: AttentionRules) -> int:
    """Write what is not yet there; return the number of frames written."""
    made = 0
    for before, frame in _missing_pairs(frames, sequences, output):
        result = attention(frame, before, rules)
        write_attention(output, frame.name, result.saliency, result.scanpath)
        made += 1
    return made


def _missing_pairs(
    frames: FrameSet, sequences: tuple[FrameSequence, ...], output: Path
) -> Iterator[tuple[LabelledFrame, LabelledFrame]]:
    """Yield each frame without saliency, after the one before it; no frame is read twice in a row."""
    read: tuple[int, LabelledFrame] | None = None
    for first, second in tqdm(windows(sequences, 2), 'saliency', unit='frame'):
        if has_attention(output, frames.names[second]):
            continue
        before = read[1] if read is not None and read[0] == first else frames[first]
        read = second, frames[second]
        yield before, read[1]
