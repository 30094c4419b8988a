"""Time encoding and publishing of all outputs of a frame against whole messages through rclpy, and their subscribers.

    python benchmark/publishing.py [--sizes 640x512 1280x1024] [--frames 60] [--subscribers 1]

Both ways publish the same scene in turns over real DDS. Times are those of the processor, in milliseconds per frame:
they hardly depend on what else the machine does. Run it in the shell that the nodes run in (`source .venv/ros.sh`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import rclpy
from rclpy.node import Node
from rclpy.publisher import Publisher

from mt3dnet_ros.demo.processes import prepare_environment
from mt3dnet_ros.ros.messages.bulk import BulkMessage, serialized
from mt3dnet_ros.ros.qos import OUTPUT
from mt3dnet_ros.ros.sender import Sender
from mt3dnet_ros.ros.topics.output import Output, StampedScene
from mt3dnet_ros.ros.topics.perception import BY_KEY
from speed.child import end_child, start_child
from speed.node_under_load import EVERY_OUTPUT, NODE, choose_domain
from speed.process_use import use_of
from speed.published_scene import published_scene

Publish = Callable[[Publisher[Any], Any], None]
PERIOD = 0.04  # seconds between two frames
OUTPUTS = [BY_KEY[key] for key in EVERY_OUTPUT]


def parse() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--sizes', nargs='+', default=['640x512', '720x576', '1280x1024'], metavar='WxH')
    parser.add_argument('--frames', type=int, default=60, help='of each way')
    parser.add_argument('--subscribers', type=int, default=1, help='processes that take everything')
    return parser.parse_args()


def subscribe() -> None:
    """Take everything, as the recorder does, and leave it at that; the work of a subscriber's process."""
    rclpy.init(args=[], signal_handler_options=rclpy.SignalHandlerOptions.NO)
    node = rclpy.create_node('subscriber')
    for output in OUTPUTS:
        node.create_subscription(output.message_class, output.below(NODE), lambda _: None, OUTPUT, raw=True)
    rclpy.spin(node)


@contextmanager
def subscribers(publishers: dict[Output[Any], Publisher[Any]], number: int) -> Iterator[list[int]]:
    """Give the ids of so many processes that take everything, once they do."""
    children = [start_child(subscribe) for _ in range(number)]
    try:
        while any(publisher.get_subscription_count() < number for publisher in publishers.values()):
            time.sleep(0.1)
        time.sleep(1.0)  # for the subscribers to know all publishers
        yield [child.pid for child in children if child.pid]
    finally:
        for child in children:
            end_child(child)


def through_rclpy(publisher: Publisher[Any], message: Any) -> None:
    """Publish a whole message."""
    publisher.publish(message.whole() if isinstance(message, BulkMessage) else message)


def time_frames(
    stamped: StampedScene, publishers: dict[Output[Any], Publisher[Any]], frames: int
) -> dict[str, np.ndarray]:
    """Return milliseconds of each way, (frames, outputs)."""
    ways: dict[str, Publish] = {'through rclpy': through_rclpy, 'ours': Sender().publish}
    spent: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(2 + frames):
        for name, publish in ways.items():
            spent[name].append([_time(stamped, output, publishers[output], publish) for output in OUTPUTS])
            time.sleep(PERIOD)
    return {name: np.array(times[2:]) for name, times in spent.items()}


def _time(stamped: StampedScene, output: Output[Any], publisher: Publisher[Any], publish: Publish) -> float:
    stamped.__dict__.pop('colored_depth', None)  # as of a new frame
    start = time.thread_time()
    publish(publisher, output.encode(stamped))
    return 1e3 * (time.thread_time() - start)


def report(size: str, stamped: StampedScene, node: Node, arguments: argparse.Namespace) -> None:
    """Measure and print one size."""
    publishers = {output: output.of_node(NODE).publisher(node) for output in OUTPUTS}
    with subscribers(publishers, arguments.subscribers) as processes:
        before = [use_of(process).processor for process in processes]
        spent = time_frames(stamped, publishers, arguments.frames)
        taken = [use_of(process).processor - start for process, start in zip(processes, before, strict=True)]
    medians = {name: np.median(times, axis=0) for name, times in spent.items()}
    sizes = [1e-6 * len(serialized(output.encode(stamped))) for output in OUTPUTS]
    print(f'\n{size}: {sum(sizes):.1f} MB per frame, {arguments.subscribers} subscribers\n')
    print(f'{"":28} {"MB":>6} {"rclpy":>7} {"ours":>7} {"ratio":>6}')
    rows = [*zip(EVERY_OUTPUT, sizes, *medians.values(), strict=True)]
    totals = [float(np.median(times.sum(axis=1))) for times in spent.values()]
    for name, megabytes, whole, ours in [*rows, ('all', sum(sizes), *totals)]:
        print(f'{name:28} {megabytes:6.2f} {whole:7.2f} {ours:7.2f} {ours / whole:6.2f}')
    for milliseconds in (1e3 * seconds / (2 * (2 + arguments.frames)) for seconds in taken):
        print(f'{"a subscriber":28} {"":6} {"":7} {milliseconds:7.2f}')
    for publisher in publishers.values():
        node.destroy_publisher(publisher)


def main() -> None:
    """Measure every size and print the tables."""
    arguments = parse()
    choose_domain()
    prepare_environment()
    rclpy.init(args=[], signal_handler_options=rclpy.SignalHandlerOptions.NO)
    node = rclpy.create_node('publishing')
    for size in arguments.sizes:
        width, height = map(int, size.split('x'))
        report(size, published_scene((width, height)), node, arguments)
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
