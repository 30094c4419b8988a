"""Recordings as ROS tools write them, made without ROS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from mcap.writer import CompressionType, Writer
from rosbags.typesys import Stores, get_typestore
from rosbags.typesys.store import Typestore

ROS2 = get_typestore(Stores.ROS2_KILTED)
ROS1 = get_typestore(Stores.ROS1_NOETIC)
SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
IMAGE, COMPRESSED, INFO = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage', 'sensor_msgs/msg/CameraInfo'


class Entry(NamedTuple):
    """A message with its topic, its type and the time of its reception in nanoseconds."""

    topic: str
    kind: str
    content: Any
    time: int


def header(stamp: int, frame: str, store: Typestore = ROS2) -> Any:
    """Return a header; that of ROS 1 has a number besides."""
    time = store.types['builtin_interfaces/msg/Time'](sec=stamp // SECOND, nanosec=stamp % SECOND)
    number = {'seq': 0} if store is ROS1 else {}
    return store.types['std_msgs/msg/Header'](stamp=time, frame_id=frame, **number)


def image(rgb: np.ndarray, stamp: int, frame: str = 'camera', store: Typestore = ROS2, encoding: str = 'rgb8') -> Any:
    """Return a raw image of (H, W, 3) or (H, W) uint8."""
    height, width = rgb.shape[:2]
    fields = {'height': height, 'width': width, 'encoding': encoding, 'is_bigendian': 0, 'step': rgb[0].nbytes}
    data = np.ascontiguousarray(rgb).reshape(-1)
    return store.types[IMAGE](header=header(stamp, frame, store), data=data, **fields)


def compressed(rgb: np.ndarray, stamp: int, frame: str = 'camera', store: Typestore = ROS2) -> Any:
    """Return a JPEG of (H, W, 3) uint8."""
    data = cv2.imencode('.jpg', rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1].reshape(-1)
    return store.types[COMPRESSED](header=header(stamp, frame, store), format='rgb8; jpeg compressed bgr8', data=data)


def camera_info(size: tuple[int, int], focal: float, stamp: int, frame: str = 'camera', store: Typestore = ROS2) -> Any:
    """Return the CameraInfo of a camera without distortion.

    :param size: width and height in pixels
    :param focal: length in pixels
    """
    width, height = size
    matrix = np.array([focal, 0, width / 2, 0, focal, height / 2, 0, 0, 1], np.float64)
    numbers = {
        'd': np.zeros(5),
        'k': matrix,
        'r': np.eye(3).reshape(-1),
        'p': np.array([focal, 0, width / 2, 0, 0, focal, height / 2, 0, 0, 0, 1, 0], np.float64),
    }
    if store is ROS1:
        numbers = {name.upper(): values for name, values in numbers.items()}
    roi = store.types['sensor_msgs/msg/RegionOfInterest'](0, 0, 0, 0, False)
    return store.types[INFO](
        header=header(stamp, frame, store), height=height, width=width, distortion_model='plumb_bob',
        binning_x=0, binning_y=0, roi=roi, **numbers,
    )  # fmt: skip


def film(
    pictures: Iterable[np.ndarray], topic: str = '/camera/image_raw', info: str = '/camera/camera_info',
    focal: float = 140.0, frame: str = 'camera', store: Typestore = ROS2, rate: float = 10.0, late: int = 3_000_000,
) -> Iterator[Entry]:  # fmt: skip
    """Yield the images of a camera, each with its CameraInfo; none of them where ``info`` is empty.

    :param late: nanoseconds from the stamp of an image to its reception
    """
    for index, rgb in enumerate(pictures):
        stamp = START + round(index * SECOND / rate)
        if info:
            size = rgb.shape[1], rgb.shape[0]
            yield Entry(info, INFO, camera_info(size, focal, stamp, frame, store), stamp + late)
        kind, make = (COMPRESSED, compressed) if topic.endswith('compressed') else (IMAGE, image)
        yield Entry(topic, kind, make(rgb, stamp, frame, store), stamp + late + 1)


def write_mcap(
    path: Path,
    entries: Iterable[Entry],
    compression: CompressionType = CompressionType.LZ4,
    chunk_size: int = 100_000,
    **options: Any,
) -> Path:
    """Write an MCAP file as ``ros2 bag`` writes them.

    :param options: of ``mcap.writer.Writer``
    """
    with path.open('wb') as stream:
        writer = Writer(stream, chunk_size=chunk_size, compression=compression, **options)
        writer.start(profile='ros2', library='test')
        schemas: dict[str, int] = {}
        channels: dict[str, int] = {}
        for entry in entries:
            if entry.kind not in schemas:
                definition = ROS2.generate_msgdef(entry.kind, ros_version=2)[0].encode()
                schemas[entry.kind] = writer.register_schema(entry.kind, 'ros2msg', definition)
            if entry.topic not in channels:
                metadata = {'offered_qos_profiles': ''}
                channels[entry.topic] = writer.register_channel(entry.topic, 'cdr', schemas[entry.kind], metadata)
            data = bytes(ROS2.serialize_cdr(entry.content, entry.kind))
            writer.add_message(channels[entry.topic], entry.time, data, entry.time - 1000)
        writer.finish()
    return path


def write_bag(folder: Path, entries: Iterable[Entry], storage: str = 'sqlite3', mode: str = '') -> Path:
    """Write the folder of a bag of ROS 2.

    :param storage: sqlite3 or mcap
    :param mode: of the compression by zstd: file or message; empty for none
    """
    from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

    writer = Writer(folder, version=9, storage_plugin=StoragePlugin[storage.upper()])
    if mode:
        writer.set_compression(CompressionMode[mode.upper()], CompressionFormat.ZSTD)
    with writer:
        connections: dict[str, Any] = {}
        for entry in entries:
            if entry.topic not in connections:
                connections[entry.topic] = writer.add_connection(entry.topic, entry.kind, typestore=ROS2)
            writer.write(connections[entry.topic], entry.time, ROS2.serialize_cdr(entry.content, entry.kind))
    return folder


def write_ros1_bag(path: Path, entries: Iterable[Entry]) -> Path:
    """Write a bag of ROS 1."""
    from rosbags.rosbag1 import Writer

    with Writer(path) as writer:
        connections: dict[str, Any] = {}
        for entry in entries:
            if entry.topic not in connections:
                connections[entry.topic] = writer.add_connection(entry.topic, entry.kind, typestore=ROS1)
            writer.write(connections[entry.topic], entry.time, ROS1.serialize_ros1(entry.content, entry.kind))
    return path
