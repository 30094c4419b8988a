"""What the RViz configurations and the Foxglove layout show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from geometry_msgs.msg import PointStamped
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2
from support.paths import ROOT
from visualization_msgs.msg import Marker, MarkerArray

from mt3dnet_ros.msg import DepthScale
from mt3dnet_ros.ros.topics.perception import BY_KEY
from mt3dnet_ros.ros.topics.reconstruction import RECONSTRUCTION
from mt3dnet_ros.ros.topics.topic import Topic

CONFIGURATIONS = sorted((ROOT / 'config/rviz').glob('*.rviz'))
LAYOUT = json.loads((ROOT / 'config/foxglove.json').read_text())

# What rviz_default_plugins declares under these names (rviz 14), and the type that such a display subscribes to.
DISPLAYS = {
    'rviz_default_plugins/Image': Image,
    'rviz_default_plugins/PointCloud2': PointCloud2,
    'rviz_default_plugins/Marker': Marker,
    'rviz_default_plugins/MarkerArray': MarkerArray,
    'rviz_default_plugins/PointStamped': PointStamped,
    'rviz_default_plugins/Axes': None,
    'rviz_default_plugins/TF': None,
}


def read(path: Path) -> dict[str, Any]:
    """Return an RViz configuration."""
    return yaml.safe_load(path.read_text())


def displays(path: Path) -> list[dict[str, Any]]:
    """Return the displays of an RViz configuration."""
    return read(path)['Visualization Manager']['Displays']


def rviz_topics(path: Path) -> Iterator[tuple[str, type | None]]:
    """Yield every topic of an RViz configuration and the type that its display takes."""
    for display in displays(path):
        if 'Topic' in display:
            yield display['Topic']['Value'], DISPLAYS[display['Class']]


def foxglove_topics() -> Iterator[tuple[str, type]]:
    """Yield every topic of a node in the layout and the type that its panel takes."""
    for panel in LAYOUT['configById'].values():
        mode = panel.get('imageMode', {})
        if 'imageTopic' in mode:
            topic = mode['imageTopic']
            yield topic, CompressedImage if topic.endswith('/compressed') else Image
        if 'calibrationTopic' in mode:
            yield mode['calibrationTopic'], CameraInfo
        for topic in panel.get('topics', {}):
            kinds = {'points': PointCloud2, 'surface': PointCloud2, 'mesh': Marker}
            yield topic, kinds.get(topic.rpartition('/')[2], MarkerArray)
        for path in panel.get('paths', ()):
            topic = path['value'].split('.')[0]
            yield topic, DepthScale if topic.endswith('scale') else PointStamped


def all_views() -> Iterator[tuple[str, type | None]]:
    """Yield every topic that is shown anywhere, relative to the node perception, and its type."""
    for path in CONFIGURATIONS:
        yield from ((output_of(topic), kind) for topic, kind in rviz_topics(path) if not is_of_surface(topic))
    yield from ((output_of(topic), kind) for topic, kind in foxglove_topics() if not is_of_surface(topic))


def is_of_surface(topic: str) -> bool:
    """Return whether a topic is of the node reconstruction."""
    return topic.startswith('/reconstruction/')


def topic_of(topic: str) -> Topic[Any]:
    """Return what a node's table says of a topic that is shown."""
    if not is_of_surface(topic):
        return BY_KEY[output_of(topic)]
    return next(each for each in RECONSTRUCTION.publishes if each.below('/reconstruction') == topic)


def output_of(topic: str) -> str:
    """Return a topic relative to the node perception."""
    return topic.split('/perception/')[1]
