"""Predicts on one input after the other, here or on a cluster; each output appears when it is whole."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TextIO

from mt3dnet_ros.commands.options.scale import scale_settings
from mt3dnet_ros.commands.predicting.one_input import predict_input
from mt3dnet_ros.commands.predicting.sources import Source
from mt3dnet_ros.distribution.workers import Report
from mt3dnet_ros.errors import MT3DNetError, describe_os_error
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.settings import Settings


def load_for(arguments: argparse.Namespace) -> Perceiver:
    """Return what sees as the arguments ask for."""
    settings = Settings(
        score_threshold=arguments.score_threshold,
        type_threshold=arguments.type_threshold,
        view_threshold=arguments.view_threshold,
        track_memory=arguments.track_memory,
        overlay_saliency=arguments.overlay_saliency,
        **scale_settings(arguments),
    )
    return load(arguments.checkpoint, arguments.device, arguments.back_end, arguments.threads or 0, settings=settings)


class Predicted(NamedTuple):
    """What came of an input.

    :param status: 0, or 1 where something of it could not be predicted on
    :param said: lines for people, and whether they are of problems
    """

    status: int
    said: Sequence[tuple[str, bool]]


class Predictor:
    """Predicts on inputs; each is made in a folder of its own, which then takes its place.

    So a process may die at any time, and another one begin the same input again.

    :param arguments: of the command
    :param scratch: on the file system of the outputs
    """

    def __init__(self, arguments: argparse.Namespace, scratch: Path) -> None:
        self._arguments, self._scratch = arguments, scratch
        self._perceiver = load_for(arguments)

    def __call__(self, source: Source, report: Report) -> Predicted:
        """Predict on an input; one that cannot be read keeps nobody from the next."""
        notes = _Notes()
        try:
            with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
                made = Path(folder) / source.output.name
                staged = replace(source, output=made)
                status = predict_input(self._arguments, staged, self._fresh_perceiver, notes, report)
                if made.exists():
                    _settle(made, source.output)
        except MT3DNetError as error:
            return Predicted(1, [*notes.lines, (f'{source.path}: {error}', True)])
        except OSError as error:
            return Predicted(1, [*notes.lines, (f'{source.path}: {describe_os_error(error)}', True)])
        return Predicted(status, notes.lines)

    def _fresh_perceiver(self) -> Perceiver:
        """Return a perceiver that remembers nothing, ids of tracks included, on the network that is loaded."""
        return Perceiver(self._perceiver.back_end, self._perceiver.settings)


class _Notes:
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, bool]] = []

    def __call__(self, text: str, /, *, file: TextIO | None = None) -> None:
        self.lines.append((text, file is sys.stderr))


def _settle(made: Path, place: Path) -> None:
    """Move what was made to its place at once; where something is there already, file by file."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists() or made.is_file():
        os.replace(made, place)
        return
    for path in sorted(made.rglob('*')):
        if path.is_file():
            target = place / path.relative_to(made)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
