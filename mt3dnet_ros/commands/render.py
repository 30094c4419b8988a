"""Render a data set: ``mt3dnet render --output DIR``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from mt3dnet_ros.commands.options.ray import add_ray_arguments, open_workers
from mt3dnet_ros.distribution.ray_workers import Needs
from mt3dnet_ros.distribution.workers import Processes, ThisProcess
from mt3dnet_ros.renderer.plan import RenderPlan

_STILLS = 4  # that a process is given at a time
DATA_HELP = (
    'folder of meshes, with dvrk_model/ and, if present, laparoscopy/, scikit_surgery/ and needle/ '
    '(default: none, tools are of simple shapes)'
)
DOMAIN_HELP = (
    'which kind of scenes: endoscope (one robot), wide (any endoscope), laparoscopy (hand-held tools in a patient), '
    'bench (tables of labs, with tools and without), or a YAML file of your own'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument('--data', type=Path, help=DATA_HELP)
    parser.add_argument(
        '--dvrk-model', type=Path, help='folder of the dVRK model (urdf_flat/, meshes/), if not in --data'
    )
    parser.add_argument('--output', type=Path, required=True, help='folder to write train/, val/ and test/ into')
    parser.add_argument('--domain', default='wide', help=DOMAIN_HELP)
    parser.add_argument('--train', type=int, default=RenderPlan.train, help='scenes for training')
    parser.add_argument('--val', type=int, default=RenderPlan.val, help='scenes for validation')
    parser.add_argument('--test', type=int, default=RenderPlan.test, help='scenes for the final figures')
    parser.add_argument(
        '--frames-per-sequence',
        type=int,
        default=RenderPlan.frames_per_sequence,
        metavar='T',
        help='frames of each scene, in which tools, camera and tissue move; 0: one still frame',
    )
    parser.add_argument(
        '--stereo',
        type=float,
        default=0.0,
        metavar='BASELINE_MM',
        help='also render a second camera so many millimetres to the right; 0: none',
    )
    parser.add_argument('--rate', type=float, default=RenderPlan.rate, help='frames per second in a sequence')
    parser.add_argument('--width', type=int, default=RenderPlan.width, help='columns of a frame, pixels')
    parser.add_argument('--height', type=int, default=RenderPlan.height, help='rows of a frame, pixels')
    parser.add_argument('--seed', type=int, default=RenderPlan.seed)
    add_ray_arguments(parser, 'scenes')


def run(arguments: argparse.Namespace) -> int:
    """Render a data set."""
    from mt3dnet_ros.renderer.domains.file import load_domain
    from mt3dnet_ros.renderer.writing.write import write_data_set

    names = ('data', 'dvrk_model', 'train', 'val', 'test', 'height', 'width', 'seed', 'frames_per_sequence', 'rate')
    values = {name: getattr(arguments, name) for name in names} | {'baseline': 1e-3 * arguments.stereo}
    plan = RenderPlan(domain=load_domain(arguments.domain), **values)
    processes = arguments.processes or os.cpu_count() or 1
    here = Processes(processes, 1 if plan.frames_per_sequence else _STILLS) if processes > 1 else ThisProcess()
    with open_workers(arguments, Needs(), [plan.data, plan.dvrk_model], here) as workers:
        write_data_set(plan, arguments.output, workers)
    return 0
