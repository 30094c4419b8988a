"""The command ``python -m mt3dnet_ros.demo.guidance``: camera guidance closes its loop on a simulated ECM."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from mt3dnet_ros.demo.guidance.approach import Approach, approaches, no_go_distance
from mt3dnet_ros.demo.guidance.film import Film
from mt3dnet_ros.demo.guidance.plots import draw_approaches, draw_result
from mt3dnet_ros.demo.guidance.run import endoscope, run_demo
from mt3dnet_ros.demo.guidance.scenario import ScenarioResult
from mt3dnet_ros.demo.guidance.steps import largest_accelerations, largest_speeds
from mt3dnet_ros.demo.guidance.world import FRAME_STEPS, PERIOD
from mt3dnet_ros.demo.processes import exit_status
from mt3dnet_ros.ros.messages.headers import SECOND
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters, guidance_settings

WIDTH = 240  # of the rendered pictures in pixels
_APPROACH_WIDTH = 24  # likewise, where only depth counts


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m mt3dnet_ros.demo.guidance',
        description='Let camera guidance move a simulated ECM over a rendered scene, inject faults, and draw it all.',
    )
    parser.add_argument(
        '--output', type=Path, default=Path('demo_output/guidance'), help='folder (default: %(default)s)'
    )
    return parser.parse_args(arguments)


def run(output: Path) -> None:
    """Run the demo and write its results.

    :raises NodeError: a node cannot do its work
    """
    output.mkdir(parents=True, exist_ok=True)
    camera, settings, start = endoscope(WIDTH), guidance_settings(CameraGuidanceParameters()), time.monotonic()
    print('camera_guidance and simulated_ecm run on simulated time', flush=True)
    film = Film(output / 'guidance.mp4', SECOND / (PERIOD * FRAME_STEPS), camera)
    with film:
        result = run_demo(camera, output / 'logs', film.take)
    draw_result(output / 'guidance.png', result, camera, settings.limits, settings.law.working_distance)
    print(f'\n{figures(result)}\n', flush=True)
    seen = list(approaches(endoscope(_APPROACH_WIDTH)))
    draw_approaches(output / 'scale.png', seen)
    print(f'{approach_figures(seen)}\n')
    print(f'written in {time.monotonic() - start:.0f} s:')
    for name in ('guidance.png', 'scale.png', 'guidance.mp4'):
        print(f'  {output / name}')


def figures(result: ScenarioResult) -> str:
    """Return what was measured as text."""
    speeds, accelerations = (
        measure(result.steps, PERIOD / SECOND) for measure in (largest_speeds, largest_accelerations)
    )
    rows = [
        f'target within 5 % of the image width after {result.centring.time:.2f} s, '
        f'overshoot {100.0 * result.centring.overshoot:.0f} %',
        f'largest commands: {1e3 * speeds[0]:.1f} mrad/s and {accelerations[0]:.2f} rad/s2, '
        f'{1e3 * speeds[1]:.1f} mm/s and {1e3 * accelerations[1]:.0f} mm/s2',
        '',
        f'{"fault":30} {"at rest after [ms]":>18}  reason',
    ]
    rows += [f'{fault.name:30} {1e3 * fault.stopping_time:18.0f}  {fault.reason}' for fault in result.faults]
    return '\n'.join(rows)


def approach_figures(seen: Sequence[Approach]) -> str:
    """Return how near the camera came under every scale, as text."""
    rows = [
        f'approaches with a no-go distance of {1e3 * no_go_distance():.0f} mm, nearer than which the target would lead',
        f'{"true scale":>10}  {"source":18} {"nearest, truly [mm]":>19} {"moved in depth [mm]":>19}  at the end',
    ]
    for approach in seen:
        source = ', '.join(approach.sources) or ('none' if approach.careful else 'none, not required')
        rows.append(
            f'{approach.factor:10.2f}  {source:18} {1e3 * approach.nearest:19.1f} {1e3 * approach.way:19.1f}  '
            f'{approach.outcome}'
        )
    return '\n'.join(rows)


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and return the exit status."""
    return exit_status(lambda: run(parse(arguments).output))
