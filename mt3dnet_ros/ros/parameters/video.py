"""The parameters of the nodes ``video_source`` and ``recorder``."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.media.containers.network_stream import PROTOCOLS
from mt3dnet_ros.ros.parameters.table import parameter


@dataclass(frozen=True)
class VideoSourceParameters:
    """Parameters of the node ``video_source``."""

    source: str = parameter(
        '',
        "video file (DICOM too), folder of images (in natural order), camera ('0', '/dev/video0'), or an address whose "
        'protocol is allowed',
        is_path=True,
        changes='at start',
    )
    allowed_protocols: tuple[str, ...] = parameter(
        (),
        'protocols by which source may reach the network, as in [rtsp]; files never reach anything else',
        choices=tuple(PROTOCOLS),
        changes='at start',
    )
    rate: float = parameter(
        0.0,
        "images per second in place of the source's own time stamps; 0 for these (25 a second of a folder)",
        unit='Hz',
        range=(0.0, 1000.0),
        changes='at start',
    )
    loop: bool = parameter(False, 'start again at the end; false ends the node there', changes='at start')
    calibration: str = parameter(
        '',
        'calibration file, scaled where the images have another size; docs/robot/calibration_files.md',
        is_path=True,
        changes='at start',
    )
    horizontal_fov: float = parameter(
        0.0,
        'field of view of an ideal camera, in place of a calibration; 0 publishes an uncalibrated CameraInfo',
        unit='degrees',
        range=(0.0, 179.0),
        changes='at start',
    )
    frame_id: str = parameter('endoscope_optical_frame', 'frame_id of the images', changes='at start')
    encoding: str = parameter('rgb8', 'encoding of the published images', choices=('rgb8', 'bgr8'), changes='at start')
    wait_for_subscribers: int = parameter(
        1,
        'subscribers to wait for before the first image is published; 0 does not wait',
        range=(0, 100),
        changes='at start',
    )


@dataclass(frozen=True)
class RecorderParameters:
    """Parameters of the node ``recorder``."""

    topics: tuple[str, ...] = parameter(
        (),
        'topics to record; empty for image, camera_info, /diagnostics and every topic of the node perception',
        changes='at start',
    )
    perception_ns: str = parameter('/perception', 'full name of the node perception', changes='at start')
    reconstruction_ns: str = parameter(
        '/reconstruction',
        'full name of the node reconstruction, whose surface, distances and odometry are recorded where it runs; '
        'empty: none',
        changes='at start',
    )
    output: str = parameter(
        'recording',
        "folder to write, as ros2 bag has them; a single MCAP file where it ends in '.mcap'",
        is_path=True,
        changes='at start',
    )
    overwrite: bool = parameter(False, 'replace an existing recording', changes='at start')
    compression: str = parameter(
        'lz4',
        'compression of the file; lz4, the fast one, leaves topics alone that it would not halve, as images and depth',
        choices=('lz4', 'zstd', 'none'),
        changes='at start',
    )
    buffer: int = parameter(
        512,
        'memory for messages that wait for the disk; messages that find no room in it are lost, and counted',
        unit='MiB',
        range=(16, 65536),
        changes='at start',
    )
