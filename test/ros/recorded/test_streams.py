"""The images of a recording, and the CameraInfo that belongs to them, are found by types, names and frames."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from support.recordings import INFO, START, Entry, camera_info, film, image, write_mcap

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.recordings.reader import RecordingReader
from mt3dnet_ros.ros.recorded.streams import choose_camera_info, choose_images

PICTURE = np.zeros((8, 12, 3), np.uint8)


def images(topic: str, frame: str = 'camera') -> list[Entry]:
    return list(film([PICTURE], topic, info='', frame=frame))


def infos(topic: str, frame: str = 'camera') -> list[Entry]:
    return [Entry(topic, INFO, camera_info((12, 8), 10.0, START, frame), START)]


def chosen(folder: Path, entries: Iterable[Entry], wanted: str = '') -> str:
    with RecordingReader(write_mcap(folder / 'a.mcap', entries)) as recording:
        return choose_images(recording, wanted)


@pytest.mark.parametrize('topic', ['/camera/image_raw', '/camera/image_raw/compressed', '/anything'])
def test_one_topic_of_images_needs_no_name(tmp_path: Path, topic: str) -> None:
    assert chosen(tmp_path, images(topic) + infos('/camera/camera_info')) == topic


def test_a_camera_that_was_recorded_raw_and_compressed_is_read_raw(tmp_path: Path) -> None:
    assert chosen(tmp_path, images('/camera/image/compressed') + images('/camera/image')) == '/camera/image'


def test_several_cameras_are_refused_with_the_list_and_one_is_named(tmp_path: Path) -> None:
    both = images('/left/image') + images('/right/image') + images('/right/image')
    said = r'several topics of images; add --topic \(/left/image: 1 images, /right/image: 2 images\)'
    with pytest.raises(InputError, match=said):
        chosen(tmp_path, both)
    assert chosen(tmp_path, both, '/right/image') == '/right/image'
    with pytest.raises(InputError, match=r"no images on the topic '/middle' \(/left/image: 1 images"):
        chosen(tmp_path, both, '/middle')


@pytest.mark.parametrize('encoding', ['32FC1', '16UC1'])
def test_a_depth_image_is_no_picture(tmp_path: Path, encoding: str) -> None:
    kind = np.float32 if encoding == '32FC1' else np.uint16
    depth = image(np.zeros((4, 6), kind).view(np.uint8), START, encoding=encoding)
    entries = [Entry('/camera/depth', 'sensor_msgs/msg/Image', depth, START), *images('/camera/image')]
    assert chosen(tmp_path, entries) == '/camera/image'


def test_a_recording_without_images_is_refused_with_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'no topic of images .*; it has /camera_info \(sensor_msgs/msg/CameraInfo\)'):
        chosen(tmp_path, infos('/camera_info'))


@pytest.mark.parametrize(
    ('topic', 'known', 'expected'),
    [
        ('/camera/image_raw', ['/camera/camera_info'], '/camera/camera_info'),
        ('/camera/image_raw/compressed', ['/camera/camera_info'], '/camera/camera_info'),
        ('/image', ['/camera_info'], '/camera_info'),
        ('/rig/left/image', ['/rig/left/camera_info', '/rig/right/camera_info'], '/rig/left/camera_info'),
        ('/rig/left/image', ['/rig/info:camera', '/rig/other:elsewhere'], '/rig/info'),  # of the same frame
        ('/rig/left/color/image', ['/rig/left/info:a', '/rig/right/info:b'], '/rig/left/info'),
        ('/rig/image', ['/rig/one/info:a', '/rig/two/info:b'], ''),  # either might be meant
        ('/rig/image', ['/elsewhere/camera_info:other'], ''),
        ('/rig/image', [], ''),
    ],
)
def test_camera_info_is_that_beside_the_images_or_of_their_frame_or_camera(
    tmp_path: Path, topic: str, known: list[str], expected: str
) -> None:
    given = [name.partition(':') for name in known]
    entries = images(topic) + [entry for name, _, frame in given for entry in infos(name, frame or 'camera')]
    with RecordingReader(write_mcap(tmp_path / 'a.mcap', entries)) as recording:
        assert choose_camera_info(recording, topic, 'camera') == expected
