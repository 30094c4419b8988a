"""The topics of the node ``perception``; docs/extend/new_topic.md shows how to add one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from geometry_msgs.msg import PointStamped
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.msg import DetectionArray, LabelInfo, Scanpath
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.taxonomy import Taxonomy
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.clouds import fill_cloud
from mt3dnet_ros.ros.messages.detections import fill_detections
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.messages.markers import fill_markers
from mt3dnet_ros.ros.messages.scanpath import fill_gaze, fill_scanpath
from mt3dnet_ros.ros.qos import BEST_EFFORT_INPUT, LATCHED
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS, NodeTopics, Topic

M = TypeVar('M')
T = TypeVar('T')


@dataclass(frozen=True)
class StampedScene:
    """A scene, and what its messages need besides it.

    :param header: with the stamp of the image and the frame of its camera
    :param camera: None where the camera is not calibrated
    """

    scene: Scene
    header: Header
    camera: Camera | None
    taxonomy: Taxonomy


@dataclass(frozen=True, eq=False, kw_only=True)
class Output(Topic[M], Generic[M]):
    """A topic that is made of a scene, once per image, while someone subscribes to it.

    :param needs: the fields of ``Scene`` it is made of
    :param encode: makes the message; None where there is nothing to say
    :param enabled_by: the output in the parameter ``outputs`` that enables this one too; empty for itself
    :param needs_saliency: a network without saliency has nothing for it
    """

    needs: tuple[str, ...]
    encode: Callable[[StampedScene], M | None]
    enabled_by: str = ''
    needs_saliency: bool = False

    @property
    def key(self) -> str:
        """The name without that of the node, as the parameter ``outputs`` and diagnostics use it."""
        return self.name.removeprefix('~/')

    def is_enabled(self, outputs: tuple[str, ...]) -> bool:
        """Return whether the parameter ``outputs`` enables it."""
        return (self.enabled_by or self.key) in outputs


def _image(name: str, field: str, encoding: str, content: str, needs_saliency: bool = False) -> Output[Image]:
    """Return the output of a field of ``Scene`` that is a picture."""

    def encode(stamped: StampedScene) -> Image:
        return fill_image(_given(getattr(stamped.scene, field)), encoding, stamped.header)

    content = f'`{encoding}`, {content}'
    return Output(name, Image, content, needs=(field,), encode=encode, needs_saliency=needs_saliency)


def _given(field: T | None) -> T:
    """Return a field that the output has in its ``needs``.

    :raises ValueError: perception left it out nevertheless
    """
    if field is None:
        raise ValueError('a field of the scene is missing: name it in the needs of the output')
    return field


def _markers(stamped: StampedScene) -> MarkerArray:
    scene = stamped.scene
    return fill_markers(_given(scene.detections), scene.scanpath or (), stamped.taxonomy, stamped.header)


OUTPUTS: tuple[Output[Any], ...] = (
    _image('~/segmentation/labels', 'labels', 'mono8', 'class id per pixel, 0 background'),
    _image('~/segmentation/confidence', 'confidence', 'mono8', '255 times the probability of the chosen class'),
    _image('~/segmentation/parts', 'parts', 'mono8', '1 shaft, 2 wrist, 3 clasper'),
    _image('~/overlay', 'overlay', 'rgb8', 'masks, boxes and names, for people'),
    Output(
        '~/detections',
        DetectionArray,
        'class, score of it and of every class, instance id, box in pixels; position, extent, tip in metres',
        needs=('detections',),
        encode=lambda stamped: fill_detections(_given(stamped.scene.detections), stamped.header),
    ),
    _image('~/depth/image', 'depth', '32FC1', 'metres along the optical axis, NaN where unknown (REP 118)'),
    Output(
        '~/depth/camera_info',
        CameraInfo,
        'the camera of the depth image; only where the camera is calibrated',
        needs=('depth',),
        encode=lambda stamped: info_from_camera(stamped.camera, stamped.header) if stamped.camera else None,
        enabled_by='depth/image',
    ),
    Output(
        '~/points',
        PointCloud2,
        'organised; x y z rgb label; every `stride`-th pixel, NaN where unknown; only where calibrated',
        needs=('cloud',),
        encode=lambda stamped: fill_cloud(stamped.scene.cloud, stamped.header) if stamped.scene.cloud else None,
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
        encode=lambda stamped: fill_scanpath(_given(stamped.scene.scanpath), stamped.header),
        needs_saliency=True,
    ),
    Output(
        '~/gaze',
        PointStamped,
        'where to look next, metres; only where calibrated and known, of a network with a saliency branch',
        needs=('gaze',),
        encode=lambda stamped: fill_gaze(_given(stamped.scene.gaze), stamped.header),
        needs_saliency=True,
    ),
    Output(
        '~/markers',
        MarkerArray,
        'boxes, names and tips of the detections, and the numbered scanpath, for RViz',
        needs=('detections', 'scanpath'),
        encode=_markers,
    ),
)
BY_KEY = {output.key: output for output in OUTPUTS}
CHOICES = tuple(output.key for output in OUTPUTS if not output.enabled_by)  # of the parameter `outputs`

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
LABEL_INFO = Topic(
    '~/segmentation/label_info', LabelInfo, 'names and colours of the class ids, and the threshold', LATCHED
)

PERCEPTION = NodeTopics(
    subscribes=(*IMAGES.values(), CAMERA_INFO),
    publishes=(
        *OUTPUTS,
        LABEL_INFO,
        replace(DIAGNOSTICS, content='what is wrong, in words; rates, latency, counts, time per stage; once a second'),
    ),
    note=(
        'All but the last two are outputs, which the parameter `outputs` names without `~/`'
        + ''.join(f'; `{output.enabled_by}` stands for `{output.key}` too' for output in OUTPUTS if output.enabled_by)
        + '. Every output has the stamp and the frame of its image, and costs nothing without a subscriber. '
        'The reliability asked of the images is that which all of their publishers offer, or what `image_qos` says.'
    ),
)
