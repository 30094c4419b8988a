"""The topics of the node ``perception``; docs/extend/new_topic.md shows how to add one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from geometry_msgs.msg import PointStamped, PoseStamped
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2
from visualization_msgs.msg import MarkerArray

from mt3dnet_ros.msg import DepthScale, DetectionArray, LabelInfo, Scanpath, TrackArray
from mt3dnet_ros.ros.messages.bulk import BulkMessage
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.clouds import bulk_cloud
from mt3dnet_ros.ros.messages.depth import bulk_depth
from mt3dnet_ros.ros.messages.depth_scale import fill_depth_scale
from mt3dnet_ros.ros.messages.detections import fill_detections
from mt3dnet_ros.ros.messages.images import bulk_image
from mt3dnet_ros.ros.messages.jpeg import fill_jpeg
from mt3dnet_ros.ros.messages.markers import fill_markers
from mt3dnet_ros.ros.messages.scanpath import fill_gaze, fill_scanpath
from mt3dnet_ros.ros.messages.tracks import fill_tracks
from mt3dnet_ros.ros.messages.vision import fill_detections_2d, fill_detections_3d
from mt3dnet_ros.ros.qos import BEST_EFFORT_INPUT, LATCHED, SAMPLES
from mt3dnet_ros.ros.topics.output import Output, StampedScene, given
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS, NodeTopics, Topic


def _image(name: str, field: str, encoding: str, content: str, needs_saliency: bool = False) -> Output[Image]:
    """Return the output of a field of ``Scene`` that is a picture."""

    def encode(stamped: StampedScene) -> BulkMessage[Image]:
        return bulk_image(given(getattr(stamped.scene, field)), encoding, stamped.header)

    content = f'`{encoding}`, {content}'
    return Output(name, Image, content, needs=(field,), encode=encode, needs_saliency=needs_saliency)


def _jpeg(name: str, field: str, picture: Callable[[StampedScene], np.ndarray | None], **rest: Any) -> Output[Any]:
    """Return the output of a picture as JPEG, for subscribers of image_transport.

    :param name: of the topic that has the picture as it is
    :param rest: of ``Output``
    """

    def encode(stamped: StampedScene) -> CompressedImage:
        return fill_jpeg(given(picture(stamped)), stamped.encoding.jpeg_quality, stamped.header)

    content = f'`{name}` as JPEG of the quality `jpeg_quality`, for `image_transport` and Wi-Fi'
    return Output(f'{name}/compressed', CompressedImage, content, needs=(field,), encode=encode, **rest)


def _depth(stamped: StampedScene) -> BulkMessage[Image]:
    return bulk_depth(given(stamped.scene.depth), stamped.encoding.depth_encoding, stamped.header)


def _markers(stamped: StampedScene) -> MarkerArray:
    scene = stamped.scene
    detections, scanpath = given(scene.detections), scene.scanpath or ()
    return fill_markers(detections, scanpath, stamped.taxonomy, stamped.header, scene.scale)


OUTPUTS: tuple[Output[Any], ...] = (
    _image('~/segmentation/labels', 'labels', 'mono8', 'class id per pixel, 0 background'),
    _image('~/segmentation/confidence', 'confidence', 'mono8', '255 times the probability of the chosen class'),
    _image('~/segmentation/parts', 'parts', 'mono8', '1 shaft, 2 wrist, 3 clasper'),
    _image('~/overlay', 'overlay', 'rgb8', 'masks, boxes and names, for people'),
    _jpeg('~/overlay', 'overlay', lambda stamped: stamped.scene.overlay, enabled_by='overlay', is_recorded=False),
    Output(
        '~/detections',
        DetectionArray,
        'class, score of it and of every class, instance id, box in pixels; position with its deviation, extent, tip, '
        'axis of the shaft in metres; id of its track, and the velocity of its tip',
        needs=('detections',),
        encode=lambda stamped: fill_detections(given(stamped.scene.detections), stamped.header),
    ),
    Output(
        '~/tracks',
        TrackArray,
        'the instruments over time, those out of view for less than `track_memory` as well: id, type by vote, age; tip '
        'and its velocity in metres, filtered, with their covariance; ids that begin and that ended',
        needs=('tracks',),
        encode=lambda stamped: fill_tracks(given(stamped.scene.tracks), stamped.header),
    ),
    Output(
        '~/detections_2d',
        'vision_msgs/msg/Detection2DArray',
        'the same for tools that know `vision_msgs`, where that is installed: scores by class name, most probable '
        'class first; box in pixels',
        needs=('detections',),
        encode=lambda stamped: fill_detections_2d(given(stamped.scene.detections), stamped.taxonomy, stamped.header),
        enabled_by='detections',
        is_recorded=False,
    ),
    Output(
        '~/detections_3d',
        'vision_msgs/msg/Detection3DArray',
        'the same with position and extent in metres, along the axes of the optical frame; only those whose position '
        'is known',
        needs=('detections',),
        encode=lambda stamped: fill_detections_3d(given(stamped.scene.detections), stamped.taxonomy, stamped.header),
        enabled_by='detections',
        is_recorded=False,
    ),
    Output(
        '~/depth/image',
        Image,
        'along the optical axis (REP 118): `32FC1`, metres, NaN where unknown; or `16UC1`, millimetres, 0 where '
        'unknown, as `depth_encoding` says',
        needs=('depth',),
        encode=_depth,
    ),
    Output(
        '~/depth/camera_info',
        CameraInfo,
        'the camera of the depth image; only where the camera is calibrated',
        needs=('depth',),
        encode=lambda stamped: info_from_camera(stamped.camera, stamped.header) if stamped.camera else None,
        enabled_by='depth/image',
    ),
    Output(
        '~/depth/colored',
        Image,
        '`rgb8`, depth for people: from red (0 m) to blue (`depth_color_limit` and beyond), black where unknown',
        needs=('depth',),
        encode=lambda stamped: bulk_image(stamped.colored_depth, 'rgb8', stamped.header),
        enabled_by='depth/image',
        is_recorded=False,
    ),
    _jpeg('~/depth/colored', 'depth', lambda stamped: stamped.colored_depth, enabled_by='depth/image'),
    Output(
        '~/depth/scale',
        DepthScale,
        "the factor on the network's depth that all depths and positions have, its 95 % interval, what it rests on and "
        'what contradicts it',
        needs=('scale',),
        encode=lambda stamped: fill_depth_scale(given(stamped.scene.scale), stamped.header),
        enabled_by='depth/image',
    ),
    Output(
        '~/points',
        PointCloud2,
        'organised; x y z rgb label; every `stride`-th pixel, NaN where unknown; only where calibrated',
        needs=('cloud',),
        encode=lambda stamped: bulk_cloud(stamped.scene.cloud, stamped.header) if stamped.scene.cloud else None,
    ),
    _image(
        '~/saliency',
        'saliency',
        'mono8',
        '255 times the task saliency; only of a network with a saliency branch',
        needs_saliency=True,
    ),
    Output(
        '~/scanpath',
        Scanpath,
        'fixations in visiting order; only of a network with a saliency branch',
        needs=('scanpath',),
        encode=lambda stamped: fill_scanpath(given(stamped.scene.scanpath), stamped.header),
        needs_saliency=True,
    ),
    Output(
        '~/gaze',
        PointStamped,
        'where to look next, metres; only where calibrated and known, of a network with a saliency branch',
        needs=('gaze',),
        encode=lambda stamped: fill_gaze(given(stamped.scene.gaze), stamped.header),
        needs_saliency=True,
    ),
    Output(
        '~/markers',
        MarkerArray,
        'boxes, names, tips with their velocities, and shaft axes of the detections, the numbered scanpath, and the '
        'scale, for RViz',
        needs=('detections', 'scanpath', 'scale'),
        encode=_markers,
    ),
)
BY_KEY = {output.key: output for output in OUTPUTS}
CHOICES = tuple(output.key for output in OUTPUTS if not output.enabled_by)  # of the parameter `outputs`
KEYS = tuple(BY_KEY)
MISSING = {output.key: output.missing for output in OUTPUTS if output.missing}  # what is to be installed for it


def _all_of(name: str) -> str:
    """Return the outputs that another one enables."""
    return ', '.join(f'`{output.key}`' for output in OUTPUTS if output.enabled_by == name)


IMAGES: dict[str, Topic[Any]] = {  # by the parameter `image_transport`
    'raw': Topic('image', Image, 'the pictures, where `image_transport` is `raw`', None),
    'compressed': Topic('image/compressed', CompressedImage, 'the same as JPEG or PNG, where it is `compressed`', None),
}
CAMERA_INFO = Topic(
    'camera_info',
    CameraInfo,
    'the newest one counts; a latched one too, where a publisher offers that',
    BEST_EFFORT_INPUT,
)
RIGHT_IMAGES: dict[str, Topic[Any]] = {  # by the parameter `image_transport`
    'raw': Topic('right/image', Image, 'the second eye, with `second_eye`, where `image_transport` is `raw`', None),
    'compressed': Topic(
        'right/image/compressed', CompressedImage, 'the same as JPEG or PNG, where it is `compressed`', None
    ),
}
RIGHT_CAMERA_INFO = Topic(
    'right/camera_info', CameraInfo, 'the camera of the second eye, with `second_eye`', BEST_EFFORT_INPUT
)
_TRANSFORMS = 'tf2_msgs/msg/TFMessage'
TIP = Topic(
    '{tip_topics}', PoseStamped, "where the robot says that a tool's tip is; only where `tip_topics` names one", SAMPLES
)
TRANSFORMS: tuple[Topic[Any], ...] = (
    Topic('/tf', _TRANSFORMS, 'where frames are; only where tips are named, and tf2_ros is installed', None),
    Topic('/tf_static', _TRANSFORMS, 'likewise, of frames that stay', None),
)
LABEL_INFO = Topic(
    '~/segmentation/label_info', LabelInfo, 'names and colours of the class ids, and the threshold', LATCHED
)

PERCEPTION = NodeTopics(
    subscribes=(*IMAGES.values(), CAMERA_INFO, *RIGHT_IMAGES.values(), RIGHT_CAMERA_INFO, TIP, *TRANSFORMS),
    publishes=(
        *OUTPUTS,
        LABEL_INFO,
        replace(DIAGNOSTICS, content='what is wrong, in words; rates, latency, counts, time per stage; once a second'),
    ),
    note=(
        'All but the last two are outputs, which the parameter `outputs` names without `~/`'
        + ''.join(f'; `{name}` stands for {_all_of(name)} too' for name in CHOICES if _all_of(name))
        + '. Every output has the stamp and the frame of its image, and costs nothing without a subscriber. '
        'The reliability asked of the images is that which all of their publishers offer, or what `image_qos` says.'
    ),
    is_lifecycle=True,
)
RECORDED = tuple(topic for topic in PERCEPTION.publishes if not isinstance(topic, Output) or topic.is_recorded)
