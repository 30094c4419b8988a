"""The messages: what is filled in arrives, and comments say what is unknown."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

rclpy_serialization = pytest.importorskip('rclpy.serialization', reason='needs ROS 2; `source .venv/ros.sh`')

from geometry_msgs.msg import Point, Vector3  # noqa: E402
from sensor_msgs.msg import RegionOfInterest  # noqa: E402
from std_msgs.msg import ColorRGBA, Header  # noqa: E402
from support.paths import ROOT  # noqa: E402

from mt3dnet_ros.msg import (  # noqa: E402
    DepthScale,
    Detection,
    DetectionArray,
    Fixation,
    LabelInfo,
    Scanpath,
    ShaftAxis,
    TissueDistance,
    TissueDistanceArray,
)

MESSAGES = sorted((ROOT / 'msg').glob('*.msg'))
HEADER = Header(frame_id='endoscope_optical_frame')
AXIS = ShaftAxis(
    point=Point(x=0.01, y=0.02, z=0.09),
    direction=Vector3(x=0.6, z=0.8),
    deviation=0.002,
    angle_deviation=0.01,
    diameter=0.0083,
)
DETECTION = Detection(
    class_id=3,
    class_name='large needle driver',
    score=0.75,
    instance_id=3,
    box=RegionOfInterest(x_offset=7, y_offset=8, width=90, height=100),
    position=Point(x=0.01, y=-0.02, z=0.08),
    extent=Vector3(x=0.005, y=0.004, z=0.03),
    tip=Point(x=0.0, y=0.25, z=0.5),
    class_scores=[0.25, 0.5, 0.75],
    position_deviation=0.004,
    axis=AXIS,
)
SCALE = DepthScale(
    header=HEADER,
    factor=1.25,
    deviation=0.03,
    lower=1.2,
    upper=1.3,
    shape_deviation=0.04,
    corrects_shape=True,
    sources=['shaft', 'second_eye'],
    measured=['probe', ''],
    factors=[1.2, 1.3],
    deviations=[0.05, 0.02],
    ages=[0.0, 0.4],
    conflicts=['shaft and second_eye differ'],
)
FIXATION = Fixation(instance_id=-1, class_id=-1, x=1.5, y=2.5, position=Point(z=0.1), weight=0.25, order=2)

DISTANCE = TissueDistance(track_id=3, tip=Point(z=0.08), nearest=Point(x=0.01, z=0.1), distance=-0.02, deviation=0.001)


@pytest.mark.parametrize(
    'message',
    [
        AXIS,
        DETECTION,
        SCALE,
        DetectionArray(header=HEADER, detections=[DETECTION, Detection()]),
        LabelInfo(header=HEADER, taxonomy='endovis2018', ids=[0, 65535], names=['', 'ä'], colors=[ColorRGBA()] * 2),
        FIXATION,
        Scanpath(header=HEADER, fixations=[FIXATION]),
        DISTANCE,
        TissueDistanceArray(header=HEADER, distances=[DISTANCE, TissueDistance()]),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_message_survives_the_wire(message: Any) -> None:
    wire = rclpy_serialization.serialize_message(message)
    assert rclpy_serialization.deserialize_message(wire, type(message)) == message


def test_unknown_positions_survive_the_wire() -> None:
    unknown = Detection(tip=Point(x=math.nan, y=math.nan, z=math.nan))
    received = rclpy_serialization.deserialize_message(rclpy_serialization.serialize_message(unknown), Detection)
    assert all(math.isnan(value) for value in (received.tip.x, received.tip.y, received.tip.z))


@pytest.mark.parametrize('path', MESSAGES, ids=lambda path: path.stem)
def test_every_message_is_built_and_imported(path: Path) -> None:
    import mt3dnet_ros.msg

    declared = {line.split()[1] for line in path.read_text().splitlines() if line and not line.startswith('#')}
    assert set(getattr(mt3dnet_ros.msg, path.stem).get_fields_and_field_types()) == declared


def test_cmake_builds_every_message_file() -> None:
    text = (ROOT / 'CMakeLists.txt').read_text()
    assert [path.name for path in MESSAGES if f'"msg/{path.name}"' not in text] == []
