"""Where a recording goes: an MCAP file, or a bag's folder with one in it."""

from __future__ import annotations

from pathlib import Path

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.ros.recording.bag_folder import is_bag_folder, remove_bag


class RecordingError(MT3DNetError, OSError):
    """A recording that cannot be written."""


class RecordingOutput:
    """The files of a recording that is to be written.

    :param path: an MCAP file where it ends in ``.mcap``, else a bag's folder
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = None if path.suffix == '.mcap' else path
        self.file = path / f'{path.name}_0.mcap' if self.folder else path  # as ros2 bag names them

    def prepare(self, overwrite: bool) -> None:
        """Make the folders, and remove an existing recording where that is wanted.

        :raises RecordingError: it exists and is to be kept, is something else than a recording, or cannot be made
        """
        exists = self.path.exists() and not (self.folder and self.path.is_dir() and not any(self.path.iterdir()))
        if exists and not overwrite:
            raise RecordingError(
                f"recording '{self.path}' exists already; move it, choose another output or set overwrite"
            )
        try:
            if exists and self.folder:
                self._remove()
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except RecordingError:
            raise
        except OSError as error:
            raise RecordingError(f"recording '{self.path}' cannot be written: {error.strerror}") from error

    def _remove(self) -> None:
        if not (self.path.is_dir() and is_bag_folder(self.path)):
            raise RecordingError(
                f"recording '{self.path}' cannot replace what is there, which is not the folder of a bag; "
                'choose another output'
            )
        remove_bag(self.path)
