"""The command ``python -m mt3dnet_ros.demo.dvrk``: what a surgeon would see at the console, without a da Vinci."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import cv2

from mt3dnet_ros.demo.dvrk.film import best_view, write_film
from mt3dnet_ros.demo.dvrk.record import SIDES
from mt3dnet_ros.demo.dvrk.rig import RigSettings, run_rig
from mt3dnet_ros.demo.dvrk.sockets import socket_problem
from mt3dnet_ros.demo.dvrk.table import rig_figures
from mt3dnet_ros.demo.processes import exit_status
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.resources import package_file

_RATE, _SLOW_RATE = 25.0, 12.5  # pictures per second; the latter where two networks share few cores
_FEW_CORES = 3


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m mt3dnet_ros.demo.dvrk',
        description='Play a clip into both eyes of a rig without a robot, and film what the surgeon would see.',
    )
    parser.add_argument('--output', type=Path, default=Path('demo_output/dvrk'), help='folder (default: %(default)s)')
    parser.add_argument('--eyes', choices=('both', 'left'), default='both', help='default: %(default)s')
    parser.add_argument(
        '--rate',
        type=float,
        default=0.0,
        help=f'pictures per second; {_RATE:g} by default, {_SLOW_RATE:g} on few cores',
    )
    parser.add_argument('--topics', action='store_true', help='do not use video sockets, even where there are any')
    parser.add_argument('--checkpoint', default='', help='network; the shipped one by default')
    return parser.parse_args(arguments)


def rig_settings(arguments: argparse.Namespace) -> RigSettings:
    """Check the arguments and return what is to run.

    :raises InputError: an argument is wrong
    """
    if arguments.rate and not 1.0 <= arguments.rate <= 100.0:
        raise InputError(f'rate must be between 1 and 100 pictures per second, got {arguments.rate:g}')
    sockets = not arguments.topics and not (problem := socket_problem())
    if not arguments.topics and not sockets:
        print(f'video travels by topics: {problem}', flush=True)
    sides = SIDES if arguments.eyes == 'both' else SIDES[:1]
    slow = len(sides) > 1 and (os.cpu_count() or 1) <= _FEW_CORES
    video = package_file('config', 'demo', 'clip.mp4')
    return RigSettings(
        video=video,
        calibration=package_file('config', 'demo', 'camera.yaml'),
        frames=open_source(str(video)).count,
        rate=arguments.rate or (_SLOW_RATE if slow else _RATE),
        sides=sides,
        checkpoint=arguments.checkpoint,
        sockets=sockets,
        logs=arguments.output / 'logs',
    )


def run(arguments: argparse.Namespace) -> None:
    """Run the demo and write its results.

    :raises NodeError: a node cannot do its work
    """
    settings, output, start = rig_settings(arguments), arguments.output, time.monotonic()
    output.mkdir(parents=True, exist_ok=True)
    film, picture = output / 'console.mp4', output / 'console.png'
    for path in (film, picture):
        path.unlink(missing_ok=True)
    eyes = 'both eyes' if len(settings.sides) > 1 else 'the left eye'
    print(f'playing the clip into {eyes} at {settings.rate:g} pictures per second', flush=True)
    record = run_rig(settings)
    write_film(film, record)
    cv2.imwrite(str(picture), best_view(record))
    transport = (
        'video and overlay travelled by video sockets, the overlay as far as a display of them'
        if settings.sockets
        else 'video and overlay travelled by topics'
    )
    print(f'\n{rig_figures(record, transport)}\n')
    print(f'written in {time.monotonic() - start:.0f} s:')
    for path in (film, picture):
        print(f'  {path}  {1e-6 * path.stat().st_size:.1f} MB')


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and return the exit status."""
    return exit_status(lambda: run(parse(arguments)))
