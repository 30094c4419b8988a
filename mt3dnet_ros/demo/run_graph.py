"""The demo's graph: a source, the node perception and a recorder, from start to end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from mt3dnet_ros.demo.interruption import INTERRUPTION
from mt3dnet_ros.demo.processes import NodeError, NodeProcess, prepare_environment, running_nodes
from mt3dnet_ros.demo.topics import CAMERA_INFO, DETECTIONS, IMAGE, NODE
from mt3dnet_ros.demo.watcher import Watcher

_START_TIMEOUT = 60.0  # s for the node to be active
_QUIET = 1.0  # s without a result after the last frame
_REMAPS = {'image': IMAGE, 'camera_info': CAMERA_INFO}


@dataclass(frozen=True)
class GraphSettings:
    """What runs.

    :param video: file or folder of images
    :param frames: how many it has
    :param calibration: file, or None for an ideal camera of ``horizontal_fov`` degrees
    :param checkpoint: of the network; empty for the shipped one
    :param device: that the network runs on
    :param recording: folder to write
    :param logs: folder for what the nodes print
    :param viewers: how many nodes that run already subscribe to everything
    """

    video: Path
    frames: int
    calibration: Path | None
    horizontal_fov: float
    checkpoint: str
    device: str
    recording: Path
    logs: Path
    viewers: int = 0

    def source_parameters(self) -> dict[str, str]:
        """Return those of the node ``video_source``."""
        camera = (
            {'calibration': _text(self.calibration)}
            if self.calibration
            else {'horizontal_fov': repr(float(self.horizontal_fov))}
        )
        return {'source': _text(self.video), 'wait_for_subscribers': str(2 + self.viewers), **camera}


def run_graph(settings: GraphSettings) -> None:
    """Run the graph until the video has ended and everything is recorded.

    :raises NodeError: a node cannot do its work; all are ended then, as after any exception
    """
    prepare_environment()
    with running_nodes() as stack:
        watcher = stack.enter_context(Watcher())
        watcher.check_no_other_demo()

        def start(name: str, parameters: dict[str, str], niceness: int = 0) -> NodeProcess:
            with INTERRUPTION.held():
                process = NodeProcess(name, parameters, _REMAPS, settings.logs / f'{name}.log', niceness)
                stack.callback(process.stop, 3.0)
            return process

        # On few cores the network would starve the source, which must keep its rate, and the recorder, which must
        # miss nothing; of what they leave, perception takes all.
        network = {'checkpoint': _text(settings.checkpoint), 'device': _text(settings.device)}
        perception = start('perception', network, niceness=5)
        recording = {'output': _text(settings.recording), 'overwrite': 'true', 'perception_ns': NODE}
        recorder = start('recorder', {**recording, 'compression': 'none'})
        _wait_until_ready(watcher, settings.viewers, perception, recorder)
        source = start('video_source', settings.source_parameters())
        _follow(watcher, settings.frames, source, perception, recorder)
        _finish(watcher, perception, recorder)


def _text(value: str | Path) -> str:
    """Return a value that YAML, which ROS arguments are read as, takes for a string whatever it is."""
    return "'" + str(value).replace("'", "''") + "'"


def _wait_until_ready(watcher: Watcher, viewers: int, perception: NodeProcess, recorder: NodeProcess) -> None:
    """Wait until perception, which subscribes when it is active, and the recorder have everything they need."""

    def ready() -> bool:
        perception.check()
        recorder.check()
        # The demo's own node subscribes to the detections as well.
        return watcher.subscribers(CAMERA_INFO) >= 2 and watcher.subscribers(DETECTIONS) >= 2 + viewers

    start = time.monotonic()
    if not watcher.spin_until(ready, _START_TIMEOUT):
        raise NodeError(f'perception was not active within {_START_TIMEOUT:.0f} s: {perception.last_error()}')
    print(f'perception is active after {time.monotonic() - start:.1f} s', flush=True)


def _follow(watcher: Watcher, frames: int, source: NodeProcess, *others: NodeProcess) -> None:
    with tqdm(total=frames or None, desc='playing', unit='frame', disable=None) as bar:
        while source.running:
            for process in others:
                process.check()
            watcher.spin(0.1)
            bar.update(watcher.frames - bar.n)
            bar.set_postfix_str(f'{watcher.results} processed')
    source.check()


def _finish(watcher: Watcher, perception: NodeProcess, recorder: NodeProcess) -> None:
    """Let the last frame end and be reported, then end perception before the recorder, which gets its last words."""
    watcher.spin_until(lambda: watcher.idle(_QUIET), timeout=10.0)
    reports = watcher.reports
    watcher.spin_until(lambda: watcher.reports > reports, timeout=2.0)
    perception.stop(timeout=5.0)
    if not recorder.stop(timeout=60.0):
        raise NodeError('recorder: the recording could not be finished within 60 s')
    recorder.check()
