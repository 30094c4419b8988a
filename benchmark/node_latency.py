"""Time the running node over real DDS: per stage, end to end, and in rate, with all outputs, three, one, or none.

    python benchmark/node_latency.py [--sizes 640x512 1280x1024] [--rate 25] [--seconds 10] [--video VIDEO]

Camera, node and subscribers are three processes. Latency is from the stamp of an image to the arrival of the last of
its outputs. `rest/net` is the time of everything but the network over that of the network, both within the node. Run
it in the shell that the nodes run in (`source .venv/ros.sh`), on a machine that does nothing else.
"""

from __future__ import annotations

import argparse

from node_under_load import ALL, Measurement, NodeUnderLoad, choose_domain

from mt3dnet_ros.resources import package_file

MAIN = ('segmentation/labels', 'detections', 'depth/image')
CASES = {'all': ALL, 'main': MAIN, 'labels': MAIN[:1], 'none': ()}
STAGES = ('decode', 'preprocess', 'network', 'postprocess', 'overlay', 'cloud', 'publish', 'total')


def parse() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--sizes', nargs='+', default=['640x512', '1280x1024'], metavar='WxH')
    parser.add_argument('--rate', type=float, default=25.0, help='images per second')
    parser.add_argument('--seconds', type=float, default=10.0, help='per case')
    parser.add_argument('--video', help='pictures to show; the shipped clip by default')
    parser.add_argument('--parameters', nargs='*', default=[], metavar='NAME:=VALUE', help='of the node')
    return parser.parse_args()


def row(size: str, case: str, measured: Measurement) -> str:
    """Return one line of the table."""
    stages = [measured.stages.get(stage) for stage in STAGES]
    network, total = measured.stages.get('network'), measured.stages.get('total')
    cells = [f'{size:>9} {case:>6} {measured.rate:7.1f}']
    cells += [f'{stage:7.1f}' if stage is not None else f'{"-":>7}' for stage in stages]
    cells += [f'{measured.latency(50):8.1f} {measured.latency(99):8.1f}']
    cells += [f'{(total - network) / network:8.2f}' if network and total else f'{"-":>8}']
    return ' '.join([*cells, f'{measured.cpu:6.2f}', f'{1e-6 * measured.memory:7.0f}'])


def main() -> None:
    """Measure every case and print the table."""
    arguments = parse()
    choose_domain()
    video = arguments.video or str(package_file('config', 'demo', 'clip.mp4'))
    names = ' '.join(f'{stage[:7]:>7}' for stage in STAGES)
    print(f'{arguments.rate:g} images/s; times in ms, processor in cores, memory in MB')
    print(
        f'{"size":>9} {"output":>6} {"rate":>7} {names} '
        f'{"latency":>8} {"p99":>8} {"rest/net":>8} {"cores":>6} {"memory":>7}'
    )
    for text in arguments.sizes:
        width, height = map(int, text.split('x'))
        with NodeUnderLoad(video, (width, height), arguments.rate, arguments.parameters) as node:
            node.wait_for_images()
            for case, topics in CASES.items():
                # Stages are medians of the node's last 5 s: let those of the case before pass.
                print(row(text, case, node.measure(topics, arguments.seconds, settle=6.0)), flush=True)


if __name__ == '__main__':
    main()
