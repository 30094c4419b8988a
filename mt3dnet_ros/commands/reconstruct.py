"""Fuse a film into a surface without instruments: ``mt3dnet reconstruct VIDEO --calibration FILE --output DIR``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import islice

from tqdm import tqdm

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.commands.options.network import add_network_arguments, add_threads_argument, checkpoint_of
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.calibration_file import read_camera
from mt3dnet_ros.media.pictures import Picture, Pictures, open_pictures
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.reconstruction.pictures import PictureReconstruction, PoseFile
from mt3dnet_ros.reconstruction.reconstructor import FIXED, GIVEN, ODOMETRY, ReconstructionSettings, Reconstructor
from mt3dnet_ros.reconstruction.surface import SurfaceSettings
from mt3dnet_ros.reconstruction.surface_folder import SurfaceFolder
from mt3dnet_ros.reconstruction.trajectory import read_trajectory

_MILLIMETRE, _NANOSECOND = 1e-3, 1e-9
_FILM_RATE = 25.0  # where the pictures come unevenly
_MOST_NAMED = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'Fuse the depth of a film, instruments cut out, into one surface. The camera is followed by what it sees, '
        'unless its poses are given. Example: mt3dnet reconstruct clip.mp4 --calibration camera.yaml --output ~/surface'
    )
    parser.add_argument('input', type=user_path, metavar='VIDEO', help='a video, or a folder with its frames')
    parser.add_argument('--output', type=user_path, required=True, metavar='DIR', help='an empty or new folder')
    parser.add_argument('--overwrite', action='store_true', help='write into a folder that is not empty')
    parser.add_argument(
        '--calibration', type=user_path, required=True, metavar='FILE', help='of the camera; see mt3dnet predict'
    )
    parser.add_argument('--rectified', action='store_true', help='the pictures are rectified: use P of the calibration')
    pose = parser.add_mutually_exclusive_group()
    pose.add_argument(
        '--poses',
        type=user_path,
        metavar='FILE',
        help='poses of the camera as TUM text (time tx ty tz qx qy qz qw; seconds since the film began)',
    )
    pose.add_argument('--still', action='store_true', help='the camera does not move')
    parser.add_argument('--voxel', type=float, default=1.0, metavar='MM', help='how fine it is (default: %(default)s)')
    parser.add_argument(
        '--memory',
        type=float,
        default=SurfaceSettings.memory,
        metavar='SECONDS',
        help='after which what is not seen any more is forgotten (default: %(default)s)',
    )
    parser.add_argument(
        '--width', type=positive, default=320, help='of the views that are fused (default: %(default)s)'
    )
    parser.add_argument(
        '--margin',
        type=float,
        default=0.02,
        metavar='SHARE',
        help='of the width, that is cut away around instruments (default: %(default)s)',
    )
    parser.add_argument('--fixed-scale', type=float, default=0.0, metavar='FACTOR', help='on depth, as measured')
    parser.add_argument('--limit', type=positive, metavar='N', help='work on the first N pictures only')
    parser.add_argument('--no-film', action='store_true', help='write no film')
    add_network_arguments(parser)
    add_threads_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Reconstruct and say how it went; return 1 where nothing was fused, or the film is damaged."""
    if arguments.output.exists() and any(arguments.output.iterdir()) and not arguments.overwrite:
        raise InputError(f"'{arguments.output}' is not empty; name another folder, or add --overwrite")
    pictures = open_pictures(arguments.input)
    if not pictures.is_sequence:
        raise InputError(f"'{arguments.input}' is a single picture; a surface is fused of a film")
    work = _begin(arguments)
    with SurfaceFolder(arguments.output, 0.0 if arguments.no_film else pictures.rate or _FILM_RATE) as folder:
        work.reconstructor.on_end = folder.write_map
        for picture in _with_bar(pictures, arguments.limit):
            if found := work.add(picture):
                folder.add(*found, _NANOSECOND * picture.stamp, work.reconstructor.surface)
        folder.write_map(work.reconstructor.surface, work.reconstructor.map_number)
        for name, text in work.tracks.texts().items():
            folder.write_text(name, text)
    _describe(work, folder)
    if pictures.losses:
        print(f"'{arguments.input}' is damaged: {pictures.losses}", file=sys.stderr)
    return 1 if pictures.losses or not work.fused else 0


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
    for name, points in folder.points.items():
        print(f'{name}: {points} points')
    for problem, count in work.problems.most_common(_MOST_NAMED):
        print(f'{count} pictures: {problem}', file=sys.stderr)
