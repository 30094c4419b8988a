"""Images into the surface, one after another; needs open3d."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from rclpy.clock import Clock

from mt3dnet_ros.errors import InputError, describe_os_error
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.stopwatch import Stopwatch
from mt3dnet_ros.reconstruction.reconstructor import Reconstructor, SurfaceUpdate
from mt3dnet_ros.reconstruction.settings import FIXED, GIVEN, ODOMETRY, ReconstructionSettings, SurfaceSettings
from mt3dnet_ros.reconstruction.surface import TissueSurface
from mt3dnet_ros.reconstruction.surface_files import write_surface
from mt3dnet_ros.ros.health import HealthMonitor
from mt3dnet_ros.ros.messages.headers import SECOND, clean_frame_id, make_header
from mt3dnet_ros.ros.parameters.reconstruction import TF, ReconstructionParameters
from mt3dnet_ros.ros.reconstruction.inputs import ImageMessages
from mt3dnet_ros.ros.reconstruction.outputs import ReconstructionOutputs
from mt3dnet_ros.ros.reconstruction.poses import CameraPoses, PoseChoice
from mt3dnet_ros.ros.reconstruction.publishing import SurfacePublishing
from mt3dnet_ros.ros.reconstruction.state import MapState, RecentEvents, ScaleDrift, SurfaceClock
from mt3dnet_ros.ros.reconstruction.views import StampedView, ViewReader

_UNPLACED = '_unplaced'  # behind map_frame: odometry has begun where the robot has not said where that is
_SETTINGS = {TF: GIVEN}  # what the library calls it


class SurfaceFusion:
    """The surface from configuration to clean-up: it is kept while the node is not active.

    Images come in one thread; ``reset`` and ``save`` may be called by another.

    :param clock: of the stamps
    """

    def __init__(
        self,
        parameters: ReconstructionParameters,
        reader: ViewReader,
        outputs: ReconstructionOutputs,
        health: HealthMonitor,
        clock: Clock,
    ) -> None:
        self.poses = CameraPoses(parameters)
        self.reader, self.publishing = reader, SurfacePublishing(outputs, parameters)
        self.state, self.events, self.drift = MapState(), RecentEvents(), ScaleDrift()
        self._parameters, self._health, self._clock = parameters, health, clock
        self._times = SurfaceClock()
        self._lock = threading.Lock()
        self._reconstructor = Reconstructor(_settings(parameters))
        self._is_placed = False  # whether the robot has said where the map is
        self._camera: Camera | None = None  # of the last image

    def __call__(self, messages: ImageMessages) -> None:
        """Fuse one image, and publish what is wanted of the surface.

        :raises MT3DNetError: its messages cannot be used
        """
        self._health.working()
        watch = Stopwatch()
        with watch.stage('reading'):
            seen = self.reader(messages)
        with self._lock:
            with watch.stage('fusion'):
                update, choice = self._fuse(seen)
            if not update.problem:
                self._publish(seen, update, choice, watch)
        if update.problem:
            self._health.refused(update.problem)
        else:
            self._health.processed((self._clock.now().nanoseconds - seen.stamp) / SECOND, watch.seconds)

    def apply(self, parameters: ReconstructionParameters) -> None:
        """Work with parameters that may change at any time from the next image on."""
        self.reader.parameters = self.publishing.parameters = parameters

    def close(self) -> None:
        """Free the surface: open3d ends a process with status 1 that has memory of its own left."""
        with self._lock:
            del self._reconstructor

    def reset(self) -> int:
        """Begin another map; return its number."""
        with self._lock:
            self._begin()
            return self._reconstructor.map_number

    def save(self) -> str:
        """Write the surface into a new folder; return where, in words.

        :raises InputError: there is no surface, or it cannot be written; it is kept
        """
        with self._lock:
            surface = self._reconstructor.surface
            if not surface.blocks:
                raise InputError('nothing is saved: there is no surface yet')
            name = f'{time.strftime("%Y%m%d_%H%M%S")}_map_{self._reconstructor.map_number}'
            try:
                folder, points = _write_anew(Path(self._parameters.folder), name, surface)
            except OSError as error:
                raise InputError(f'nothing is saved, the surface is kept: {describe_os_error(error)}') from error
        return f"{points} points are in '{folder.absolute()}'"

    def _fuse(self, seen: StampedView) -> tuple[SurfaceUpdate, PoseChoice]:
        seconds = self._follow_stamps(seen.stamp)
        self._follow_camera(seen.camera)
        choice = self.poses.at(seen.frame_id, seen.stamp)
        if choice.pose is not None and not self._is_placed and self._reconstructor.surface.blocks:
            self._begin()
            self.events.note('map', 'another map began: the robot says now where the camera is')
        before, is_first = self._reconstructor.map_number, not self._reconstructor.surface.blocks
        update = self._reconstructor.add(seen.view, seconds, choice.pose, choice.source)
        if choice.source == GIVEN and choice.pose is None and update.problem:
            update = replace(update, problem=choice.problem)
        if update.map_number != before:
            self._take_new_map('another map began: what is seen was nowhere on the surface')
        if not update.problem and (is_first or update.map_number != before):
            self._place(seen, choice.source)
        self._remember(seen, update, choice)
        return update, choice

    def _publish(self, seen: StampedView, update: SurfaceUpdate, choice: PoseChoice, watch: Stopwatch) -> None:
        surface, publish = self._reconstructor.surface, self.publishing
        if choice.source == ODOMETRY and update.pose is not None:
            publish.publish_pose(seen, update.pose, self.state.frame_id)
        publish.publish_look(surface, seen, update, not self.drift.problem, watch)
        publish.publish_surface(surface, make_header(seen.stamp, self.state.frame_id), update.shift, watch)

    def _begin(self) -> None:
        self._reconstructor.begin()
        self._take_new_map('')

    def _take_new_map(self, reason: str) -> None:
        self._is_placed = False
        self.drift.forget()
        self.publishing.points = 0
        self.state = MapState(number=self._reconstructor.map_number)
        if reason:
            self.events.note('map', reason)

    def _place(self, seen: StampedView, source: str) -> None:
        """Decide in which frame a map is that begins."""
        self._is_placed |= source == GIVEN
        frame_id = clean_frame_id(self._parameters.map_frame)
        if source == FIXED and not self._is_placed:
            frame_id = seen.frame_id
        elif self._parameters.pose_source == TF and not self._is_placed:
            frame_id += _UNPLACED
        self.state = replace(self.state, frame_id=frame_id)

    def _follow_stamps(self, stamp: int) -> float:
        before = self._times.jumps
        seconds = self._times.seconds(stamp)
        if self._times.jumps > before:
            self.events.note('stamps', 'the stamps of the images went back; the surface is kept')
        return seconds

    def _follow_camera(self, camera: Camera) -> None:
        if self._camera is not None and camera != self._camera:
            self.events.note('camera', 'the camera changed; the surface is kept')
        self._camera = camera

    def _remember(self, seen: StampedView, update: SurfaceUpdate, choice: PoseChoice) -> None:
        if self.state.problem and not update.problem and choice.source == ODOMETRY:
            self.events.note('found', 'the camera is found again')
        if not update.problem:
            self.drift.take(update.alignment)
        self.state = replace(
            self.state,
            source=choice.source,
            pose_problem=choice.problem,
            problem=update.problem,
            alignment=update.alignment,
            fitness=update.fitness,
            blocks=self._reconstructor.surface.blocks,
            has_scale=seen.has_scale,
        )


def _write_anew(parent: Path, name: str, surface: TissueSurface) -> tuple[Path, int]:
    """Write a surface into a folder that was not there; return it, and the number of points.

    :raises OSError: it cannot be written, and nothing of it is left
    """
    parent.mkdir(parents=True, exist_ok=True)
    names = chain([name], (f'{name}_{number}' for number in count(2)))
    folder = next(parent / each for each in names if not (parent / each).exists())
    folder.mkdir()
    try:
        return folder, write_surface(folder, surface)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _settings(parameters: ReconstructionParameters) -> ReconstructionSettings:
    return ReconstructionSettings(
        _SETTINGS.get(parameters.pose_source, parameters.pose_source),
        parameters.align_scale,
        follow_tissue=parameters.follow_tissue,
        use_parallax=False,  # tips, and guidance, have perception's scale
        patience=parameters.patience,
        surface=SurfaceSettings(
            voxel=parameters.voxel,
            steadiness=parameters.steadiness,
            memory=parameters.memory,
            blocks=parameters.blocks,
            reach=parameters.reach,
        ),
    )
