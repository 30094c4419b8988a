"""Render a short video of one sequence, with its calibration: ``mt3dnet render-clip --output DIR``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from mt3dnet_ros.commands.render import DATA_HELP, DOMAIN_HELP
from mt3dnet_ros.renderer.plan import RenderPlan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument('--data', type=Path, help=DATA_HELP)
    parser.add_argument('--output', type=Path, required=True, help='folder to write clip.mp4 and camera.yaml into')
    parser.add_argument('--domain', help=f'{DOMAIN_HELP} (default: that of the shipped clip)')
    parser.add_argument('--seconds', type=float, default=8.0)
    parser.add_argument('--seed', type=int, default=RenderPlan.seed)
    parser.add_argument('--processes', type=int, default=os.cpu_count())


def run(arguments: argparse.Namespace) -> int:
    """Render a video with its calibration."""
    from mt3dnet_ros.renderer.writing.clip import clip_plan, write_clip

    plan = clip_plan(arguments.data, arguments.domain, arguments.seconds, arguments.seed)
    write_clip(plan, arguments.output, arguments.processes)
    return 0
