"""The parameters of the node ``perception``."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.ros.messages.images import MAX_PIXELS
from mt3dnet_ros.ros.parameters.table import parameter
from mt3dnet_ros.ros.topics.output import DEPTH_ENCODINGS, EncodingSettings
from mt3dnet_ros.ros.topics.perception import CHOICES, IMAGES, KEYS, MISSING


@dataclass(frozen=True)
class PerceptionParameters:
    """Parameters of the node ``perception``."""

    checkpoint: str = parameter('', 'path of the network; empty for the one that ships with the package', is_path=True)
    device: str = parameter('auto', 'where the network runs: auto, cpu, cuda or cuda:N; auto takes the first GPU')
    back_end: str = parameter('torch', 'what runs the network', choices=('torch', 'torch_bf16', 'openvino'))
    threads: int = parameter(0, 'CPU threads of the network; 0 for one per core', range=(0, 256))
    autostart: bool = parameter(
        True, 'configure and activate at the start; false leaves that to a lifecycle manager', changes='at start'
    )
    image_transport: str = parameter(
        'raw', 'raw subscribes to image, compressed to image/compressed', choices=tuple(IMAGES)
    )
    image_qos: str = parameter(
        'auto',
        'reliability asked of the image; auto is reliable when every publisher offers it, else best effort',
        choices=('auto', 'reliable', 'best_effort'),
    )
    image_bits: int = parameter(
        0,
        'bits that the samples of 16-bit images use; 0 takes the least of 10, 12, 14 and 16 that has held all so far',
        range=(0, 16),
    )
    max_pixels: int = parameter(
        MAX_PIXELS,
        'an image of more is refused before it is decoded',
        unit='pixels',
        range=(1, 1_000_000_000),
        changes='any time',
    )
    rectified: bool = parameter(False, 'the image is rectified: use P of the CameraInfo and no distortion')
    frame_id: str = parameter('', 'frame_id of all outputs; empty for that of the image')
    no_image_warning: float = parameter(
        2.0,
        'warn when no image has come for so long, or none that is of use: blank, unchanged, full of instruments',
        unit='s',
        range=(0.1, 3600.0),
        changes='any time',
    )
    score_threshold: float = parameter(
        0.5, 'detections with a lower score are not published', range=(0.0, 1.0), changes='any time'
    )
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
    depth_encoding: str = parameter(
        EncodingSettings.depth_encoding,
        'depth/image has metres, NaN where unknown (32FC1), or millimetres, 0 where unknown (16UC1)',
        choices=DEPTH_ENCODINGS,
        changes='any time',
    )
    depth_color_limit: float = parameter(
        EncodingSettings.depth_color_limit,
        'the colours of depth/colored go from red at 0 to blue at this depth',
        unit='m',
        range=(0.01, 10.0),
        changes='any time',
    )
    jpeg_quality: int = parameter(
        EncodingSettings.jpeg_quality,
        'quality of overlay/compressed and depth/colored/compressed',
        range=(1, 100),
        changes='any time',
    )
    saliency_reset_gap: float = parameter(
        1.0,
        'the network forgets earlier frames where the stamps of two frames lie farther apart than this',
        unit='s',
        range=(0.01, 3600.0),
        changes='any time',
    )
    gaze_time_constant: float = parameter(
        0.3,
        'smooths the gaze: it goes 63 % of the way to a new point in this time; 0 does not smooth',
        unit='s',
        range=(0.0, 60.0),
        changes='any time',
    )
    mask_time_constant: float = parameter(
        0.0,
        'smooths the masks over this time where the picture is at rest; 0 does not smooth',
        unit='s',
        range=(0.0, 60.0),
        changes='any time',
    )
    outputs: tuple[str, ...] = parameter(
        CHOICES,
        'outputs that may be published; each is only made while someone subscribes',
        choices=KEYS,
        missing=MISSING,
        choices_in='[its outputs](topics.md)',
        changes='any time',
    )
