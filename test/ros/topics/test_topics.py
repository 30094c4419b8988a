"""The tables of topics: what is derived from them, and what an entry must say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from support.paths import ROOT

from mt3dnet_ros.media.depth_colors import DepthColors
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, Scene
from mt3dnet_ros.perception.taxonomy import LabelClass, Taxonomy
from mt3dnet_ros.ros.message_types import MessageTypeError
from mt3dnet_ros.ros.messages.images import decode_image
from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES
from mt3dnet_ros.ros.topics.nodes import NODE_TOPICS, documentation
from mt3dnet_ros.ros.topics.output import EncodingSettings, StampedScene
from mt3dnet_ros.ros.topics.perception import BY_KEY, CHOICES, OUTPUTS, PERCEPTION
from mt3dnet_ros.ros.topics.topic import Topic
from mt3dnet_ros.ros.topics.video import recorded_topics

TAXONOMY = Taxonomy('none', (LabelClass(0, 'background', (0, 0, 0)),))


def test_the_documentation_is_that_of_the_tables() -> None:
    written = (ROOT / 'docs' / 'reference' / 'topics.md').read_text()
    assert written == documentation(), 'run python -m mt3dnet_ros.ros.topics.nodes > docs/reference/topics.md'


def test_the_readme_names_outputs_with_their_types() -> None:
    rows = re.findall(r'^\| `(~/[a-z_/]+)` \| `([a-z0-9_]+)/(\w+)`', (ROOT / 'README.md').read_text(), re.MULTILINE)
    assert rows
    published = {topic.name: topic.message_name for topic in PERCEPTION.publishes}
    assert {name: f'{package}/msg/{kind}' for name, package, kind in rows}.items() <= published.items()


def test_every_node_has_a_table() -> None:
    assert NODE_TOPICS.keys() == NODE_TABLES.keys()


@pytest.mark.parametrize('node', NODE_TOPICS)
def test_a_node_has_each_topic_once_and_each_says_what_is_in_it(node: str) -> None:
    for topics in (NODE_TOPICS[node].subscribes, NODE_TOPICS[node].publishes):
        names = Counter(topic.name for topic in topics)
        assert max(names.values(), default=1) == 1
        assert all(topic.content for topic in topics)


def test_outputs_are_made_of_what_perception_gives() -> None:
    assert {need for output in OUTPUTS for need in output.needs} <= ALL_OUTPUTS


def test_every_output_can_be_enabled() -> None:
    assert {output.enabled_by or output.key for output in OUTPUTS} == set(CHOICES)
    assert all(output.is_enabled((output.key,)) for output in OUTPUTS)
    assert [output.key for output in OUTPUTS if output.is_enabled(('depth/image',))] == [
        'depth/image',
        'depth/camera_info',
        'depth/colored',
        'depth/colored/compressed',
        'depth/scale',
    ]
    assert [output.key for output in OUTPUTS if output.is_enabled(('overlay/compressed',))] == ['overlay/compressed']


@pytest.mark.parametrize('key', ['segmentation/labels', 'detections', 'scanpath', 'gaze', 'markers'])
def test_an_output_whose_field_was_not_perceived_says_so(key: str) -> None:
    with pytest.raises(ValueError, match='name it in the needs'):
        BY_KEY[key].encode(StampedScene(Scene(), Header(), None, TAXONOMY))


@pytest.mark.parametrize('key', ['points', 'depth/camera_info'])
def test_what_needs_a_calibration_has_no_message_without_one(key: str) -> None:
    assert BY_KEY[key].encode(StampedScene(Scene(), Header(), None, TAXONOMY)) is None


def test_the_recorder_takes_everything_that_perception_publishes_once() -> None:
    topics = recorded_topics('/scope/perception/')
    assert topics[:3] == ['image', 'camera_info', '/diagnostics']
    again = {'overlay/compressed', 'depth/colored', 'detections_2d', 'detections_3d'}
    published = {topic.below('/scope/perception') for topic in PERCEPTION.publishes} - {'/diagnostics'}
    assert set(topics[3:]) == published - {f'/scope/perception/{key}' for key in again}
    assert '/scope/perception/segmentation/label_info' in topics
    added = [topic for topic in recorded_topics('/scope/perception/', '/surface') if topic not in topics]
    assert added == ['/surface/surface', '/surface/distances', '/surface/odometry']


def test_a_name_has_the_node_or_a_parameter_in_it() -> None:
    assert Topic('~/depth/image', Image, 'depth').below('/scope/perception') == '/scope/perception/depth/image'
    assert Topic('{arm}/image', Image, 'picture').of(arm='/ECM').name == '/ECM/image'


def test_launch_files_remap_the_names_that_neither_node_nor_parameter_give() -> None:
    of_an_eye = {'image', 'image/compressed', 'camera_info'}
    assert NODE_TOPICS['perception'].remappable == of_an_eye | {f'right/{name}' for name in of_an_eye}
    of_guidance = {'gaze', 'scanpath', 'depth', 'scale', 'dead_man', 'heartbeat'}
    assert NODE_TOPICS['camera_guidance'].remappable == of_guidance
    assert NODE_TOPICS['simulated_ecm'].remappable == set()


def test_a_type_that_is_not_installed_is_named_with_the_remedy() -> None:
    topic: Topic[object] = Topic('tf', 'nowhere_msgs/msg/Transform', 'a transform')
    assert topic.message_name == 'nowhere_msgs/msg/Transform'
    with pytest.raises(MessageTypeError, match="'nowhere_msgs/msg/Transform' is not installed; source its workspace"):
        topic.message_class  # noqa: B018


def test_coloured_depth_is_drawn_once_for_a_picture_and_its_jpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[np.ndarray] = []
    draw = DepthColors.draw
    monkeypatch.setattr(DepthColors, 'draw', lambda *given: drawn.append(given[1]) or draw(*given))
    depth = np.array([[0.05, np.nan]], np.float32)
    stamped = StampedScene(Scene(depth=depth), Header(), None, TAXONOMY, EncodingSettings(depth_color_limit=0.1))
    picture = BY_KEY['depth/colored'].encode(stamped)
    assert BY_KEY['depth/colored/compressed'].encode(stamped).format == 'rgb8; jpeg compressed bgr8'
    assert len(drawn) == 1
    half, unknown = decode_image(picture.whole())[0].tolist()
    assert unknown == [0, 0, 0] and half[1] > half[0] and half[1] > half[2]  # green, half-way


def test_names_of_compressed_pictures_are_those_of_image_transport() -> None:
    compressed = [output for output in OUTPUTS if output.message_name == 'sensor_msgs/msg/CompressedImage']
    assert [output.key for output in compressed] == ['overlay/compressed', 'depth/colored/compressed']
    for output in compressed:
        assert BY_KEY[output.key.removesuffix('/compressed')].message_name == 'sensor_msgs/msg/Image'


def test_a_topic_that_follows_its_publishers_is_not_subscribed_by_its_table() -> None:
    with pytest.raises(ValueError, match='image follows its publishers'):
        replace(Topic('image', Image, 'picture'), qos=None).subscription(
            SimpleNamespace(create_subscription=print), print
        )
