"""Count the surface updates of the node reconstruction, beside perception and alone, and its memory over the minutes.

    python benchmark/surface_updates.py [--size 720x576] [--rate 25] [--minutes 1] [--cases beside alone]

Beside perception, that has the labels, detections and depth subscribed; alone, pictures come that were perceived
beforehand. All outputs of the surface are subscribed. Each minute is a row; at the end stand the ratios of the rates
to their goals (5 updates a second beside perception at 15 Hz, 10 alone), and of the last memory to that of the first
minute. The clip is shown again and again, which is a camera that jumps; `--pose-source fixed` leaves odometry out.
Run it in the shell that the nodes run in (`source .venv/ros.sh`), on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from mt3dnet_ros.demo.interruption import INTERRUPTION
from mt3dnet_ros.demo.processes import NodeError, NodeProcess, exit_status, prepare_environment
from mt3dnet_ros.ros.topics.reconstruction import RECONSTRUCTION
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS
from speed.camera import CameraProcess
from speed.child import end_child, start_child
from speed.node_under_load import choose_domain
from speed.perceived_camera import run_perceived_camera
from speed.pictures import shipped_clip
from speed.process_use import use_of
from speed.tables import size_of

PERCEPTION, SURFACE = '/perception', '/reconstruction'
GOALS = {'beside': 5.0, 'alone': 10.0}  # updates per second
PERCEPTION_GOAL = 15.0  # images per second
START_TIMEOUT = 240.0  # seconds until both work
_MEGABYTE = 1e6


@dataclass(frozen=True)
class SurfaceMinute:
    """One minute; rates per second, memory in bytes.

    :param perceived: images per second of perception; 0 where it does not run
    """

    updates: float
    perceived: float
    memory: int
    cores: float
    blocks: int


class Graph:
    """The measuring end: it subscribes to every output of the surface, and reads diagnostics."""

    def __init__(self) -> None:
        self._node: Node = rclpy.create_node('measuring')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._values: dict[str, dict[str, str]] = {}
        self._words: dict[str, str] = {}
        DIAGNOSTICS.subscription(self._node, self._read)
        for topic in RECONSTRUCTION.publishes:
            if topic.name.startswith('~/') and not topic.missing:
                topic.of_node(SURFACE).raw_subscription(self._node, lambda _: None)

    def figure(self, node: str, name: str) -> int:
        """Return a count of a node's last diagnostics; 0 before they have come."""
        return int(self._values.get(node, {}).get(name, '0'))

    def said(self, node: str) -> str:
        """Return what a node says of itself."""
        return self._words.get(node, 'nothing')

    def stages(self) -> str:
        """Return the median milliseconds per stage of an update."""
        values = self._values.get(SURFACE, {})
        stages = {key[:-5]: value for key, value in values.items() if key.endswith(' [ms]') and 'latency' not in key}
        return ', '.join(f'{name} {value}' for name, value in stages.items())

    def spin(self, seconds: float) -> None:
        """Let messages come."""
        end = self._node.get_clock().now().nanoseconds + 1e9 * seconds
        while (left := end - self._node.get_clock().now().nanoseconds) > 0:
            self._executor.spin_once(timeout_sec=min(1e-9 * left, 0.2))

    def close(self) -> None:
        """Leave the graph."""
        self._executor.shutdown()

    def _read(self, array: DiagnosticArray) -> None:
        for status in array.status:
            self._values[status.name] = {value.key: value.value for value in status.values}
            self._words[status.name] = status.message


