"""The node with a network that has saliency: its topics, and what it remembers of the images before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from support.ros_probe import Probe
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint, tissue
from visualization_msgs.msg import MarkerArray

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.msg import Scanpath
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.headers import make_header, stamp_to_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.topics.perception import BY_KEY

TARGET = '/perception'
SIZE = (96, 128)
SECOND = 1_000_000_000
CAMERA = Camera(SIZE[1], SIZE[0], 140.0, 140.0, 61.0, 50.0)
SETTINGS = {'score_threshold': 0.05, 'gaze_time_constant': 0.5, 'saliency_reset_gap': 0.5}
TOPICS = {key: BY_KEY[key].message_class for key in ('saliency', 'scanpath', 'gaze', 'markers')}


class Stream:
    """A camera whose images have the stamps that a test gives them, and what the node answers."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self._images = probe.publisher(Image, 'image')
        self._infos = probe.publisher(CameraInfo, 'camera_info')
        self._received = {name: probe.collect(kind, f'{TARGET}/{name}', 1) for name, kind in TOPICS.items()}
        for topic in TOPICS:
            probe.spin_until(lambda name=topic: probe.node.count_publishers(f'{TARGET}/{name}'), what=topic)

    def calibrate(self) -> None:
        """Let the node know the camera, and every subscription, before the images that follow."""
        for _ in range(40):  # only a known camera gives a gaze, and what is sent before the node is met is lost
            self._infos.publish(info_from_camera(CAMERA, make_header(0, 'rig/left_frame')))
            self.publish(tissue(*SIZE), 0)
            self.probe.spin(0.1)
            if all(self._received.values()):
                return
        raise AssertionError(f'no answers; {self.probe.status()}')

    def answer(self, picture: np.ndarray, stamp: int) -> dict[str, Any]:
        """Return the messages of an image by topic."""
        for messages in self._received.values():
            messages.clear()
        self.publish(picture, stamp)
        return self.probe.spin_until(lambda: self._answers(stamp), what=f'answers to the image of {stamp}')

    def has(self, topic: str, stamp: int) -> bool:
        """Return whether a message of a topic has come for the image of a stamp."""
        return any(stamp_to_ns(header_of(message).stamp) == stamp for message in self._received[topic])

    def _answers(self, stamp: int) -> dict[str, Any] | None:
        """Return one message of each topic, or None until all are there."""
        found = {
            topic: message
            for topic, messages in self._received.items()
            for message in messages
            if stamp_to_ns(header_of(message).stamp) == stamp
        }
        return found if len(found) == len(TOPICS) else None

    def saliency(self, picture: np.ndarray, seconds: float) -> np.ndarray:
        """Return the saliency of an image, (H, W) int."""
        message = self.answer(picture, round(seconds * SECOND))['saliency']
        return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width).astype(int)

    def restarts(self) -> int:
        """Return how often the node's memory started anew."""
        return int(self.probe.status()[1]['memory restarts'])

    def restart(self) -> None:
        """Deactivate the node and activate it again."""
        for way, subscribed in (('deactivate', 0), ('activate', 1)):
            assert self.probe.transition(way)
            self.probe.spin_until(lambda n=subscribed: self._images.get_subscription_count() == n, what=way)

    def publish(self, picture: np.ndarray, stamp: int) -> None:
        """Publish an image."""
        self._images.publish(fill_image(picture, 'rgb8', make_header(stamp, '/rig/left_frame')))


def header_of(message: Any) -> Header:
    return message.markers[0].header if isinstance(message, MarkerArray) else message.header


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors', saliency=True)


@pytest.fixture(scope='module')
def process(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    parameters = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, **SETTINGS}
    process = NodeProcess('perception', parameters, log=tmp_path_factory.mktemp('log') / 'perception.log')
    process.wait_for_output('active on cpu', timeout=180.0)
    yield process
    process.stop()


@pytest.fixture(scope='module')
def stream(process: NodeProcess) -> Iterator[Stream]:
    probe = Probe(TARGET)
    stream = Stream(probe)
    stream.calibrate()
    yield stream
    probe.close()


@pytest.fixture
def perceiver(checkpoint: Path) -> Perceiver:
    torch.set_num_threads(1)
    perceiver = load(checkpoint, 'cpu')
    perceiver.settings = replace(perceiver.settings, **SETTINGS)
    return perceiver


