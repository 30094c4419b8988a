"""The command ``python -m mt3dnet_ros.demo``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from mt3dnet_ros.demo.compact import compact
from mt3dnet_ros.demo.live_view import start_viewer, wait_for_interrupt
from mt3dnet_ros.demo.processes import exit_status, prepare_environment, running_nodes
from mt3dnet_ros.demo.recording import summarise
from mt3dnet_ros.demo.results import write_results
from mt3dnet_ros.demo.run_graph import GraphSettings, run_graph
from mt3dnet_ros.demo.table import figures
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.resources import package_file
from mt3dnet_ros.ros.recording.bag_folder import mcap_files
from mt3dnet_ros.ros.source_camera import describe_camera

RESULTS = ('overview.mp4', 'overview.png', 'scene.ply')


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the arguments of the command line."""
    description = 'Play a video through the nodes, record everything, and make pictures and a table of it.'
    parser = argparse.ArgumentParser(prog='python -m mt3dnet_ros.demo', description=description)
    parser.add_argument('--video', default='', help='video file or folder of images; the shipped clip by default')
    parser.add_argument('--calibration', default='', help='of its camera: docs/robot/calibration_files.md')
    parser.add_argument(
        '--horizontal-fov',
        type=float,
        default=60.0,
        help='degrees, assumed where a video has no calibration (default: %(default)s)',
    )
    parser.add_argument('--output', type=Path, default=Path('demo_output'), help='folder (default: %(default)s)')
    parser.add_argument('--checkpoint', default='', help='network; the shipped one by default')
    parser.add_argument('--view', action='store_true', help='show the nodes live in a browser, until Ctrl-C')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:N (default: %(default)s)')
    return parser.parse_args(arguments)


def graph_settings(arguments: argparse.Namespace) -> GraphSettings:
    """Check the arguments and return what is to run.

    :raises SourceError: the video cannot be played
    :raises ResourceError: the shipped clip is missing
    :raises CameraInfoError: the calibration cannot be used for the video
    :raises InputError: any other argument is wrong
    """
    video, calibration = arguments.video, arguments.calibration
    if not video:
        video = str(package_file('config', 'demo', 'clip.mp4'))
        calibration = calibration or str(package_file('config', 'demo', 'camera.yaml'))
    source = open_source(video)
    if source.is_live:
        raise InputError(f"the demo needs a video that ends; for the camera '{video}' use launch/demo.launch.xml")
    describe_camera(calibration, 0.0, *source.size)  # says now what is wrong with it
    if not 0.0 < arguments.horizontal_fov < 179.0:
        raise InputError(f'horizontal-fov must be between 0 and 179 degrees, got {arguments.horizontal_fov:g}')
    return GraphSettings(
        video=Path(video),
        frames=source.count,
        calibration=Path(calibration) if calibration else None,
        horizontal_fov=arguments.horizontal_fov,
        checkpoint=arguments.checkpoint,
        device=arguments.device,
        viewers=int(arguments.view),
        recording=arguments.output / 'recording',
        logs=arguments.output / 'logs',
    )


def run(arguments: argparse.Namespace) -> None:
    """Run the demo; errors are those of ``graph_settings``, the nodes and the recording."""
    settings = graph_settings(arguments)
    output: Path = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    for name in RESULTS:
        (output / name).unlink(missing_ok=True)
    start = time.monotonic()
    prepare_environment()
    print(f"playing '{settings.video}' through the nodes", flush=True)
    if settings.calibration is None:
        print(
            f'no calibration given: assuming a horizontal field of view of {settings.horizontal_fov:g} degrees, on '
            'which the scale of depth and points depends',
            flush=True,
        )
    with running_nodes() as stack:
        url = start_viewer(stack, settings.logs / 'viewer.log') if arguments.view else ''
        run_graph(settings)
        _write(settings, output, start)
        if url:
            wait_for_interrupt(url)


def _write(settings: GraphSettings, output: Path, start: float) -> None:
    """Write everything that is made of the recording, and print what there is.

    :param start: of the demo, by the steady clock
    """
    summary = summarise(settings.recording)
    files = write_results(settings.recording, summary, output)
    compact(settings.recording)
    print(f'\n{figures(summary)}\n')
    print(f'written in {time.monotonic() - start:.0f} s:')
    for path in [*files, *mcap_files(settings.recording)]:
        print(f'  {path}  {1e-6 * path.stat().st_size:.1f} MB')


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and return the exit status."""
    return exit_status(lambda: run(parse(arguments)))
