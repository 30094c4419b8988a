"""The parameters of the nodes that publish what a rig's drivers do not: the camera, and where it is."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.ros.parameters.table import parameter


@dataclass(frozen=True)
class CameraInfoSourceParameters:
    """Parameters of the node ``camera_info_source``."""

    calibration: str = parameter(
        '',
        'file of ROS, OpenCV, Kalibr or others; docs/robot/calibration_files.md',
        is_path=True,
        changes='at start',
    )
    vertical_fov: float = parameter(
        0.0,
        'field of view of an ideal camera, in place of a calibration',
        unit='degrees',
        range=(0.0, 179.0),
        changes='at start',
    )
    width: int = parameter(
        640, 'width of the images, with vertical_fov', unit='pixels', range=(1, 16384), changes='at start'
    )
    height: int = parameter(
        480, 'height of the images, with vertical_fov', unit='pixels', range=(1, 16384), changes='at start'
    )
    frame_id: str = parameter('endoscope_optical_frame', 'frame_id of the camera', changes='at start')


@dataclass(frozen=True)
class HandEyeParameters:
    """Parameters of the node ``hand_eye``."""

    file: str = parameter(
        '', 'YAML file of the transform, as docs/robot/dvrk.md describes it', is_path=True, changes='at start'
    )
    parent_frame: str = parameter('', 'frame that holds the camera; empty for that of the file', changes='at start')
    child_frame: str = parameter('', "the camera's optical frame; empty for that of the file", changes='at start')


@dataclass(frozen=True)
class StereoTransformParameters:
    """Parameters of the node ``stereo_transform``."""

    calibration: str = parameter(
        '', 'file of the pair, with R and T; empty for R and P of both calibrations', is_path=True, changes='at start'
    )
    left_calibration: str = parameter(
        '',
        "the left eye's file, with that of the right one; empty for the CameraInfo of both",
        is_path=True,
        changes='at start',
    )
    right_calibration: str = parameter('', "the right eye's file", is_path=True, changes='at start')
    rectified: bool = parameter(False, 'the images are rectified: both eyes look the same way', changes='at start')
    left_frame: str = parameter(
        '', "the left eye's optical frame; empty for that of its node's outputs (and right_frame)", changes='at start'
    )
    right_frame: str = parameter('', "the right eye's optical frame", changes='at start')
    left_perception_ns: str = parameter(
        'left/perception', 'node perception of the left eye, where left_frame is empty', changes='at start'
    )
    right_perception_ns: str = parameter(
        'right/perception', 'node perception of the right eye, where right_frame is empty', changes='at start'
    )
