"""The parameters of the node ``dvrk_video``."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.ros.parameters.table import parameter


@dataclass(frozen=True)
class DvrkVideoParameters:
    """Parameters of the node ``dvrk_video``."""

    socket: str = parameter(
        '',
        'video socket, as in @dvrk:stereo_source:left, @dvrk:stereo_alignment:stereo or @dvrk:simulator:stereo_source',
        changes='at start',
    )
    eye: str = parameter(
        'left',
        'eye that is published; both takes the two halves of its pictures, or the sockets named left and right',
        choices=('left', 'right', 'both'),
        changes='at start',
    )
    layout: str = parameter(
        'auto',
        "how the socket's pictures hold the eyes; auto: side_by_side where its name begins with stereo, else separate",
        choices=('auto', 'separate', 'side_by_side'),
        changes='at start',
    )
    left_frame_id: str = parameter(
        '', "frame_id of the left eye's images; empty: <role of the socket>_left_frame", changes='at start'
    )
    right_frame_id: str = parameter('', "frame_id of the right eye's images", changes='at start')
    left_calibration: str = parameter(
        '',
        'calibration file of the left eye, scaled where the images have another size; docs/robot/calibration_files.md',
        is_path=True,
        changes='at start',
    )
    right_calibration: str = parameter('', 'calibration file of the right eye', is_path=True, changes='at start')
    horizontal_fov: float = parameter(
        0.0,
        'field of view of an ideal camera in place of calibrations, as of simulators; 0 publishes an uncalibrated '
        'CameraInfo',
        unit='degrees',
        range=(0.0, 179.0),
        changes='at start',
    )
