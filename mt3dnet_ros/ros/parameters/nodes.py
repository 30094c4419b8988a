"""The parameters of every node: name, default, unit, range and meaning."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters, SimulatedEcmParameters
from mt3dnet_ros.ros.parameters.rig import CameraInfoSourceParameters, HandEyeParameters
from mt3dnet_ros.ros.parameters.table import markdown_table, parameter

OUTPUTS = (
    'segmentation/labels',
    'segmentation/confidence',
    'segmentation/parts',
    'overlay',
    'detections',
    'depth/image',
    'points',
    'saliency',
    'scanpath',
    'gaze',
    'markers',
)


@dataclass(frozen=True)
class PerceptionParameters:
    """Parameters of the node ``perception``."""

    checkpoint: str = parameter('', 'path of the network; empty for the one that ships with the package')
    device: str = parameter('auto', 'where the network runs: auto, cpu, cuda or cuda:N; auto takes the first GPU')
    back_end: str = parameter('torch', 'what runs the network', choices=('torch', 'torch_bf16', 'openvino'))
    threads: int = parameter(0, 'CPU threads of the network; 0 for one per core', range=(0, 256))
    autostart: bool = parameter(True, 'configure and activate by itself', changes='at start')
    image_transport: str = parameter(
        'raw', 'raw subscribes to image, compressed to image/compressed', choices=('raw', 'compressed')
    )
    image_qos: str = parameter(
        'auto',
        'reliability asked of the image; auto is reliable when every publisher offers it, else best effort',
        choices=('auto', 'reliable', 'best_effort'),
    )
    rectified: bool = parameter(False, 'the image is rectified: use P of the CameraInfo and no distortion')
    frame_id: str = parameter('', 'frame of all outputs; empty for that of the image')
    no_image_warning: float = parameter(
        2.0, 'warn after so long without an image', unit='s', range=(0.1, 3600.0), changes='any time'
    )
    score_threshold: float = parameter(0.5, 'least score of a detection', range=(0.0, 1.0), changes='any time')
    stride: int = parameter(
        2,
        'the cloud has a point for every stride-th pixel of every stride-th row',
        unit='pixels',
        range=(1, 64),
        changes='any time',
    )
    max_depth: float = parameter(
        0.5, 'depth beyond this is unknown (NaN)', unit='m', range=(0.01, 10.0), changes='any time'
    )
    overlay_opacity: float = parameter(0.5, 'opacity of the masks in the overlay', range=(0.0, 1.0), changes='any time')
    overlay_saliency: bool = parameter(
        False, 'draw saliency and the numbered scanpath in the overlay', changes='any time'
    )
    saliency_reset_gap: float = parameter(
        1.0,
        'the memory of the frames before starts anew where the stamps of two lie farther apart than this',
        unit='s',
        range=(0.01, 3600.0),
        changes='any time',
    )
    gaze_time_constant: float = parameter(
        0.3,
        'the gaze goes 63 % of the way to another point in this time; 0 does not smooth',
        unit='s',
        range=(0.0, 60.0),
        changes='any time',
    )
    mask_time_constant: float = parameter(
        0.0,
        'masks are smoothed over this time where the picture rests; 0 does not smooth',
        unit='s',
        range=(0.0, 60.0),
        changes='any time',
    )
    outputs: tuple[str, ...] = parameter(
        OUTPUTS,
        'outputs that may be published; each is only made while someone subscribes',
        choices=OUTPUTS,
        changes='any time',
    )


@dataclass(frozen=True)
class VideoSourceParameters:
    """Parameters of the node ``video_source``."""

    source: str = parameter(
        '', "video file, folder of images (in natural order) or camera ('0', '/dev/video0')", changes='at start'
    )
    rate: float = parameter(
        0.0,
        "images per second; 0 for the source's own (25 of a folder)",
        unit='Hz',
        range=(0.0, 1000.0),
        changes='at start',
    )
    loop: bool = parameter(False, 'start again at the end; else the node ends there', changes='at start')
    calibration: str = parameter(
        '', 'file in the format of camera_calibration; scaled where the images have another size', changes='at start'
    )
    horizontal_fov: float = parameter(
        0.0,
        'field of view of an ideal camera, in place of a calibration; 0 publishes an uncalibrated CameraInfo',
        unit='degrees',
        range=(0.0, 179.0),
        changes='at start',
    )
    frame_id: str = parameter('endoscope_optical_frame', 'frame of the images', changes='at start')
    encoding: str = parameter('rgb8', 'of the images', choices=('rgb8', 'bgr8'), changes='at start')
    wait_for_subscribers: int = parameter(
        1, 'publish the first image when so many subscribe to it; 0 does not wait', range=(0, 100), changes='at start'
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
    output: str = parameter('recording.mcap', 'file to write', changes='at start')
    overwrite: bool = parameter(False, 'replace an existing file', changes='at start')
    compression: str = parameter('lz4', 'of the file', choices=('lz4', 'zstd', 'none'), changes='at start')
    buffer: int = parameter(
        512,
        'messages that wait for the disk take at most so much memory; what finds no room is lost, and counted',
        unit='MiB',
        range=(16, 65536),
        changes='at start',
    )


NODE_TABLES: dict[str, type] = {
    'perception': PerceptionParameters,
    'video_source': VideoSourceParameters,
    'recorder': RecorderParameters,
    'camera_info_source': CameraInfoSourceParameters,
    'hand_eye': HandEyeParameters,
    'camera_guidance': CameraGuidanceParameters,
    'simulated_ecm': SimulatedEcmParameters,
}


INTRODUCTION = """# Parameters

Here you look up every parameter of every node: its default, its range with the unit, and when it may change.

Made by `python -m mt3dnet_ros.ros.parameters.nodes > docs/reference/parameters.md`.
"""


def documentation() -> str:
    """Return ``docs/reference/parameters.md``."""
    parts = [INTRODUCTION]
    for node, table in NODE_TABLES.items():
        parts += [f'## `{node}`', '', markdown_table(table)]
    return '\n'.join(parts)


if __name__ == '__main__':
    sys.stdout.write(documentation())
