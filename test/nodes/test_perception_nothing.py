"""The running node where there is nothing that the network knows: empty results at once, and one warning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo, Image
from support.nothing import BLANKS
from support.ros_probe import Probe
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.headers import make_header, stamp_to_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.topics.perception import BY_KEY

SIZE = (96, 128)
CAMERA = Camera(SIZE[1], SIZE[0], 140.0, 140.0, 61.0, 50.0)
KEYS = (
    'segmentation/labels', 'segmentation/confidence', 'segmentation/parts', 'detections', 'depth/image', 'points',
    'saliency', 'scanpath',
)  # fmt: skip
SAMPLES = {
    'mono8': (np.uint8, 1), 'bgr8': (np.uint8, 3), 'mono16': (np.uint16, 1), 'bayer_rggb8': (np.uint8, 1),
    'bayer_grbg16': (np.uint16, 1), 'yuv422': (np.uint8, 2), 'yuv422_yuy2': (np.uint8, 2), 'rgba8': (np.uint8, 4),
}  # fmt: skip


class Stream:
    """A camera, and what the node answers."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.stamp = 0
        self._images = probe.publisher(Image, 'image')
        self._infos = probe.publisher(CameraInfo, 'camera_info')
        self.gazes = probe.collect(BY_KEY['gaze'].message_class, '/perception/gaze', 1)
        self._received = {key: probe.collect(BY_KEY[key].message_class, f'/perception/{key}', 1) for key in KEYS}
        for key in KEYS:
            probe.spin_until(lambda key=key: probe.node.count_publishers(f'/perception/{key}'), what=key)
        for _ in range(40):  # what is sent before the node knows camera and subscriptions is lost
            self._infos.publish(info_from_camera(CAMERA, make_header(0, 'left')))
            self.show(fill_image(tissue(*SIZE), 'rgb8', make_header(0, 'left')))
            probe.spin(0.1)
            if all(self._received.values()) and self.gazes:
                return
        raise AssertionError(f'no answers; {probe.status()}')

    def show(self, message: Image) -> None:
        """Publish an image with a new stamp."""
        self.stamp = self.probe.node.get_clock().now().nanoseconds
        message.header = make_header(self.stamp, 'left')
        self._images.publish(message)

    def answer(self, message: Image) -> dict[str, Any]:
        """Return the messages of an image by topic, except where to look, which is only told where it is known."""
        self.show(message)
        return self.probe.spin_until(self._answers, what=f'answers to {message.encoding}')

    def _answers(self) -> dict[str, Any] | None:
        found = {
            key: message
            for key, messages in self._received.items()
            for message in messages
            if stamp_to_ns(message.header.stamp) == self.stamp
        }
        return found if len(found) == len(KEYS) else None

    def status_while(self, pictures: list[np.ndarray], words: str) -> dict[str, str]:
        """Show pictures in turn until the diagnostics' message has some words, and return the values."""
        number = 0

        def show() -> None:
            nonlocal number
            number += 1
            self.show(fill_image(pictures[number % len(pictures)], 'rgb8', make_header(0, 'left')))

        timer = self.probe.node.create_timer(0.1, show)
        try:
            return self.probe.status_where(
                lambda status, _: words in status.message and status.message.count('nothing here') <= 1
            )
        finally:
            self.probe.node.destroy_timer(timer)


def assert_nothing(answers: dict[str, Any]) -> None:
    for key in ('segmentation/labels', 'segmentation/confidence', 'segmentation/parts', 'saliency'):
        assert not any(answers[key].data), key
    assert list(answers['detections'].detections) == [] and list(answers['scanpath'].fixations) == []
    assert np.isnan(np.frombuffer(answers['depth/image'].data, np.float32)).all()
    cloud = answers['points']
    points = np.frombuffer(cloud.data, np.uint8).reshape(-1, cloud.point_step)[:, :12].copy().view(np.float32)
    assert len(points) and np.isnan(points).all()


@pytest.fixture(scope='module')
def stream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    folder: Path = tmp_path_factory.mktemp('network')
    checkpoint = save_small_checkpoint(folder / 'small.safetensors', saliency=True, view=True)
    common = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, 'score_threshold': 0.05}
    parameters = {**common, 'fixed_scale': 1.0}  # a guessed scale would be a warning
    settings = {'view_threshold': 0.0, 'no_image_warning': 0.5}
    process = NodeProcess('perception', parameters | settings, log=folder / 'perception.log')
    process.wait_for_output('active on cpu', timeout=180.0)
    probe = Probe('/perception')
    yield Stream(probe)
    probe.close()
    assert 'Traceback' not in process.stop()[1]


@pytest.mark.parametrize('kind', BLANKS)
def test_a_blank_is_answered_with_nothing_and_its_stamp(stream, kind):
    before = stream.answer(fill_image(tissue(*SIZE), 'rgb8', make_header(0, 'left')))
    assert any(before['segmentation/labels'].data) and before['detections'].detections
    assert_nothing(stream.answer(fill_image(BLANKS[kind](SIZE), 'rgb8', make_header(0, 'left'))))
    stream.probe.spin(0.2)
    assert stream.stamp not in [stamp_to_ns(gaze.header.stamp) for gaze in stream.gazes]


@pytest.mark.parametrize('value', [0, 128, 255])
@pytest.mark.parametrize('encoding', SAMPLES)
def test_a_blank_of_any_encoding_is_answered_with_nothing(stream, encoding, value):
    kind, channels = SAMPLES[encoding]
    samples = np.full((*SIZE, channels), value * (257 if kind is np.uint16 else 1), kind)
    message = Image(height=SIZE[0], width=SIZE[1], encoding=encoding, step=samples[0].nbytes)
    message.data.frombytes(samples.tobytes())
    assert_nothing(stream.answer(message))


def test_an_unknown_view_is_answered_with_nothing_and_both_kinds_reach_one_line_until_pictures_are_good(stream):
    picture = fill_image(tissue(*SIZE), 'rgb8', make_header(0, 'left'))
    good = [tissue(*SIZE, seed) for seed in range(9)]
    values = stream.status_while(good, 'OK')
    assert 0.0 < float(values['view probability']) < 1.0
    blanks = int(values['frames blank'])

    values = stream.status_while([BLANKS['black'](SIZE)], 'nothing here: the picture has been black for')
    assert int(values['frames blank']) > blanks and values['view probability'] == '0.00'
    stream.status_while(good, 'OK')

    assert stream.probe.set_parameter('view_threshold', 1.0).successful
    assert_nothing(stream.answer(picture))
    values = stream.status_while(good, 'nothing here: no view that the network knows for')
    assert int(values['frames of no known view']) > 0

    assert stream.probe.set_parameter('view_threshold', 0.0).successful
    stream.status_while(good, 'OK')
    assert stream.answer(picture)['detections'].detections
