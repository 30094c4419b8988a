"""A recording is the folder that ros2 bag expects, and takes the place of nothing but another one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rosbags.rosbag2 import Reader
from support.recording_readers import by_index

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.ros.recording.bag_folder import mcap_files
from mt3dnet_ros.ros.recording.file import RecordedMessage, RecordingFile
from mt3dnet_ros.ros.recording.output import RecordingError

TEXT = b'\0\1\0\0\3\0\0\0hi\0'


def record(path: Path, count: int = 3, overwrite: bool = False) -> None:
    file = RecordingFile(path, overwrite=overwrite)
    for topic in ('/text', '/silent'):
        file.add_topic(topic, 'std_msgs/msg/String')
    for index in range(count):
        file.write(RecordedMessage('/text', TEXT, 1000 + 10 * index, 1000 + 10 * index))
    file.close()


def test_folder_says_what_is_in_it(tmp_path: Path) -> None:
    record(tmp_path / 'bag')
    assert sorted(path.name for path in (tmp_path / 'bag').iterdir()) == ['bag_0.mcap', 'metadata.yaml']
    with Reader(tmp_path / 'bag') as reader:
        assert (reader.message_count, reader.start_time, reader.duration) == (3, 1000, 21)
        assert {name: topic.msgcount for name, topic in reader.topics.items()} == {'/text': 3, '/silent': 0}
        assert [(connection.topic, time) for connection, time, _ in reader.messages()] == [
            ('/text', 1000), ('/text', 1010), ('/text', 1020)
        ]  # fmt: skip
    information = yaml.safe_load((tmp_path / 'bag' / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
    assert (information['version'], information['storage_identifier']) == (5, 'mcap')
    assert information['files'][0]['path'] == information['relative_file_paths'][0] == 'bag_0.mcap'
    offered = information['topics_with_message_count'][0]['topic_metadata']['offered_qos_profiles']
    assert isinstance(offered, str)  # as Humble to Kilted expect it


def test_recording_without_messages_is_a_bag(tmp_path: Path) -> None:
    record(tmp_path / 'bag', count=0)
    with Reader(tmp_path / 'bag') as reader:
        assert (reader.message_count, reader.duration) == (0, 0)


def test_path_that_ends_in_mcap_is_one_file(tmp_path: Path) -> None:
    record(tmp_path / 'one.mcap')
    assert [path.name for path in tmp_path.iterdir()] == ['one.mcap']
    assert by_index(tmp_path / 'one.mcap') == [('/text', TEXT)] * 3


def test_bag_is_replaced_only_where_told(tmp_path: Path) -> None:
    record(tmp_path / 'bag')
    with pytest.raises(RecordingError, match='exists already; move it'):
        record(tmp_path / 'bag')
    record(tmp_path / 'bag', count=1, overwrite=True)
    assert by_index(tmp_path / 'bag' / 'bag_0.mcap') == [('/text', TEXT)]


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / 'bag').mkdir()
    record(tmp_path / 'bag')
    assert len(by_index(tmp_path / 'bag' / 'bag_0.mcap')) == 3


@pytest.mark.parametrize('kept', ['notes.txt', 'other/notes.txt'])
def test_folder_with_anything_else_is_never_replaced(tmp_path: Path, kept: str) -> None:
    record(tmp_path / 'bag')
    (tmp_path / 'bag' / kept).parent.mkdir(exist_ok=True)
    (tmp_path / 'bag' / kept).write_text('precious')
    with pytest.raises(RecordingError, match='which is not the folder of a bag; choose another output'):
        record(tmp_path / 'bag', overwrite=True)
    assert (tmp_path / 'bag' / kept).read_text() == 'precious'


def test_files_of_a_recording_are_found(tmp_path: Path) -> None:
    record(tmp_path / 'bag')
    file = tmp_path / 'bag' / 'bag_0.mcap'
    assert mcap_files(tmp_path / 'bag') == mcap_files(file) == [file]
    (tmp_path / 'bag' / 'metadata.yaml').unlink()
    assert mcap_files(tmp_path / 'bag') == [file]
    with pytest.raises(InputError, match='holds no MCAP file'):
        mcap_files(tmp_path)
