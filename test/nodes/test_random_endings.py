"""Nodes, alone and as the graph of the demo, ended at a random moment by one or two signals.

    RANDOM_ENDINGS=50 python -m pytest test/nodes/test_random_endings.py -s

makes fifty runs in place of a few, and prints what was done.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals

import pytest
from support.endings import catches_signals, files_until_end
from support.paths import ROOT
from support.recording_readers import READERS, by_rosbags
from support.ros_processes import NodeProcess
from support.ros_shared_memory import own_files
from support.small_network import save_small_checkpoint

from mt3dnet_ros.ros.process.shared_memory import LEAST_AGE

RUNS = int(os.environ.get('RANDOM_ENDINGS', '6'))
ENDINGS = [(SIGINT,), (SIGINT, SIGINT), (SIGTERM,), (SIGTERM, SIGTERM), (SIGINT, SIGTERM), (SIGHUP,), *2 * [(SIGKILL,)]]
GRAPH = ('perception', 'recorder', 'video_source')
ALONE = (*GRAPH, 'camera_guidance', 'camera_info_source', 'simulated_ecm')
REMAPS = {'image': '/endoscope/image_raw', 'camera_info': '/endoscope/camera_info'}

pytestmark = pytest.mark.timeout(60 + 30 * RUNS)


@dataclass
class Run:
    """One start and end of nodes."""

    number: int
    nodes: tuple[str, ...]
    signals: tuple[Signals, ...]
    delay: float
    pause: float

    @classmethod
    def at_random(cls, number: int) -> Run:
        chance = random.Random(number)
        nodes = GRAPH if number % 2 else (chance.choice(ALONE),)
        return cls(number, nodes, chance.choice(ENDINGS), chance.uniform(0.05, 7.0), chance.choice([0.0, 0.05, 0.2]))

    def describe(self, messages: int | None) -> str:
        signals = ' '.join(signal.name for signal in self.signals)
        recorded = '-' if messages is None else f'{messages} messages'
        return f'{self.number:3} {", ".join(self.nodes):38} {signals:16} after {self.delay:4.2f} s  {recorded}'


def check_end(process: NodeProcess, run: Run, listened: bool) -> None:
    status, output = process.wait()
    if SIGKILL in run.signals:
        assert status == -SIGKILL, output
    elif listened:
        assert (status, 'Traceback' in output) == (0, False), output
    else:  # Python itself was starting
        assert status in (0, 1, *(-signal for signal in run.signals)), output


def count_messages(recording: Path, killed: bool) -> int | None:
    """Return the number of messages that every reader finds; None where there is no recording yet."""
    file = recording / f'{recording.name}_0.mcap'
    if not file.exists():
        return None
    counts = {read.__name__: len(read(file)) for read in READERS}
    counts['rosbags of the folder'] = len(by_rosbags(recording))
    # Of a killed recorder's last half a second, some is there and not yet in the index.
    more = counts.pop('from_the_beginning') - counts['by_index']
    assert len(set(counts.values())) == 1, counts
    assert more >= 0 if killed else more == 0, counts
    return counts['by_index']


def test_nothing_is_left_but_recordings_that_can_be_read(
    tmp_path: Path, start_node: Callable[..., NodeProcess], capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = save_small_checkpoint(tmp_path / 'small.safetensors')
    for number in range(RUNS):
        run = Run.at_random(number)
        recording = tmp_path / f'recording{number}'
        parameters = {
            'perception': {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1},
            'recorder': {'output': str(recording)},
            'video_source': {'source': str(ROOT / 'config/demo/clip.mp4'), 'loop': True},
            'camera_info_source': {'vertical_fov': 60.0},
        }
        processes = [start_node(name, parameters.get(name), REMAPS) for name in run.nodes]
        seen, end = set[Path](), time.monotonic() + run.delay
        while time.monotonic() < end:
            seen = seen.union(*(own_files(process.pid) for process in processes))
            time.sleep(0.02)
        listened = [catches_signals(process.pid) for process in processes]
        for index, signal in enumerate(run.signals):
            time.sleep(run.pause if index else 0.0)
            for process in processes:
                process.send(signal)
        seen |= files_until_end(processes)
        for process, heard in zip(processes, listened, strict=True):
            check_end(process, run, heard)
        messages = count_messages(recording, SIGKILL in run.signals)
        if SIGKILL in run.signals:
            time.sleep(LEAST_AGE)
            next_start = start_node('camera_info_source', parameters['camera_info_source'])
            next_start.wait_for_output('640 x 480')
            seen -= own_files(next_start.pid)  # the same port, perhaps
            assert next_start.stop()[0] == 0
        assert {path for path in seen if path.exists()} == set(), run.describe(messages)
        with capsys.disabled():
            if RUNS > 6:
                print(run.describe(messages), flush=True)