@contextmanager
def running(case: str, arguments: argparse.Namespace) -> Iterator[tuple[Graph, NodeProcess]]:
    """Run what a case needs; give the graph and the node reconstruction."""
    prepare_environment()
    with ExitStack() as stack, INTERRUPTION.held():
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='mt3dnet_ros_benchmark_')))
        parameters = {'pose_source': arguments.pose_source, 'folder': str(folder)}
        surface = NodeProcess('reconstruction', parameters, {}, folder / 'reconstruction.log')
        stack.callback(lambda: surface.stop(6.0))
        if case == 'beside':
            perception = NodeProcess('perception', {}, {}, folder / 'perception.log')
            stack.callback(lambda: perception.stop(3.0))
            stack.callback(CameraProcess(arguments.video, arguments.size, arguments.rate).end)
        else:
            given = arguments.video, arguments.size, arguments.rate, PERCEPTION
            stack.callback(end_child, start_child(run_perceived_camera, *given))
        rclpy.init(args=[], signal_handler_options=rclpy.SignalHandlerOptions.NO)
        stack.callback(rclpy.try_shutdown)
        graph = Graph()
        stack.callback(graph.close)
        yield graph, surface


def minutes_of(graph: Graph, surface: NodeProcess, count: int) -> Iterator[SurfaceMinute]:
    """Yield what each minute was like, once updates come.

    :raises NodeError: none does in time, or the node has ended
    """
    waited = 0.0
    while graph.figure(SURFACE, 'images fused') < 1:
        graph.spin(1.0)
        waited += 1.0
        if waited > START_TIMEOUT or not surface.running:
            raise NodeError(f'reconstruction fuses nothing; last it said: {graph.said(SURFACE)}')
    for _ in range(count):
        fused, seen = graph.figure(SURFACE, 'images fused'), graph.figure(PERCEPTION, 'frames processed')
        before = use_of(surface.pid)
        graph.spin(60.0)
        use = use_of(surface.pid)
        yield SurfaceMinute(
            (graph.figure(SURFACE, 'images fused') - fused) / 60.0,
            (graph.figure(PERCEPTION, 'frames processed') - seen) / 60.0,
            use.memory,
            (use.processor - before.processor) / 60.0,
            graph.figure(SURFACE, 'blocks'),
        )


def measure(case: str, arguments: argparse.Namespace) -> None:
    """Print a row for every minute of a case, and its ratios."""
    print(f'{case:>8} {"updates/s":>10} {"perceived/s":>12} {"memory":>8} {"cores":>6} {"blocks":>7}')
    with running(case, arguments) as (graph, surface):
        rows = []
        for number, row in enumerate(minutes_of(graph, surface, arguments.minutes), start=1):
            rows.append(row)
            print(
                f'{number:>8} {row.updates:10.2f} {row.perceived:12.2f} {row.memory / _MEGABYTE:8.0f} {row.cores:6.2f} '
                f'{row.blocks:7}',
                flush=True,
            )
        print(f'stages [ms]: {graph.stages()}\nit says: {graph.said(SURFACE)}')
    print(ratios(case, rows))


def ratios(case: str, rows: list[SurfaceMinute]) -> str:
    """Return how the minutes of a case compare to the goals, in words."""
    updates = sum(row.updates for row in rows) / len(rows)
    perceived = sum(row.perceived for row in rows) / len(rows)
    words = [f'updates over the goal {updates / GOALS[case]:.2f}', f'memory {rows[-1].memory / rows[0].memory:.3f}']
    words += [f'perception over its goal {perceived / PERCEPTION_GOAL:.2f}'] if case == 'beside' else []
    return f'{case}: ' + ', '.join(words)


def parse() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add: Any = parser.add_argument
    add('--size', type=size_of, default=(720, 576), metavar='WxH')
    add('--rate', type=float, default=25.0, help='images per second')
    add('--minutes', type=int, default=1, help='per case')
    add('--cases', nargs='+', choices=list(GOALS), default=list(GOALS))
    add('--pose-source', choices=('odometry', 'fixed'), default='odometry')
    add('--video', default=shipped_clip(), help='pictures to show; the shipped clip by default')
    return parser.parse_args()


def main() -> int:
    """Measure and return the exit status."""
    arguments = parse()
    choose_domain()

    def run() -> None:
        for case in arguments.cases:
            measure(case, arguments)

    return exit_status(run)


if __name__ == '__main__':
    sys.exit(main())
