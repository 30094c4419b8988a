"""The graph of the rig: video of both eyes, perception, guidance of a simulated arm, and the console's overlay."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mt3dnet_ros.demo.dvrk.names import (
    ARM,
    CAMERA_INFOS,
    CONSOLE,
    GUIDANCE,
    IMAGES,
    NAMESPACE,
    OVERLAY_SOCKETS,
    PEDAL,
    PERCEPTIONS,
    SWITCH,
    VIDEO_SOCKETS,
)
from mt3dnet_ros.demo.dvrk.record import RigRecord
from mt3dnet_ros.demo.dvrk.sockets import ClipPlayer, DisplayReader
from mt3dnet_ros.demo.dvrk.watch import RigWatcher
from mt3dnet_ros.demo.interruption import INTERRUPTION
from mt3dnet_ros.demo.processes import NodeProcess, prepare_environment, running_nodes
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters
from mt3dnet_ros.ros.topics.guidance import CAMERA_TWIST

_START_TIMEOUT = 120.0  # seconds for all nodes to be ready
_BEFORE_PEDAL = 1.0  # seconds of video without the overlay
_AFTER_PERCEPTION = 1.0  # seconds of video once perception has been ended
_LONGEST_TIMEOUT = 0.12  # seconds that guidance may wait for a target and still stop in time
_REMAPS = {
    'dead_man': SWITCH,
    'gaze': f'{PERCEPTIONS["left"]}/gaze',
    'scanpath': f'{PERCEPTIONS["left"]}/scanpath',
    'depth': f'{PERCEPTIONS["left"]}/depth/image',
    'scale': f'{PERCEPTIONS["left"]}/depth/scale',
}


@dataclass(frozen=True)
class RigSettings:
    """What runs.

    :param video: file that every eye sees
    :param calibration: of its camera
    :param frames: pictures of the video
    :param rate: pictures per second
    :param sides: of the eyes
    :param checkpoint: of the network; empty for the shipped one
    :param sockets: whether video and overlay travel by video sockets; else by topics
    :param logs: folder for what the nodes print
    """

    video: Path
    calibration: Path
    frames: int
    rate: float
    sides: tuple[str, ...]
    checkpoint: str
    sockets: bool
    logs: Path

    @property
    def seconds(self) -> float:
        """How long the video takes."""
        return self.frames / self.rate

    @property
    def threads(self) -> int:
        """Threads of each network: on few cores two of them would wait for each other; 0 leaves it to the network."""
        return 0 if (os.cpu_count() or 1) > 2 * len(self.sides) else 1


class Rig:
    """Starts the nodes and knows whether they can go on.

    :param settings: what runs
    :param stack: ends them
    """

    def __init__(self, settings: RigSettings, stack: ExitStack) -> None:
        self.settings = settings
        self._stack = stack
        self._processes: list[NodeProcess] = []

    def start(
        self,
        name: str,
        parameters: Mapping[str, str],
        remaps: Mapping[str, str],
        side: str = '',
    ) -> NodeProcess:
        """Start a node.

        :param side: of its eye, the last part of its namespace; empty for a node of both
        """
        log = self.settings.logs / f'{side or "both"}_{name}.log'
        namespace = {'__ns': f'{NAMESPACE}/{side}'.rstrip('/')}
        with INTERRUPTION.held():
            process = NodeProcess(name, parameters, {**namespace, **remaps}, log)
            self._stack.callback(process.stop, 3.0)
        self._processes.append(process)
        return process

    def check(self) -> None:
        """Raise where a node has ended with an error.

        :raises NodeError: with its reason
        """
        for process in self._processes:
            process.check()

    def start_perception(self, side: str) -> NodeProcess:
        """Start the node perception of an eye."""
        text = f"'{self.settings.checkpoint}'"
        parameters = {'checkpoint': text, 'threads': str(self.settings.threads)}
        remaps = {'image': IMAGES[side], 'camera_info': CAMERA_INFOS[side]}
        return self.start('perception', parameters, remaps, side)

    def start_guidance(self) -> None:
        """Start guidance and the arm that it moves."""
        timeout = min(_LONGEST_TIMEOUT, max(CameraGuidanceParameters.target_timeout, 2.5 / self.settings.rate))
        timeouts = dict.fromkeys(('target_timeout', 'depth_timeout', 'scale_timeout'), f'{timeout:.3f}')
        self.start('simulated_ecm', {'arm': ARM}, {})
        arm = {'dvrk.enabled': 'true', 'dvrk.arm': ARM, 'dvrk.operating_state': 'if_published'}
        self.start('camera_guidance', {**arm, **timeouts}, _REMAPS)

    def start_console(self, sockets: Mapping[str, str]) -> None:
        """Start the overlay.

        :param sockets: for the pictures of each eye; none for topics alone
        """
        parameters = {f'{side}_perception_ns': f"'{PERCEPTIONS[side]}'" for side in self.settings.sides}
        parameters |= {f'{side}_socket': f"'{name}'" for side, name in sockets.items()}
        if 'right' not in self.settings.sides:
            parameters['right_perception_ns'] = "''"
        self.start('console_overlay', parameters, {'pedal': PEDAL})


def run_rig(settings: RigSettings) -> RigRecord:
    """Run everything until the video has ended.

    :raises NodeError: a node cannot do its work; all are ended then, as after any exception
    """
    prepare_environment()
    with running_nodes() as stack:
        rig = Rig(settings, stack)
        watcher = stack.enter_context(RigWatcher(settings.sides, watches_pictures=not settings.sockets))
        watcher.check_alone()
        perceptions = [rig.start_perception(side) for side in settings.sides]
        rig.start_guidance()
        rig.start_console({side: OVERLAY_SOCKETS[side] for side in settings.sides} if settings.sockets else {})
        play = _open_sockets(rig, stack, watcher.record) if settings.sockets else None
        _wait_until_ready(watcher, settings, rig.check)
        watcher.subscribe()
        watcher.hold_switch()
        watcher.enable_guidance(rig.check)
        is_playing = play() if play else _play_by_topics(rig)
        _show(watcher, settings, rig.check, perceptions, is_playing)
        return watcher.record


def _open_sockets(rig: Rig, stack: ExitStack, record: RigRecord) -> Callable[[], Callable[[], bool]]:
    """Open the video sockets, bring them into ROS, and look at them as a display does; return what begins to play."""
    settings = rig.settings
    with INTERRUPTION.held():
        player = ClipPlayer(settings.video, settings.rate, settings.sides)
        stack.callback(player.close)
        display = DisplayReader(record, settings.sides, player.size)
        stack.callback(display.close)
    eye = 'both' if len(settings.sides) > 1 else settings.sides[0]
    calibrations = {f'{side}_calibration': f"'{settings.calibration}'" for side in settings.sides}
    rig.start('dvrk_video', {'socket': f"'{VIDEO_SOCKETS[settings.sides[0]]}'", 'eye': eye, **calibrations}, {})
    return player.play


def _play_by_topics(rig: Rig) -> Callable[[], bool]:
    """Play the video by a node for each eye; return what says whether it still plays."""
    sources = [_start_source(rig, side, rig.settings) for side in rig.settings.sides]
    return lambda: any(source.running for source in sources)


def _start_source(rig: Rig, side: str, settings: RigSettings) -> NodeProcess:
    parameters = {
        'source': f"'{settings.video}'",
        'calibration': f"'{settings.calibration}'",
        'rate': repr(settings.rate),
        'wait_for_subscribers': '2',  # perception, and the surgeon
        'frame_id': f'{side}_optical_frame',
    }
    return rig.start('video_source', parameters, {'image': IMAGES[side], 'camera_info': CAMERA_INFOS[side]}, side)


def _wait_until_ready(watcher: RigWatcher, settings: RigSettings, check: Callable[[], None]) -> None:
    start = time.monotonic()
    watcher.spin_until(
        lambda: (
            all(watcher.subscribers(CAMERA_INFOS[side]) >= 2 for side in settings.sides)  # perception and console
            and watcher.publishes(CAMERA_TWIST.below(GUIDANCE))
            and watcher.subscribers(PEDAL)
        ),
        _START_TIMEOUT,
        f'perception, {CONSOLE} and {GUIDANCE} to be ready',
        check,
    )
    print(f'all nodes are ready after {time.monotonic() - start:.1f} s', flush=True)


def _show(
    watcher: RigWatcher,
    settings: RigSettings,
    check: Callable[[], None],
    perceptions: list[NodeProcess],
    is_playing: Callable[[], bool],
) -> None:
    """Let the surgeon look, turn the overlay on, and end perception before the video ends."""
    eye = watcher.record.eyes[settings.sides[0]]
    watcher.spin_until(lambda: eye.video, _START_TIMEOUT, 'the first picture', check)
    watcher.spin(_BEFORE_PEDAL, check)
    watcher.press_pedal()
    watcher.spin(settings.seconds - _BEFORE_PEDAL - _AFTER_PERCEPTION, check)
    for process in perceptions:
        process.kill()
    deadline = time.monotonic() + 2.0 * _AFTER_PERCEPTION
    while is_playing() and time.monotonic() < deadline:
        watcher.spin(0.1)
