"""The inputs of ``mt3dnet predict``, and where what is predicted on each goes."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mt3dnet_ros.commands.options.scale import check_scale_options
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.recordings.files import is_recording


@dataclass(frozen=True)
class Source:
    """One input.

    :param path: of the image, folder, video or recording
    :param output: folder of its predictions, or the new recording
    :param name: of the output, for people; it may be made elsewhere first
    """

    path: Path
    output: Path
    name: Path

    def __str__(self) -> str:
        return str(self.path)


def find_sources(arguments: argparse.Namespace) -> list[Source]:
    """Return the inputs that are to be worked on.

    One has the output for itself. Each of several has a place in it by the name that it has below the folder that holds
    them all, without suffix: of ``a/1.mp4`` and ``b/1.mp4``, ``OUTPUT/a/1`` and ``OUTPUT/b/1``.

    :raises InputError: two of them would have the same place, or one lies in another
    """
    output = arguments.output or arguments.record
    if len(arguments.inputs) == 1:
        places = [output]
    else:
        suffixes = [path.suffix if arguments.record and path.suffix == '.mcap' else '' for path in arguments.inputs]
        names = zip(_names(arguments.inputs), suffixes, strict=True)
        places = [output / name.with_name(f'{name.name}{suffix}') for name, suffix in names]
    sources = [Source(path, place, place) for path, place in zip(arguments.inputs, places, strict=True)]
    return [source for source in sources if not (arguments.resume and source.output.exists())]


def _names(paths: Sequence[Path]) -> list[Path]:
    whole = [Path(os.path.abspath(path)) for path in paths]
    common = os.path.commonpath([path.parent for path in whole])
    names = [path.relative_to(common) if path.is_dir() else path.relative_to(common).with_suffix('') for path in whole]
    owner: dict[Path, Path] = {}
    for path, name in zip(paths, names, strict=True):
        if (other := owner.setdefault(name, path)) is not path:
            raise InputError(f"'{other}' and '{path}' would both give '{name}'; predict on them apart")
    for path, name in zip(paths, names, strict=True):
        if outer := next((owner[parent] for parent in name.parents if parent in owner), None):
            raise InputError(f"'{path}' is in '{outer}', as its predictions would be; predict on them apart")
    return names


def check_sources(arguments: argparse.Namespace, sources: Sequence[Source]) -> None:
    """Refuse options that do not fit together, or to the inputs.

    :raises InputError: says what to do
    """
    several = len(arguments.inputs) > 1
    if several and arguments.right is not None:
        raise InputError('--right is the second eye of one input; predict on each pair by itself')
    if arguments.resume and not several:
        raise InputError('--resume goes on with several inputs; give all of them')
    for source in sources:
        if several and not source.path.exists():
            raise InputError(f"input '{source.path}' does not exist; name an image, a folder, a video or a recording")
        _check_options(arguments, source.path)
        if arguments.output:
            _check_output(source, arguments.output, arguments.overwrite)
        elif (several or arguments.ray) and source.output.exists() and not arguments.overwrite:
            raise InputError(f"'{source.output}' exists; name another place, or add --overwrite or --resume")


def _check_options(arguments: argparse.Namespace, path: Path) -> None:
    if not is_recording(path):
        for option in ('record', 'topic', 'camera_info'):
            if getattr(arguments, option):
                raise InputError(f"--{option.replace('_', '-')} is for recordings, which '{path}' is not")
    check_scale_options(arguments, is_recording(path))


def _check_output(source: Source, folder: Path, overwrite: bool) -> None:
    output = source.output
    if source.path.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"output '{folder}' holds the input '{source.path}'; name another folder")
    if output.exists() and not output.is_dir():
        raise InputError(f"output '{output}' is not a folder; name another")
    if output.is_dir() and any(output.iterdir()) and not overwrite:
        raise InputError(f"output '{output}' is not empty; name another folder, or add --overwrite")
