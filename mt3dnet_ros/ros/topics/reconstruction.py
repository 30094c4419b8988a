"""The topics of the node ``reconstruction``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from visualization_msgs.msg import Marker

from mt3dnet_ros.msg import TissueDistanceArray
from mt3dnet_ros.ros.qos import LATCHED, OUTPUT, QUEUED
from mt3dnet_ros.ros.topics.perception import BY_KEY, IMAGES
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS, NodeTopics, Topic

_TRANSFORMS = 'tf2_msgs/msg/TFMessage'


def _of_perception(key: str, content: str) -> Topic[Any]:
    """Return an output of the node ``perception``."""
    return Topic(f'{{perception}}/{key}', BY_KEY[key].message, content, OUTPUT)


REQUIRED: dict[str, Topic[Any]] = {
    'labels': _of_perception('segmentation/labels', 'what is cut out; all of these belong to one image, by its stamp'),
    'depth': _of_perception('depth/image', 'what is fused, metres or millimetres'),
    'camera_info': _of_perception('depth/camera_info', 'the camera of that depth; only where it is calibrated'),
}
OPTIONAL: dict[str, Topic[Any]] = {
    'detections': _of_perception('detections', 'the tips of tracks, for `~/distances`'),
    'scale': _of_perception('depth/scale', 'whether the depth is metric, or a guess'),
}
TRANSFORMS: tuple[Topic[Any], ...] = (
    Topic('/tf', _TRANSFORMS, 'where the camera is; only with `pose_source: tf`, and where tf2_ros is installed', None),
    Topic('/tf_static', _TRANSFORMS, 'likewise, of frames that stay', None),
)

SURFACE = Topic(
    '~/surface',
    PointCloud2,
    'x y z rgb age: the tissue in the frame of the map, metres, and seconds since each point was last seen; at '
    '`surface_rate`',
)
MESH = Topic('~/mesh', Marker, 'the same as coloured triangles (`TRIANGLE_LIST`), for RViz; at `mesh_rate`', LATCHED)
DEPTH = Topic(
    '~/depth/image',
    Image,
    '`32FC1`, metres, NaN where there is no surface: what the camera would see now **without instruments**; stamp and '
    'frame of the image, rectified, as wide as `view_width`. Not while the scale of the image contradicts the surface',
)
CAMERA_INFO = Topic(
    '~/depth/camera_info', CameraInfo, 'the camera of `~/depth/image` and `~/image`, without distortion'
)
PICTURE = Topic('~/image', Image, '`rgb8`, the same in colour; black where there is no surface')
DISTANCES = Topic(
    '~/distances',
    TissueDistanceArray,
    'how far the tips of the tracks are from that surface, metres, with their deviation; in the frame of the images',
)
ODOMETRY: Topic[Any] = Topic(
    '~/odometry',
    'nav_msgs/msg/Odometry',
    'where the camera is, of its optical frame in that of the map; only where this node finds it, and nav_msgs is '
    'installed. The twist is unknown, and said to be',
)
TRANSFORM: Topic[Any] = Topic(
    '/tf',
    _TRANSFORMS,
    'the same, with `pose_source: odometry` and `publish_tf`, where tf2_msgs is installed',
    QUEUED,
)

RECONSTRUCTION = NodeTopics(
    subscribes=(*IMAGES.values(), *REQUIRED.values(), *OPTIONAL.values(), *TRANSFORMS),
    publishes=(
        SURFACE,
        MESH,
        DEPTH,
        CAMERA_INFO,
        PICTURE,
        DISTANCES,
        ODOMETRY,
        TRANSFORM,
        replace(
            DIAGNOSTICS,
            content='where the pose comes from, how well images fit, size of the map; counts, time per stage',
        ),
    ),
    note='`{perception}` is the parameter `perception_ns`. An output costs nothing without a subscriber. The services '
    '`~/reset` and `~/save` (`std_srvs/srv/Trigger`) begin another map, and write the surface below the parameter '
    '`folder`.',
    services=('~/reset', '~/save'),
    is_lifecycle=True,
)
RECORDED = (SURFACE, DISTANCES, ODOMETRY)
