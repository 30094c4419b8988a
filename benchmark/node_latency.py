"""Time the running node over real DDS: per stage, end to end, and in rate, with all outputs, three, one, or none.

    python benchmark/node_latency.py [--sizes 640x512 1280x1024] [--rate 25] [--seconds 10] [--video VIDEO]

Camera, node and subscribers are three processes. Latency is from the stamp of an image to the arrival of the last of
its outputs; memory is PSS. `rest/net` is the time of everything but the network over that of the network, both within
the node. Run it in the shell that the nodes run in (`source .venv/ros.sh`), on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import sys

from mt3dnet_ros.demo.processes import exit_status
from speed.measurement import Measurement
from speed.node_under_load import EVERY_OUTPUT, MAIN_OUTPUTS, NodeUnderLoad, choose_domain, parameters_of
from speed.pictures import shipped_clip
from speed.tables import dimensions, size_of

CASES = {'all': EVERY_OUTPUT, 'main': MAIN_OUTPUTS, 'labels': MAIN_OUTPUTS[:1], 'none': ()}
STAGES = ('decode', 'preprocess', 'network', 'postprocess', 'scale', 'overlay', 'cloud', 'publish', 'total')


def parse() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--sizes', nargs='+', type=size_of, default=[(640, 512), (1280, 1024)], metavar='WxH')
    parser.add_argument('--rate', type=float, default=25.0, help='images per second')
    parser.add_argument('--seconds', type=float, default=10.0, help='per case')
    parser.add_argument('--video', default=shipped_clip(), help='pictures to show; the shipped clip by default')
    parser.add_argument('--parameters', nargs='*', default=[], metavar='NAME:=VALUE', help='of the node')
    return parser.parse_args()


def row(size: str, case: str, measured: Measurement) -> str:
    """Return one line of the table."""
    stages = [measured.stages.get(stage) for stage in STAGES]
    network, total = measured.stages.get('network'), measured.stages.get('total')
    cells = [f'{size:>9} {case:>6} {measured.rate:7.1f} {100.0 * measured.dropped:5.1f}']
    cells += [f'{stage:7.1f}' if stage is not None else f'{"-":>7}' for stage in stages]
    cells += [f'{measured.latency(50):8.1f} {measured.latency(99):8.1f}']
    cells += [f'{(total - network) / network:8.2f}' if network and total else f'{"-":>8}']
    return ' '.join([*cells, f'{measured.cores:6.2f}', f'{measured.megabytes:7.0f}'])


def run(arguments: argparse.Namespace) -> None:
    """Measure every case and print the table."""
    names = ' '.join(f'{stage[:7]:>7}' for stage in STAGES)
    print(f'{arguments.rate:g} images/s; times in ms, processor in cores, memory in MB')
    print(
        f'{"size":>9} {"output":>6} {"rate":>7} {"% off":>5} {names} '
        f'{"latency":>8} {"p99":>8} {"rest/net":>8} {"cores":>6} {"memory":>7}'
    )
    parameters = parameters_of(arguments.parameters)
    for size in arguments.sizes:
        with NodeUnderLoad(arguments.video, size, arguments.rate, parameters) as node:
            node.wait_for_images()
            for case, topics in CASES.items():
                # Stages are medians of the node's last 5 s: let those of the case before pass.
                print(row(dimensions(size), case, node.measure(topics, arguments.seconds, settle=6.0)), flush=True)


def main() -> int:
    """Measure and return the exit status."""
    arguments = parse()
    choose_domain()
    return exit_status(lambda: run(arguments))


if __name__ == '__main__':
    sys.exit(main())
