"""The node console_overlay: off at first, transparent whenever it is stale, and honest about why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Point
from sensor_msgs.msg import CameraInfo, Image, Joy, RegionOfInterest
from std_msgs.msg import ColorRGBA, Header
from std_srvs.srv import SetBool
from support.ros_listener import Listener, listening
from support.ros_processes import NodeProcess

from mt3dnet_ros.msg import Detection, DetectionArray, LabelInfo
from mt3dnet_ros.ros.messages.headers import make_header, stamp_to_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.qos import LATCHED, OUTPUT

HEIGHT, WIDTH = 240, 320
NODE, PERCEPTION = '/console_overlay', '/scope/perception'
SLACK = 60.0  # seconds that a busy machine may take


class Console:
    """A perception of its own, a display, and a hand on switch and pedal."""

    def __init__(self, listener: Listener) -> None:
        node = listener.node
        self.listener = listener
        self.labels = node.create_publisher(Image, f'{PERCEPTION}/segmentation/labels', OUTPUT)
        self.detections = node.create_publisher(DetectionArray, f'{PERCEPTION}/detections', OUTPUT)
        colors = node.create_publisher(LabelInfo, f'{PERCEPTION}/segmentation/label_info', LATCHED)
        colors.publish(LabelInfo(ids=[1], names=['hook'], colors=[ColorRGBA(r=1.0, g=0.0, b=0.0, a=1.0)]))
        infos = node.create_publisher(CameraInfo, '/left/camera_info', LATCHED)
        matrix = [300.0, 0.0, 160.0, 0.0, 300.0, 120.0, 0.0, 0.0, 1.0]
        infos.publish(CameraInfo(width=WIDTH, height=HEIGHT, k=matrix))
        self.pedal = node.create_publisher(Joy, '/pedal', 10)
        self.pictures: list[Image] = listener.collect(Image, f'{NODE}/left/image', OUTPUT)
        self.reports: list[DiagnosticArray] = listener.collect(DiagnosticArray, '/diagnostics')
        self._switch = node.create_client(SetBool, f'{NODE}/enable')

    def perceive(self, age: float = 0.0, stamp: int | None = None, encoding: str = 'mono8') -> None:
        """Publish an instrument of class 1, of an image of some seconds ago."""
        now = self.listener.node.get_clock().now().nanoseconds
        header = make_header(now - round(1e9 * age) if stamp is None else stamp, 'scope')
        labels = np.zeros((HEIGHT, WIDTH), np.uint8)
        labels[80:160, 100:240] = 1
        box = RegionOfInterest(x_offset=100, y_offset=80, width=140, height=80)
        tip = Point(x=0.0, y=0.0, z=0.1)
        found = Detection(class_id=1, class_name='hook', instance_id=1, score=0.9, box=box, tip=tip, position=tip)
        self.labels.publish(fill_image(labels, encoding, header))
        self.detections.publish(DetectionArray(header=header, detections=[found]))

    def spin_until(self, condition: Callable[[], object], meanwhile: Callable[[], None] = lambda: None) -> None:
        def holds() -> bool:
            meanwhile()
            return bool(condition())

        self.listener.spin_until(holds, timeout=SLACK)

    def enable(self, wanted: bool) -> SetBool.Response:
        self.spin_until(self._switch.service_is_ready)
        answer = self._switch.call_async(SetBool.Request(data=wanted))
        self.spin_until(answer.done)
        return answer.result()

    def newest(self) -> np.ndarray | None:
        """Return the newest picture, (H, W, 4) uint8."""
        return read(self.pictures[-1]) if self.pictures else None

    def shows(self) -> bool:
        picture = self.newest()
        return picture is not None and bool(picture.any())

    def is_empty(self) -> bool:
        picture = self.newest()
        return picture is not None and not picture.any()

    def report(self) -> str:
        """Return the newest message of the node's diagnostics."""
        said = [status.message for array in self.reports for status in array.status if status.name == NODE]
        return said[-1] if said else ''


def read(message: Image) -> np.ndarray:
    assert message.encoding == 'bgra8'
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 4)


@pytest.fixture
def console() -> Iterator[Console]:
    with listening() as listener:
        yield Console(listener)


def start(start_node: Callable[..., NodeProcess], console: Console, **parameters: Any) -> NodeProcess:
    """Start the node, which is to show what is as old as a busy machine makes it."""
    known = {'left_perception_ns': PERCEPTION, 'stale_after': 2.0} | parameters
    process = start_node('console_overlay', known)
    console.spin_until(lambda: console.pictures or console.report())
    return process


