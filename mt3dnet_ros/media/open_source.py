"""Open the pictures that a user names: a video, a folder of images or a capture device."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mt3dnet_ros.errors import describe_os_error
from mt3dnet_ros.media.capture_device import CaptureDevice
from mt3dnet_ros.media.containers.network_stream import NetworkStream, protocol_of
from mt3dnet_ros.media.frame_source import FrameSource, SourceError
from mt3dnet_ros.media.image_files import ImageFolder
from mt3dnet_ros.media.video_file import VideoFile


def open_source(source: str, allowed_protocols: Sequence[str] = ()) -> FrameSource:
    """Return the pictures of a video file, a folder of images, a capture device or a network stream.

    :param source: path, or the number of a capture device, such as ``0`` or ``/dev/video0``, or an address
    :param allowed_protocols: by which an address may be reached; of ``network_stream.PROTOCOLS``
    :raises SourceError: it is not there or has no picture
    """
    if not source:
        raise SourceError('no source is given; name a video file, a folder of images or the number of a capture device')
    if source.startswith(('@dvrk:', '@dvrk_gst:')):
        raise SourceError(f"source '{source}' is a video socket: the node dvrk_video brings its pictures into ROS")
    if re.fullmatch(r'\d+|/dev/video\d+', source):
        return CaptureDevice(int(re.sub(r'\D', '', source)))
    path = Path(source).expanduser()
    if protocol_of(source) and not path.exists():
        return NetworkStream(source, allowed_protocols)
    if not path.exists():
        raise SourceError(f"source '{source}' does not exist")
    return ImageFolder(path) if path.is_dir() else open_video(path)


def open_video(path: Path) -> FrameSource:
    """Return the pictures of a video file, DICOM by its content.

    :raises SourceError: it cannot be opened or has no picture
    :raises MissingExtraError: it is DICOM, and pydicom is not installed
    """
    try:
        return _open_dicom(path) if _is_dicom(path) else VideoFile(path)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"video '{path}' cannot be opened: {describe_os_error(error, path)}") from error


def _is_dicom(path: Path) -> bool:
    """Return whether a file is DICOM, by its content."""
    with path.open('rb') as file:
        return file.read(132)[128:] == b'DICM'


def _open_dicom(path: Path) -> FrameSource:
    from mt3dnet_ros.media.dicom_video import open_dicom  # needs an extra

    return open_dicom(path)
