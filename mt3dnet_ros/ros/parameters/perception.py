"""The parameters of the node ``perception``."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.media.codecs.picture_header import CODECS
from mt3dnet_ros.perception.back_ends.registry import AUTO, BACK_ENDS
from mt3dnet_ros.perception.scale.shaft.mounted import parse_mounted
from mt3dnet_ros.perception.settings import SECOND_EYE_USES, Settings
from mt3dnet_ros.ros.evidence.tool_names import parse_named
from mt3dnet_ros.ros.messages.compressed_images import DEFAULT_CODECS
from mt3dnet_ros.ros.messages.images import MAX_PIXELS
from mt3dnet_ros.ros.parameters.table import parameter
from mt3dnet_ros.ros.topics.output import DEPTH_ENCODINGS, EncodingSettings
from mt3dnet_ros.ros.topics.perception import CHOICES, IMAGES, KEYS, MISSING

STEREO_LAYOUTS = ('separate', 'side_by_side')


@dataclass(frozen=True)
class PerceptionParameters:
    """Parameters of the node ``perception``."""

    checkpoint: str = parameter('', 'path of the network; empty for the one that ships with the package', is_path=True)
    device: str = parameter('auto', 'where the network runs: auto, cpu, cuda or cuda:N; auto takes the first GPU')
    back_end: str = parameter(
        AUTO,
        'what runs the network; auto takes cuda on a GPU, openvino on a CPU where it is installed, else PyTorch',
        choices=(AUTO, *BACK_ENDS),
    )
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
    compressed_formats: tuple[str, ...] = parameter(
        DEFAULT_CODECS,
        'what compressed images may be, by their data; an image of another kind reaches no decoder',
        choices=CODECS,
        changes='any time',
    )
    rectified: bool = parameter(False, 'the image is rectified: use P of the CameraInfo and no distortion')
    frame_id: str = parameter('', 'frame_id of all outputs; empty for that of the image')
    no_image_warning: float = parameter(
        2.0,
        'warn when no image has come for so long, or none that is of use: blank, no known view, unchanged',
        unit='s',
        range=(0.1, 3600.0),
        changes='any time',
    )
    score_threshold: float = parameter(
        0.5, 'detections with a lower score are not published', range=(0.0, 1.0), changes='any time'
    )
    type_threshold: float = parameter(
        0.6,
        'an instrument whose type has a lower probability, by all frames of its track, is published as other; 0 names '
        'all',
        range=(0.0, 1.0),
        changes='any time',
    )
    view_threshold: float = parameter(
        0.5,
        'least probability of a view that the network knows, where it tells that; below it there is nothing here: no '
        'instrument, no depth, no gaze',
        range=(0.0, 1.0),
        changes='any time',
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
    frozen_timeout: float = parameter(
        Settings.frozen_timeout,
        'there is no gaze and no scanpath once the same picture has been repeated for so long, in every sample, as a '
        'grabber does that has lost its signal; 0 does not look, for simulated cameras, which have no noise',
        unit='s',
        range=(0.0, 60.0),
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
    track_memory: float = parameter(
        Settings.track_memory,
        'an instrument that is hidden, or has left the view, keeps its id for so long; 0 follows none',
        unit='s',
        range=(0.0, 60.0),
        changes='any time',
    )
    shaft_scale: bool = parameter(
        Settings.shaft_scale,
        'measure the scale of depth by the shafts of instruments whose diameter is known',
        changes='any time',
    )
    shaft_diameters: tuple[str, ...] = parameter(
        (),
        'diameters of the shafts that are mounted, in millimetres by class: "large needle driver=8.4+-0.1", or '
        '"all=8.5"; they go before those of the label file',
        check=parse_mounted,
        changes='any time',
    )
    second_eye: str = parameter(
        'off',
        'a second eye, on right/image or in the same image: sparse measures the scale of depth by it, dense its shape '
        'as well',
        choices=SECOND_EYE_USES,
    )
    second_eye_period: float = parameter(
        Settings.second_eye_period,
        'the second eye is used once in so long, and its images between are not decoded; 0 uses it for every frame',
        unit='s',
        range=(0.0, 60.0),
        changes='any time',
    )
    eye_tolerance: float = parameter(
        Settings.eye_tolerance,
        'the stamps of the images of both eyes may be so far apart',
        unit='s',
        range=(0.0, 1.0),
        changes='any time',
    )
    stereo_layout: str = parameter(
        'separate',
        'where both eyes are: separate, each on its topic, or side_by_side, both in one image, of which the left half '
        'is perceived',
        choices=STEREO_LAYOUTS,
    )
    stereo_calibration: str = parameter(
        '', 'file of both eyes, with R and T; empty for R and P of both CameraInfo', is_path=True
    )
    tip_topics: tuple[str, ...] = parameter(
        (),
        'poses (PoseStamped) of the tips of tools, from the robot: "PSM1=/PSM1/measured_cp"; those in other frames '
        'than that of the camera are brought there by hand_eye, or by tf2 where that is installed',
        check=parse_named,
    )
    tip_frames: tuple[str, ...] = parameter(
        (), 'tips of tools as frames of tf2, where that is installed: "PSM1=PSM1_tool_tip_link"', check=parse_named
    )
    tip_deviation: float = parameter(
        0.003,
        'standard deviation, along each axis, of the tips by the robot, hand-eye calibration included',
        unit='m',
        range=(0.0001, 0.05),
        changes='any time',
    )
    hand_eye: str = parameter(
        '',
        'hand-eye file: where the camera is in the frame of tip_topics (docs/robot/dvrk.md, Frames)',
        is_path=True,
    )
    hand_eye_frame: str = parameter('', 'frame of these poses that holds the camera; empty for that of the file')
    fixed_scale: float = parameter(
        Settings.fixed_scale,
        "factor on the network's depth that was measured for this camera and network, 0.05 to 20; 0 for none",
        range=(0.0, 20.0),
        check=lambda factor: Settings(fixed_scale=factor),
        changes='any time',
    )
    fixed_scale_deviation: float = parameter(
        Settings.fixed_scale_deviation,
        'standard deviation of the logarithm of fixed_scale: 0.02 is 2 %',
        range=(0.001, 1.0),
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

    @property
    def is_side_by_side(self) -> bool:
        """Whether one image holds both eyes."""
        return self.stereo_layout == STEREO_LAYOUTS[1]
