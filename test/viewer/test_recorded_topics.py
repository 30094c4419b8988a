"""What a recording holds is found by types and names, whatever its nodes are called."""

from __future__ import annotations

import pytest

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.viewer.recorded_topics import find_perception, find_shown

IMAGE, COMPRESSED, INFO = (f'sensor_msgs/msg/{name}' for name in ('Image', 'CompressedImage', 'CameraInfo'))
CAMERA = {'/scope/image_raw': IMAGE, '/scope/camera_info': INFO}


def outputs(node: str) -> dict[str, str]:
    return {
        f'{node}/overlay': IMAGE,
        f'{node}/depth/image': IMAGE,
        f'{node}/depth/camera_info': INFO,
        f'{node}/detections': 'mt3dnet_ros/msg/DetectionArray',
        f'{node}/points': 'sensor_msgs/msg/PointCloud2',
        f'{node}/segmentation/labels': IMAGE,
    }


def test_outputs_camera_and_diagnostics_are_shown() -> None:
    types = CAMERA | outputs('/rig/left/eyes') | {'/diagnostics': 'diagnostic_msgs/msg/DiagnosticArray', '/tf': 'x'}
    (node,) = find_perception(types)
    assert find_shown(types, {}, node) == {
        '/rig/left/eyes/overlay': 'overlay',
        '/rig/left/eyes/depth/image': 'depth',
        '/rig/left/eyes/detections': 'detections',
        '/rig/left/eyes/points': 'cloud',
        '/scope/image_raw': 'image',
        '/scope/camera_info': 'camera_info',
        '/diagnostics': 'diagnostics',
    }


def test_of_two_nodes_each_can_be_chosen() -> None:
    types = outputs('/left/perception') | outputs('/right/perception')
    assert find_perception(types) == ['/left/perception', '/right/perception']
    shown = find_shown(types, {}, '/right/perception', image='/left/perception/overlay')
    assert shown['/right/perception/overlay'] == 'overlay'
    assert shown['/left/perception/overlay'] == 'image'


def test_the_camera_with_most_pictures_is_shown_without_perception_too() -> None:
    types = CAMERA | {'/other/image/compressed': COMPRESSED, '/other/camera_info': INFO}
    assert find_shown(types, {'/other/image/compressed': 9, '/scope/image_raw': 3}, '') == {
        '/other/image/compressed': 'image',
        '/other/camera_info': 'camera_info',
    }


def test_an_overlay_of_jpeg_serves_where_there_is_no_other() -> None:
    types = {'/p/detections': 'mt3dnet_ros/msg/DetectionArray', '/p/overlay/compressed': COMPRESSED}
    assert find_shown(types, {}, '/p')['/p/overlay/compressed'] == 'overlay'


def test_an_image_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"'/nope' is no image of the recording \(images: /scope/image_raw\)"):
        find_shown(CAMERA, {}, '', image='/nope')


def test_a_recording_of_other_things_is_refused() -> None:
    with pytest.raises(InputError, match='neither images nor outputs'):
        find_shown({'/joints': 'sensor_msgs/msg/JointState', '/scope/camera_info': INFO}, {}, '')