def test_a_stream_is_answered_with_what_the_network_says_of_it(stream: Stream, perceiver: Perceiver) -> None:
    for number in range(3):
        picture, stamp = tissue(*SIZE, number), (1000 + number) * SECOND // 10
        scene = perceiver(Frame(picture, stamp), CAMERA, {'saliency', 'scanpath', 'gaze'})
        answer = stream.answer(picture, stamp)
        image = answer['saliency']
        assert (image.encoding, image.height, image.width) == ('mono8', *SIZE)
        np.testing.assert_array_equal(image.data, scene.saliency.ravel())
        gaze = answer['gaze'].point
        assert (gaze.x, gaze.y, gaze.z) == pytest.approx(scene.gaze)
        check_scanpath(answer['scanpath'], scene.scanpath)
        spheres = [marker for marker in answer['markers'].markers if marker.ns == 'fixations']
        assert [marker.id for marker in spheres] == [fixation.order for fixation in scene.scanpath]
        assert {header_of(message).frame_id for message in answer.values()} == {'rig/left_frame'}


def check_scanpath(message: Scanpath, fixations: tuple[Any, ...]) -> None:
    assert len(fixations) > 1
    assert [stop.instance_id for stop in message.fixations] == [fixation.instance_id for fixation in fixations]
    assert [(stop.x, stop.y) for stop in message.fixations] == [fixation.pixel for fixation in fixations]
    assert sum(stop.weight for stop in message.fixations) == pytest.approx(1.0)


def test_a_break_restarts_the_memory_and_is_counted(stream: Stream) -> None:
    wide = (120, 160)
    alone = {size: stream.saliency(tissue(*size), 200.0 + size[0]) for size in (SIZE, wide)}
    before = stream.restarts()
    for size, seconds in [(wide, 500.1), (SIZE, 498.0), (SIZE, 501.0)]:  # another size, back in time, a gap
        stream.saliency(tissue(*SIZE, 1), 500.0)
        np.testing.assert_array_equal(stream.saliency(tissue(*size), seconds), alone[size])
    assert stream.restarts() == before + 6  # also before each of the three


def test_a_stream_that_goes_on_is_remembered_and_what_goes_on_can_be_set(stream: Stream) -> None:
    alone = stream.saliency(tissue(*SIZE), 600.0)
    stream.saliency(tissue(*SIZE, 1), 610.0)
    assert np.abs(stream.saliency(tissue(*SIZE), 610.1) - alone).max() > 10
    assert stream.probe.set_parameter('saliency_reset_gap', 2.0).successful
    try:
        stream.saliency(tissue(*SIZE, 1), 620.0)
        assert np.abs(stream.saliency(tissue(*SIZE), 621.0) - alone).max() > 10
    finally:
        assert stream.probe.set_parameter('saliency_reset_gap', SETTINGS['saliency_reset_gap']).successful


def test_the_overlay_shows_the_scanpath_where_asked(stream: Stream) -> None:
    overlays = stream.probe.collect(Image, f'{TARGET}/overlay', 1)
    stream.probe.status_where(lambda _, values: 'overlay' in values['outputs subscribed'].split(', '))
    pictures = []
    for shown in (False, True):
        assert stream.probe.set_parameter('overlay_saliency', shown).successful
        stream.saliency(tissue(*SIZE), 700.0 + 10.0 * shown)
        stream.probe.spin_until(lambda: overlays, what='overlay')
        pictures.append(np.array(overlays.pop().data))
    assert 0.0 < (pictures[0] != pictures[1]).mean() < 0.9


def test_images_without_a_stamp_are_seen_each_for_itself(stream: Stream) -> None:
    alone = stream.saliency(tissue(*SIZE), 800.0)
    stream.saliency(tissue(*SIZE, 1), 0.0)
    np.testing.assert_array_equal(stream.saliency(tissue(*SIZE), 0.0), alone)


def test_a_picture_that_is_repeated_has_no_gaze_until_another_comes(stream: Stream) -> None:
    picture, begin = tissue(*SIZE), 850 * SECOND
    stamps = [begin + number * SECOND // 10 for number in range(8)]
    for stamp in stamps:
        stream.publish(picture, stamp)
        stream.probe.spin_until(lambda at=stamp: stream.has('saliency', at), what=f'saliency of the image of {stamp}')
    assert [stream.has('gaze', stamp) for stamp in stamps] == 3 * [True] + 5 * [False]
    assert stream.answer(tissue(*SIZE, 1), begin + SECOND)['scanpath'].fixations
    assert stream.answer(picture, begin + 2 * SECOND)['gaze']


def test_deactivation_forgets_the_stream(stream: Stream) -> None:
    alone = stream.saliency(tissue(*SIZE), 900.0)
    stream.saliency(tissue(*SIZE, 1), 910.0)
    stream.restart()
    np.testing.assert_array_equal(stream.saliency(tissue(*SIZE), 910.1), alone)


def test_nothing_was_printed_that_looks_like_a_crash(process: NodeProcess) -> None:
    assert process.running
    assert 'Traceback' not in process.output()
