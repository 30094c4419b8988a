"""What comes of a reconstruction, in a folder: every map's surface and trajectory, and a film of how it grew."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from mt3dnet_ros.media.video_writer import VideoWriter
from mt3dnet_ros.media.whole_file import write_whole
from mt3dnet_ros.reconstruction.film import SurfaceFilm
from mt3dnet_ros.reconstruction.reconstructor import SurfaceUpdate
from mt3dnet_ros.reconstruction.surface import TissueSurface
from mt3dnet_ros.reconstruction.surface_files import write_surface
from mt3dnet_ros.reconstruction.tissue_view import TissueView
from mt3dnet_ros.reconstruction.trajectory import StampedPose, write_trajectory

TRAJECTORY, FILM = 'trajectory.txt', 'film.mp4'


class SurfaceFolder:
    """Writes the folder; a context manager, which completes the film at its end.

    :param folder: made where it is missing
    :param film_rate: pictures per second of the film; 0 for none
    :raises OSError: it cannot be made
    """

    def __init__(self, folder: Path, film_rate: float) -> None:
        self._folder = folder
        self._film_rate = film_rate
        self._film: SurfaceFilm | None = None
        self._trajectories: defaultdict[int, list[StampedPose]] = defaultdict(list)
        self._opened = ExitStack()
        self.points: dict[str, int] = {}  # by the folder of the map
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, view: TissueView, update: SurfaceUpdate, time: float, surface: TissueSurface) -> None:
        """Add a view that was fused, or not.

        :param time: seconds
        :param surface: with the view
        """
        if update.pose is None:
            return
        self._trajectories[update.map_number].append(StampedPose(time, update.pose))
        if self._film_rate:
            if self._film is None:
                video = VideoWriter(self._folder / FILM, self._film_rate, SurfaceFilm.size(view.camera))
                self._film = SurfaceFilm(self._opened.enter_context(video), view.camera)
            self._film.add(view.rgb, surface, update.pose, time)

    def write_map(self, surface: TissueSurface, number: int) -> None:
        """Write a map whose views are over, as ``map_<number>``; one without a surface is left out.

        :raises OSError: a file cannot be written
        """
        if not surface.blocks:
            return
        folder = self._folder / f'map_{number}'
        folder.mkdir(exist_ok=True)
        self.points[folder.name] = write_surface(folder, surface)
        write_whole(folder / TRAJECTORY, write_trajectory(self._trajectories[number]).encode())

    def write_text(self, name: str, text: str) -> None:
        """Write another file into the folder."""
        write_whole(self._folder / name, text.encode())

    def __enter__(self) -> SurfaceFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.__exit__(kind, error, trace)