def test_it_is_off_and_transparent_until_the_service_turns_it_on(
    start_node: Callable[..., NodeProcess], console: Console
) -> None:
    start(start_node, console)
    console.spin_until(console.is_empty, console.perceive)
    assert console.newest().shape == (HEIGHT, WIDTH, 4)  # type: ignore[union-attr]
    assert console.labels.get_subscription_count() == console.detections.get_subscription_count() == 0
    assert not any(read(picture).any() for picture in console.pictures)
    console.spin_until(lambda: 'off' in console.report())
    assert console.enable(True).success
    console.spin_until(console.shows, console.perceive)
    picture = console.pictures[-1]
    drawn = read(picture)
    assert drawn[80, 190, 2] > 200 and drawn[80, 190, 3] > 200  # red, as label_info says
    assert 0 < np.count_nonzero(drawn[..., 3]) <= 0.08 * HEIGHT * WIDTH
    assert picture.header.frame_id == 'scope'
    assert stamp_to_ns(picture.header.stamp) > 0
    assert console.enable(False).success
    console.spin_until(console.is_empty)
    console.spin_until(lambda: not console.labels.get_subscription_count())


def test_a_pedal_turns_it_too(start_node: Callable[..., NodeProcess], console: Console) -> None:
    start(start_node, console, pedal_mode='press', pedal_button=1)
    console.spin_until(console.pedal.get_subscription_count)
    for wanted, shown in ((True, console.shows), (False, console.is_empty)):
        console.pedal.publish(Joy(buttons=[0, 1]))
        console.pedal.publish(Joy(buttons=[0, 0]))
        console.pedal.publish(Joy(buttons=[1]))  # another button
        console.spin_until(shown, console.perceive)
        console.spin_until(lambda: bool(console.labels.get_subscription_count()) == wanted)  # noqa: B023


def test_what_is_stale_is_taken_away_and_the_reason_said(
    start_node: Callable[..., NodeProcess], console: Console
) -> None:
    start(start_node, console)
    console.enable(True)
    console.spin_until(console.shows, console.perceive)
    console.spin_until(console.is_empty)  # perception is silent from here on
    shown, empty = (
        next(picture for picture in reversed(console.pictures) if read(picture).any() == wanted)
        for wanted in (True, False)
    )
    assert stamp_to_ns(empty.header.stamp) - stamp_to_ns(shown.header.stamp) >= 1.9e9
    console.spin_until(lambda: 'no labels and detections of one image' in console.report())
    before = len(console.pictures)
    console.spin_until(lambda: 'behind the images' in console.report(), lambda: console.perceive(age=5.0))
    console.spin_until(lambda: 'no stamp' in console.report(), lambda: console.perceive(stamp=0))
    console.spin_until(lambda: 'ahead of this clock' in console.report(), lambda: console.perceive(age=-60.0))
    assert not any(read(picture).any() for picture in console.pictures[before:])
    console.spin_until(console.shows, console.perceive)


def test_messages_that_are_wrong_are_refused_and_do_no_harm(
    start_node: Callable[..., NodeProcess], console: Console
) -> None:
    process = start(start_node, console)
    console.enable(True)
    console.spin_until(
        lambda: 'are no mono8' in console.report() or 'another size' in console.report(),
        lambda: console.perceive(encoding='16UC1'),
    )
    console.spin_until(lambda: 'is not a time' in process.output(), lambda: console.detections.publish(negative()))
    console.spin_until(console.shows, console.perceive)


def negative() -> DetectionArray:
    header = Header()
    header.stamp.sec = -1
    return DetectionArray(header=header)


def test_no_more_is_covered_than_allowed_and_what_is_shown_can_be_changed(
    start_node: Callable[..., NodeProcess], console: Console
) -> None:
    start(start_node, console, most_covered=0.01)
    console.enable(True)
    console.spin_until(console.shows, console.perceive)
    console.spin_until(lambda: 'left out' in console.report(), console.perceive)
    assert all(np.count_nonzero(read(picture)[..., 3]) <= 0.01 * HEIGHT * WIDTH for picture in console.pictures)


@pytest.mark.parametrize(
    ('parameters', 'reason'),
    [
        ({'left_perception_ns': ''}, 'neither eye has a node perception'),
        ({'right_socket': '@dvrk:stereo_source:right_ar'}, 'right_perception_ns is empty'),
        ({'left_socket': 'left_ar'}, 'name one as @dvrk:<role>:<name>'),
    ],
)
def test_parameters_that_do_not_go_together_are_explained(
    start_node: Callable[..., NodeProcess], parameters: dict[str, str], reason: str
) -> None:
    start_node('console_overlay', parameters).wait_for_output(reason, timeout=SLACK)


def test_a_socket_that_cannot_be_had_is_said_and_the_topic_goes_on(
    start_node: Callable[..., NodeProcess], console: Console
) -> None:
    environment = {'MT3DNET_GSTREAMER_PYTHON': '/nowhere/python3'}
    parameters = {'left_perception_ns': PERCEPTION, 'stale_after': 2.0, 'left_socket': '@dvrk:nowhere:left_ar'}
    start_node('console_overlay', parameters, environment=environment)
    console.spin_until(lambda: '/nowhere/python3' in console.report())
    console.enable(True)
    console.spin_until(console.shows, console.perceive)
