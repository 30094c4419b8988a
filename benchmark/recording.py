"""Time the writing of all outputs of a frame into a recording, against mcap's writer, and the node with a recorder.

    python benchmark/recording.py [--sizes 640x512 1280x1024] [--frames 50] [--node] [--rounds 3] [--seconds 8]

Both ways write the same frames in turns; times are those of the processor, in milliseconds per frame. With `--node`
the node runs, all of it subscribed, with the recorder and without in turns. Run it in the shell that the nodes run in
(`source .venv/ros.sh`), with `--node` on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from mcap.writer import CompressionType, Writer

from mt3dnet_ros.demo.processes import NodeProcess
from mt3dnet_ros.ros.message_types import message_definition
from mt3dnet_ros.ros.messages.bulk import serialized
from mt3dnet_ros.ros.recording.file import RecordedMessage, RecordingFile
from mt3dnet_ros.ros.topics.perception import BY_KEY
from speed.measurement import Measurement
from speed.node_under_load import EVERY_OUTPUT, NODE, NodeUnderLoad, choose_domain
from speed.pictures import shipped_clip
from speed.published_scene import published_scene
from speed.turns import in_turns

CHUNK = 4 * 1024 * 1024  # bytes, as RecordingFile has it
COMPRESSIONS = {'none': CompressionType.NONE, 'lz4': CompressionType.LZ4, 'zstd': CompressionType.ZSTD}
Frame = dict[str, tuple[str, bytes]]
"""Type and serialised message by topic."""


def parse() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--sizes', nargs='+', default=['640x512', '1280x1024'], metavar='WxH')
    parser.add_argument('--frames', type=int, default=50, help='of each way')
    parser.add_argument('--node', action='store_true', help='with the node running')
    parser.add_argument('--rounds', type=int, default=3, help='of the running node')
    parser.add_argument('--seconds', type=float, default=8.0, help='per measurement of the running node')
    parser.add_argument('--back-end', default='openvino', help='of the running node')
    return parser.parse_args()


def frame_of(size: tuple[int, int]) -> Frame:
    """Return what the node publishes of a picture."""
    stamped = published_scene(size)
    encoded = {output: output.encode(stamped) for output in map(BY_KEY.__getitem__, EVERY_OUTPUT)}
    return {output.below(NODE): (output.message_name, serialized(message)) for output, message in encoded.items()}


def with_ours(path: Path, compression: str, frame: Frame) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what writes a frame, and what ends the file."""
    file = RecordingFile(path, compression)
    for topic, (kind, _) in frame.items():
        file.add_topic(topic, kind)

    def write() -> None:
        for topic, (_, data) in frame.items():
            file.write(RecordedMessage(topic, data, 1, 1))

    return write, file.close


def with_mcap(path: Path, compression: str, frame: Frame) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what writes a frame by mcap's own writer, without checksums, and what ends the file."""
    stream = path.open('wb', buffering=0)
    writer = Writer(stream, chunk_size=CHUNK, compression=COMPRESSIONS[compression], enable_crcs=False)
    writer.start('ros2')
    channels = {}
    for topic, (kind, _) in frame.items():
        schema = writer.register_schema(kind, 'ros2msg', message_definition(kind).encode())
        channels[topic] = writer.register_channel(topic, 'cdr', schema)

    def write() -> None:
        for topic, (_, data) in frame.items():
            writer.add_message(channels[topic], 1, data, 1)

    def end() -> None:
        writer.finish()
        stream.close()

    return write, end


def compare_writers(size: str, frames: int) -> None:
    """Print what each compression takes, ours against mcap's writer."""
    width, height = map(int, size.split('x'))
    frame = frame_of((width, height))
    megabytes = 1e-6 * sum(len(data) for _, data in frame.values())
    print(f'\n{size}: {megabytes:.1f} MB per frame\n\n{"":6} {"mcap":>7} {"ours":>7} {"ratio":>6}   share of the bytes')
    for compression in COMPRESSIONS:
        with tempfile.TemporaryDirectory() as folder:
            paths = {name: Path(folder) / f'{name}.mcap' for name in ('mcap', 'ours')}
            makers = {'mcap': with_mcap, 'ours': with_ours}
            opened = {name: makers[name](path, compression, frame) for name, path in paths.items()}
            spent = in_turns({name: write for name, (write, _) in opened.items()}, frames)
            for _, end in opened.values():
                end()
            mcap, ours = (float(np.mean(spent[name].processor)) for name in paths)
            shares = [1e-6 * path.stat().st_size / megabytes / (frames + 1) for path in paths.values()]
        print(f'{compression:6} {mcap:7.2f} {ours:7.2f} {ours / mcap:6.2f}   {shares[0]:.2f} {shares[1]:.2f}')


@contextmanager
def recorder(node: NodeUnderLoad) -> Iterator[None]:
    """Have the recorder take everything."""
    topic = EVERY_OUTPUT[-1]
    before = node.count_subscribers(topic)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        parameters = {'output': f'{folder}/recording', 'perception_ns': NODE}
        process = NodeProcess('recorder', parameters, {}, Path(folder) / 'recorder.log')
        stack.callback(process.stop, 30.0)
        if not node.spin_until(lambda: node.count_subscribers(topic) > before, 30.0):
            raise SystemExit(f'recorder: {process.last_error()}')
        yield


def compare_nodes(size: str, arguments: argparse.Namespace) -> None:
    """Print what the node does with the recorder and without, medians of all rounds."""
    width, height = map(int, size.split('x'))
    found: dict[str, list[Measurement]] = {'without': [], 'with': []}
    parameters = {'back_end': arguments.back_end}
    with NodeUnderLoad(shipped_clip(), (width, height), 25.0, parameters) as node:
        node.wait_for_images()
        for _ in range(arguments.rounds):
            found['without'].append(node.measure(EVERY_OUTPUT, arguments.seconds))
            with recorder(node):
                found['with'].append(node.measure(EVERY_OUTPUT, arguments.seconds))
    print(f'\n{size}, {arguments.back_end}\n\n{"recorder":8} {"Hz":>6} {"median":>7} {"p99":>7} {"cores":>6}')
    for name, measured in found.items():
        rows = [(each.rate, each.latency(50), each.latency(99), each.cores) for each in measured]
        rate, median, tail, cores = np.median(rows, axis=0)
        print(f'{name:8} {rate:6.1f} {median:7.1f} {tail:7.1f} {cores:6.2f}', flush=True)


def main() -> None:
    """Measure and print the tables."""
    arguments = parse()
    choose_domain()
    for size in arguments.sizes:
        compare_writers(size, arguments.frames)
        if arguments.node:
            compare_nodes(size, arguments)


if __name__ == '__main__':
    main()
