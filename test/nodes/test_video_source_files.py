"""Images follow the time stamps of the file they come from, past what is damaged, hidden or of another size."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo, Image
from support.calibration_file import write_calibration
from support.ros_listener import listening, wait_for_end
from support.ros_processes import NodeProcess
from support.videos import clip_pictures, damage, grey_pictures, write_video

from mt3dnet_ros.ros.messages.images import decode_image

StartNode = Callable[..., NodeProcess]
TIMES = [0, 40, 80, 400, 433, 700]  # ms


def nanoseconds(messages: list[Image]) -> list[int]:
    return [message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec for message in messages]


def play(start_node: StartNode, wanted: int, **parameters: object) -> tuple[list[Image], list[CameraInfo], str]:
    with listening() as listener:
        images, infos = listener.collect(Image, 'image'), listener.collect(CameraInfo, 'camera_info')
        process = start_node('video_source', parameters)
        listener.spin_until(lambda: len(images) >= wanted and len(infos) >= wanted)
    code, output = process.stop() if parameters.get('loop') else wait_for_end(process)
    assert (code, 'Traceback' in output) == (0, False), output
    return images, infos, output


def test_stamps_and_pace_are_those_of_the_file(tmp_path: Path, start_node: StartNode) -> None:
    video = write_video(tmp_path / 'varying.mkv', grey_pictures(len(TIMES)), times=TIMES)
    images, infos, output = play(start_node, len(TIMES), source=str(video))
    if ' 0 late' in output:  # else what followed was moved
        steps = (np.array(nanoseconds(images)) - nanoseconds(images)[0]) // 1000
        np.testing.assert_array_equal(steps, 1000 * np.array(TIMES))
    assert nanoseconds(images)[-1] - nanoseconds(images)[0] >= 700_000_000
    assert [image.header for image in images] == [info.header for info in infos]
    assert [round(decode_image(image).mean(), -1) for image in images] == [10.0 * i + 10 for i in range(len(TIMES))]


def test_a_rate_of_ones_own_replaces_the_times_of_the_file(tmp_path: Path, start_node: StartNode) -> None:
    video = write_video(tmp_path / 'varying.mkv', grey_pictures(len(TIMES)), times=TIMES)
    images, _, _ = play(start_node, len(TIMES), source=str(video), rate=20.0)
    assert np.median(np.diff(nanoseconds(images))) == pytest.approx(50_000_000, rel=0.01)


def test_stamps_go_on_over_repeats(tmp_path: Path, start_node: StartNode) -> None:
    video = write_video(tmp_path / 'varying.mkv', grey_pictures(3), times=[0, 20, 100])
    images, _, _ = play(start_node, 9, source=str(video), loop=True)
    steps = np.diff(nanoseconds(images)[:9])
    assert (steps > 0).all()
    assert np.median(steps[1::3]) == pytest.approx(80_000_000, rel=0.05), 'from the second picture to the third'


def test_pictures_that_cannot_be_decoded_are_counted_and_hidden_files_are_none(
    tmp_path: Path, start_node: StartNode
) -> None:
    for index in range(5):
        cv2.imwrite(str(tmp_path / f'frame{index}.png'), np.full((48, 64, 3), 40 * index, np.uint8))
    (tmp_path / 'frame2.png').write_bytes(b'no picture')
    for name in ('._frame.png', '.DS_Store', 'Thumbs.db', '._frame0.png'):
        (tmp_path / name).write_bytes(b'\x00\x05\x16\x07')
    images, _, output = play(start_node, 4, source=str(tmp_path))
    assert '4 images published' in output and '1 pictures missing, 0 damaged' in output and 'frame2.png' in output
    assert [round(decode_image(image).mean()) for image in images] == [0, 40, 120, 160]


def test_a_damaged_video_is_played_to_its_end_and_said_to_be_damaged(tmp_path: Path, start_node: StartNode) -> None:
    video = write_video(tmp_path / 'film.avi', clip_pictures(25, (160, 128)), 'mjpeg', 'yuvj420p')
    images, _, output = play(start_node, 21, source=str(damage(video, 4)), rate=100.0)
    published = int(re.search(r'(\d+) images published', output)[1])
    assert published == 25
    assert len(images) <= published
    assert '[WARN]' in output and "film.avi' is damaged: " in output


def test_an_image_of_another_size_has_the_camera_of_its_size_or_is_refused(
    tmp_path: Path, start_node: StartNode
) -> None:
    (tmp_path / 'images').mkdir()
    for name, width, height in (('a', 64, 48), ('b', 128, 96), ('c', 64, 64), ('d', 64, 48)):
        cv2.imwrite(str(tmp_path / 'images' / f'{name}.png'), np.zeros((height, width, 3), np.uint8))
    write_calibration(tmp_path / 'camera.yaml', 64, 48)
    images, infos, output = play(
        start_node, 3, source=str(tmp_path / 'images'), calibration=str(tmp_path / 'camera.yaml')
    )
    assert [(image.width, image.height) for image in images] == [(64, 48), (128, 96), (64, 48)]
    assert [(info.width, info.height) for info in infos] == [(64, 48), (128, 96), (64, 48)]
    assert infos[1].k[0] == pytest.approx(2 * infos[0].k[0])
    assert '3 images published' in output and '1 refused' in output and '64 x 64' in output
