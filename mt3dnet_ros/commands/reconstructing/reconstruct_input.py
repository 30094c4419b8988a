"""From a film and the arguments of the command to a folder with its surface."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import islice

from tqdm import tqdm

from mt3dnet_ros.commands.options.network import checkpoint_of
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.calibration_file import read_camera
from mt3dnet_ros.media.pictures import Picture, Pictures, open_pictures
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.reconstruction.pictures import PictureReconstruction, PoseFile
from mt3dnet_ros.reconstruction.reconstructor import Reconstructor
from mt3dnet_ros.reconstruction.settings import FIXED, GIVEN, ODOMETRY, ReconstructionSettings, SurfaceSettings
from mt3dnet_ros.reconstruction.surface_folder import SurfaceFolder
from mt3dnet_ros.reconstruction.trajectory import read_trajectory

_MILLIMETRE, _NANOSECOND = 1e-3, 1e-9
_FILM_RATE = 25.0  # where the pictures come unevenly
_MOST_NAMED = 10
_MISSED = (
    'lines of sight miss each other: the tissue moves, or the poses or the calibration are not exact; depth is that of '
    'the network'
)
INTERRUPTED = 130  # what a shell calls a command that SIGINT has ended
_INTERRUPTED = (
    "interrupted after {} pictures: their surface, path, tracks and film are kept in '{}'; "
    'it cannot go on from there: the same command with --overwrite begins again'
)


def reconstruct_input(arguments: argparse.Namespace) -> int:
    """Reconstruct and say how it went; return 1 where nothing was fused, or the film is damaged, 130 on Ctrl-C."""
    if arguments.output.exists() and any(arguments.output.iterdir()) and not arguments.overwrite:
        raise InputError(f"'{arguments.output}' is not empty; name another folder, or add --overwrite")
    pictures = open_pictures(arguments.input)
    if not pictures.is_sequence:
        raise InputError(f"'{arguments.input}' is a single picture; a surface is fused of a film")
    work = _begin(arguments)
    with SurfaceFolder(arguments.output, 0.0 if arguments.no_film else pictures.rate or _FILM_RATE) as folder:
        work.reconstructor.on_end = folder.write_map
        interrupted = _fuse(work, folder, _with_bar(pictures, arguments.limit))
        folder.write_map(work.reconstructor.surface, work.reconstructor.map_number)
        for name, text in work.tracks.texts().items():
            folder.write_text(name, text)
    _describe(work, folder)
    if interrupted:
        print(_INTERRUPTED.format(work.seen, arguments.output), file=sys.stderr)
        return INTERRUPTED
    if pictures.losses:
        print(f"'{arguments.input}' is damaged: {pictures.losses}", file=sys.stderr)
    return 1 if pictures.losses or not work.fused else 0


def _fuse(work: PictureReconstruction, folder: SurfaceFolder, pictures: Iterator[Picture]) -> bool:
    """Fuse the pictures; return whether the user has interrupted that."""
    try:
        for picture in pictures:
            if found := work.add(picture):
                folder.add(*found, _NANOSECOND * picture.stamp, work.reconstructor.surface)
    except KeyboardInterrupt:
        return True
    return False


def _begin(arguments: argparse.Namespace) -> PictureReconstruction:
    camera = read_camera(arguments.calibration, arguments.rectified)
    poses = PoseFile(read_trajectory(arguments.poses)) if arguments.poses else None
    surface = SurfaceSettings(voxel=_MILLIMETRE * arguments.voxel, memory=arguments.memory)
    source = GIVEN if poses else FIXED if arguments.still else ODOMETRY
    settings = Settings(fixed_scale=arguments.fixed_scale)
    threads = arguments.threads or 0
    perceiver = load(checkpoint_of(arguments), arguments.device, arguments.back_end, threads, settings)
    reconstructor = Reconstructor(ReconstructionSettings(source, surface=surface))
    return PictureReconstruction(perceiver, camera, reconstructor, arguments.width, arguments.margin, poses)


def _with_bar(pictures: Pictures, limit: int | None) -> Iterator[Picture]:
    total = min(filter(None, (pictures.count, limit)), default=None)
    yield from tqdm(islice(pictures, limit), total=total, unit='picture')


def _describe(work: PictureReconstruction, folder: SurfaceFolder) -> None:
    print(f'{work.fused} of {work.seen} pictures were fused')
    if work.known:
        print(f"{work.measured} of {work.seen} pictures had their depth measured by parallax; the network's else")
    if work.reconstructor.tissue_moves:
        print(_MISSED, file=sys.stderr)
    for name, points in folder.points.items():
        print(f'{name}: {points} points')
    for problem, count in work.problems.most_common(_MOST_NAMED):
        print(f'{count} pictures: {problem}', file=sys.stderr)
