"""What the node publishes: one row per output, from the scene to its messages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from geometry_msgs.msg import PointStamped
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
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
from mt3dnet_ros.ros.messages.labels import fill_label_info
from mt3dnet_ros.ros.messages.markers import fill_markers
from mt3dnet_ros.ros.messages.scanpath import fill_gaze, fill_scanpath
from mt3dnet_ros.ros.qos import LATCHED, OUTPUT

_OF_SALIENCY = frozenset({'saliency', 'scanpath', 'gaze'})


@dataclass(frozen=True)
class View:
    """A scene and what its messages need besides it.

    :param camera: None where the camera is not calibrated
    """

    scene: Scene
    header: Header
    camera: Camera | None
    taxonomy: Taxonomy


@dataclass(frozen=True)
class Output:
    """One topic.

    :param topic: relative to the node
    :param needs: the fields of ``Scene`` it is made of
    :param enabled_by: the entry of the parameter ``outputs`` that switches it
    :param encode: makes the message; None where there is nothing to say
    """

    topic: str
    message: type
    needs: tuple[str, ...]
    enabled_by: str
    encode: Callable[[View], Any]

    @property
    def needs_saliency(self) -> bool:
        """Whether a network without saliency has nothing for it."""
        return _OF_SALIENCY.issuperset(self.needs)


def _image(topic: str, needs: str, encoding: str) -> Output:
    def encode(view: View) -> Image:
        return fill_image(getattr(view.scene, needs), encoding, view.header)

    return Output(topic, Image, (needs,), topic, encode)


def _markers(view: View) -> MarkerArray:
    return fill_markers(view.scene.detections, view.scene.scanpath or (), view.taxonomy, view.header)


OUTPUT_TABLE = (
    _image('segmentation/labels', 'labels', 'mono8'),
    _image('segmentation/confidence', 'confidence', 'mono8'),
    _image('segmentation/parts', 'parts', 'mono8'),
    _image('overlay', 'overlay', 'rgb8'),
    Output(
        'detections',
        DetectionArray,
        ('detections',),
        'detections',
        lambda view: fill_detections(view.scene.detections, view.header),
    ),
    _image('depth/image', 'depth', '32FC1'),
    Output(
        'depth/camera_info',
        CameraInfo,
        ('depth',),
        'depth/image',
        lambda view: info_from_camera(view.camera, view.header) if view.camera else None,
    ),
    Output(
        'points',
        PointCloud2,
        ('cloud',),
        'points',
        lambda view: fill_cloud(view.scene.cloud, view.header) if view.scene.cloud else None,
    ),
    _image('saliency', 'saliency', 'mono8'),
    Output(
        'scanpath', Scanpath, ('scanpath',), 'scanpath', lambda view: fill_scanpath(view.scene.scanpath, view.header)
    ),
    Output('gaze', PointStamped, ('gaze',), 'gaze', lambda view: fill_gaze(view.scene.gaze, view.header)),
    Output('markers', MarkerArray, ('detections', 'scanpath'), 'markers', _markers),
)


class Publishers:
    """The publishers of all outputs; one that nobody subscribes to costs nothing.

    :param on_failure: called with a topic whose message an overloaded middleware refused
    """

    def __init__(self, node: LifecycleNode, on_failure: Callable[[str], None]) -> None:
        self._node = node
        self._on_failure = on_failure
        self._publishers = {
            output: node.create_lifecycle_publisher(output.message, f'~/{output.topic}', OUTPUT)
            for output in OUTPUT_TABLE
        }
        self._labels = node.create_lifecycle_publisher(LabelInfo, '~/segmentation/label_info', LATCHED)

    def publish_labels(self, taxonomy: Taxonomy, threshold: float, header: Header) -> None:
        """Publish what the labels mean, for subscribers of now and later."""
        self._labels.publish(fill_label_info(taxonomy, threshold, header))

    def wanted(self, enabled: Collection[str]) -> list[Output]:
        """Return the outputs that are enabled and subscribed to."""
        return [
            output
            for output, publisher in self._publishers.items()
            if output.enabled_by in enabled and publisher.get_subscription_count()
        ]

    def publish(self, outputs: Iterable[Output], view: View) -> None:
        """Encode and publish."""
        for output in outputs:
            message = output.encode(view)
            if message is not None:
                self._publish(output, message)

    def _publish(self, output: Output, message: Any) -> None:
        try:
            self._publishers[output].publish(message)
        except rclpy_implementation.RCLError:
            self._on_failure(output.topic)

    def close(self) -> None:
        """Destroy the publishers."""
        for publisher in (*self._publishers.values(), self._labels):
            self._node.destroy_lifecycle_publisher(publisher)
