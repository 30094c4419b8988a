"""Which topics of a recording are the images of a camera, and which is its CameraInfo."""

from __future__ import annotations

from contextlib import suppress
from itertools import takewhile
from typing import Any

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.recordings.message import UnreadableRecordingError
from mt3dnet_ros.media.recordings.reader import RecordingReader

IMAGE, COMPRESSED_IMAGE = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO, LABEL_INFO = 'sensor_msgs/msg/CameraInfo', 'mt3dnet_ros/msg/LabelInfo'
_NO_PICTURES = ('32FC', '64FC', '32SC', '16SC')  # encodings of depth and disparity


def choose_images(recording: RecordingReader, wanted: str = '') -> str:
    """Return the topic of the images.

    Depth images and what a node ``perception`` published are none. Where a camera has both, raw images go before
    compressed ones.

    :param wanted: its name, where there are several
    :raises InputError: there is none, there are several, or the wanted one is not one of them
    """
    of_type = recording.names_of(IMAGE, COMPRESSED_IMAGE)
    if wanted:
        if wanted not in of_type:
            raise InputError(f"'{recording.path}' has no images on the topic '{wanted}' {_listed(of_type, recording)}")
        return wanted
    found = [name for name in of_type if _has_pictures(recording, name)]
    found = [name for name in found if name.removesuffix('/compressed') == name or _raw_name(name) not in found]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"'{recording.path}' has several topics of images; add --topic {_listed(found, recording)}")
    topics = ', '.join(f'{topic.name} ({topic.message_type})' for topic in recording.topics.values())
    raise InputError(
        f"'{recording.path}' has no topic of images ({IMAGE} or {COMPRESSED_IMAGE}); it has {topics or 'no topics'}"
    )


def choose_camera_info(recording: RecordingReader, images: str, frame_id: str) -> str:
    """Return the topic of the camera's CameraInfo; empty where none can be told to be that of the images.

    It is the one beside the images; else the one of the same frame; else that of the same camera by its name.

    :param images: topic of the images (and ``frame_id``: of their first)
    """
    infos = recording.names_of(CAMERA_INFO)
    beside = f'{_raw_name(images).rpartition("/")[0]}/camera_info'
    if beside in infos:
        return beside
    of_frame = [name for name in infos if frame_id and _frame_of(recording, name) == frame_id]
    nearest = sorted(of_frame or infos, key=lambda name: -_shared(name, images))
    if not nearest or (not of_frame and not _shared(nearest[0], images)):
        return ''
    ambiguous = len(nearest) > 1 and _shared(nearest[0], images) == _shared(nearest[1], images)
    return '' if ambiguous else nearest[0]


def first_message(recording: RecordingReader, name: str) -> Any:
    """Return the first message of a topic that can be read; None where there is none."""
    for stored in recording.messages([name]):
        with suppress(UnreadableRecordingError):
            return recording.decode(stored)
    return None


def _has_pictures(recording: RecordingReader, name: str) -> bool:
    nodes = [label.removesuffix('segmentation/label_info') for label in recording.names_of(LABEL_INFO)]
    if name.endswith('/compressedDepth') or any(name.startswith(node) for node in nodes):
        return False
    first = first_message(recording, name)
    if first is None:
        return bool(recording.counts[name])  # all of it damaged, and to be reported
    kind = str(getattr(first, 'encoding', '') or getattr(first, 'format', ''))
    return not kind.startswith(_NO_PICTURES) and not (kind.startswith('16UC1') and 'depth' in name)


def _raw_name(name: str) -> str:
    return name.removesuffix('/compressed')


def _frame_of(recording: RecordingReader, name: str) -> str:
    first = first_message(recording, name)
    return first.header.frame_id if first else ''


def _shared(first: str, second: str) -> int:
    """Return how many names two topics have in common from the left."""
    pairs = zip(first.strip('/').split('/'), second.strip('/').split('/'), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _listed(names: list[str], recording: RecordingReader) -> str:
    counts = recording.counts
    return '(' + (', '.join(f'{name}: {counts[name]} images' for name in names) or 'it has none') + ')'
