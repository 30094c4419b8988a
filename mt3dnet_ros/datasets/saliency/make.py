"""Saliency maps and scanpaths for all frames of a data set, each written when it is made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from mt3dnet_ros.datasets.frames import FrameSet, LabelledFrame
from mt3dnet_ros.datasets.saliency.files import has_attention, write_attention
from mt3dnet_ros.datasets.saliency.truth import AttentionRules, attention
from mt3dnet_ros.datasets.sequences import FrameSequence, windows


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
    for first, second in tqdm(windows(sequences, 2), 'saliency', unit='frame', disable=None):
        if has_attention(output, frames.names[second]):
            continue
        before = read[1] if read is not None and read[0] == first else frames[first]
        read = second, frames[second]
        yield before, read[1]
