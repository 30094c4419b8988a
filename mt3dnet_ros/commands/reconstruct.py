"""Fuse a film into a surface without instruments: ``mt3dnet reconstruct VIDEO --calibration FILE --output DIR``."""

from __future__ import annotations

import argparse

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.commands.options.network import add_network_arguments, add_threads_argument
from mt3dnet_ros.reconstruction.settings import SurfaceSettings


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
    from mt3dnet_ros.commands.reconstructing.reconstruct_input import reconstruct_input

    return reconstruct_input(arguments)
