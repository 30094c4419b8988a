"""A source publishes its pictures unchanged, at their rate, with a fitting CameraInfo, and ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from rcl_interfaces.srv import GetParameters
from sensor_msgs.msg import CameraInfo, Image
from support.calibration_file import write_calibration
from support.ros_listener import listening, wait_for_end
from support.ros_probe import Probe
from support.ros_processes import NodeProcess

from mt3dnet_ros.nodes.video_source import StartSignal
from mt3dnet_ros.ros.messages.images import decode_image

StartNode = Callable[..., NodeProcess]


def write_folder(path: Path, count: int = 12) -> list[np.ndarray]:
    path.mkdir()
    pictures = [np.random.default_rng(index).integers(0, 256, (48, 64, 3), np.uint8) for index in range(count)]
    for index, picture in enumerate(pictures):
        cv2.imwrite(str(path / f'frame{index}.png'), picture[..., ::-1])
    return pictures


def stamps(messages: list[Image] | list[CameraInfo]) -> list[float]:
    return [message.header.stamp.sec + message.header.stamp.nanosec * 1e-9 for message in messages]


@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8'])
def test_folder_arrives_whole_and_the_node_ends(tmp_path: Path, start_node: StartNode, encoding: str) -> None:
    pictures = write_folder(tmp_path / 'images')
    with listening() as listener:
        images = listener.collect(Image, 'image')
        infos = listener.collect(CameraInfo, 'camera_info')
        process = start_node(
            'video_source',
            {'source': str(tmp_path / 'images'), 'encoding': encoding, 'horizontal_fov': 60.0, 'frame_id': 'scope'},
        )
        listener.spin_until(lambda: len(images) == 12 and len(infos) == 12)
    code, output = wait_for_end(process)
    assert (code, 'Traceback' in output) == (0, False), output
    assert '12 images published, ' in output
    assert all(image.encoding == encoding and image.header.frame_id == 'scope' for image in images)
    for image, picture in zip(images, pictures, strict=True):
        np.testing.assert_array_equal(decode_image(image), picture)
    assert [image.header for image in images] == [info.header for info in infos]
    assert np.median(np.diff(stamps(images))) == pytest.approx(1 / 25, rel=0.2)
    focal = 32 / math.tan(math.radians(30))
    np.testing.assert_allclose(infos[0].k, [focal, 0, 31.5, 0, focal, 23.5, 0, 0, 1])


def test_loop_goes_on_at_the_rate_asked_for_until_interrupted(tmp_path: Path, start_node: StartNode) -> None:
    pictures = write_folder(tmp_path / 'images', 5)
    with listening() as listener:
        images = listener.collect(Image, 'image')
        process = start_node('video_source', {'source': str(tmp_path / 'images'), 'loop': True, 'rate': 100.0})
        listener.spin_until(lambda: len(images) >= 103)
    code, output = process.stop()
    assert (code, 'Traceback' in output) == (0, False), output
    for index in (0, 4, 5, 52, 101):
        np.testing.assert_array_equal(decode_image(images[index]), pictures[index % 5])
    assert np.median(np.diff(stamps(images))) == pytest.approx(1 / 100, rel=0.2)


def test_nothing_is_published_before_someone_listens(tmp_path: Path, start_node: StartNode) -> None:
    write_folder(tmp_path / 'images', 3)
    process = start_node('video_source', {'source': str(tmp_path / 'images'), 'rate': 100.0})
    process.wait_for_output('once 1 subscribe')
    with listening() as listener:
        listener.spin_for(0.5)
        assert process.running
        images = listener.collect(Image, 'image')
        listener.spin_until(lambda: len(images) == 3)
    assert wait_for_end(process)[0] == 0


def test_parameters_can_be_read_while_it_runs(tmp_path: Path, start_node: StartNode) -> None:
    write_folder(tmp_path / 'images', 1)
    process = start_node('video_source', {'source': str(tmp_path / 'images'), 'rate': 7.0})
    process.wait_for_output('once 1 subscribe')
    probe = Probe('/video_source')
    try:
        answer = probe.call(GetParameters, 'get_parameters', GetParameters.Request(names=['rate', 'frame_id']))
    finally:
        probe.close()
    assert [answer.values[0].double_value, answer.values[1].string_value] == [7.0, 'endoscope_optical_frame']


def test_bad_source_or_calibration_ends_with_one_clear_error(tmp_path: Path, start_node: StartNode) -> None:
    write_folder(tmp_path / 'images', 1)
    (tmp_path / 'text.mp4').write_text('no video')
    write_calibration(tmp_path / 'wide.yaml', 128, 72)
    images = str(tmp_path / 'images')
    cases = {
        "source '.*missing.mp4' does not exist": {'source': str(tmp_path / 'missing.mp4')},
        "video '.*text.mp4' cannot be opened": {'source': str(tmp_path / 'text.mp4')},
        'encoding: .mono8. is not known': {'source': images, 'encoding': 'mono8'},
        r"wide.yaml'.* 128 x 72 .* 64 x 48": {'source': images, 'calibration': str(tmp_path / 'wide.yaml')},
    }
    processes = {reason: start_node('video_source', parameters) for reason, parameters in cases.items()}
    for reason, process in processes.items():
        code, output = wait_for_end(process)
        errors = [line for line in output.splitlines() if '[FATAL]' in line]
        assert (code, len(errors), 'Traceback' in output) == (1, 1, False), output
        with pytest.raises(ValueError, match=reason):
            raise ValueError(errors[0])


def test_start_waits_until_enough_have_subscribed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr('mt3dnet_ros.nodes.video_source.time.monotonic', lambda: now[0])
    signal = StartSignal(2)

    def given_at(time: float, subscribers: int) -> bool:
        now[0] = time
        return signal.given(subscribers)

    assert not given_at(101.0, 0)
    assert not given_at(102.0, 1)
    assert not given_at(103.0, 2)
    assert not given_at(103.2, 1)  # one left again
    assert not given_at(103.4, 2)
    assert not given_at(103.6, 3)
    assert given_at(103.8, 2)
    assert given_at(104.0, 0)  # once started, it goes on
    assert StartSignal(0).given(0)
