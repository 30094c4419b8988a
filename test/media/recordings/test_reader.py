"""Recordings of every kind give the same messages; damaged ones give what is left, and say what is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import make_reader
from mcap.writer import CompressionType, IndexType
from support.recordings import IMAGE, INFO, ROS1, START, Entry, film, write_bag, write_mcap, write_ros1_bag

from mt3dnet_ros.media.recordings.files import is_recording
from mt3dnet_ros.media.recordings.message import UnreadableRecordingError
from mt3dnet_ros.media.recordings.reader import RecordingReader

FRAMES = 12
RANDOM = np.random.default_rng(3)
PICTURES = [RANDOM.integers(0, 255, (40, 60, 3), np.uint8) for _ in range(FRAMES)]
MESSAGES = 2 * FRAMES


def entries() -> list[Entry]:
    return list(film(PICTURES))


def mcap(**options: object) -> Callable[[Path], Path]:
    return lambda folder: write_mcap(folder / 'a.mcap', entries(), **options)  # type: ignore[arg-type]


KINDS: dict[str, Callable[[Path], Path]] = {
    'lz4': mcap(),
    'zstd': mcap(compression=CompressionType.ZSTD),
    'not compressed': mcap(compression=CompressionType.NONE),
    'small chunks': mcap(chunk_size=1),
    'without chunks': mcap(use_chunking=False),
    'without index': mcap(index_types=IndexType.NONE, use_summary_offsets=False),
    'without statistics': mcap(use_statistics=False),
    'without a summary': mcap(
        index_types=IndexType.NONE,
        use_summary_offsets=False,
        use_statistics=False,
        repeat_channels=False,
        repeat_schemas=False,
    ),
    'bag of SQLite': lambda folder: write_bag(folder / 'bag', entries()),
    'SQLite alone': lambda folder: next(write_bag(folder / 'bag', entries()).glob('*.db3')),
    'bag of MCAP': lambda folder: write_bag(folder / 'bag', entries(), 'mcap'),
    'bag of MCAP, each message compressed': lambda folder: write_bag(folder / 'bag', entries(), 'mcap', 'message'),
    'bag of SQLite, each message compressed': lambda folder: write_bag(folder / 'bag', entries(), mode='message'),
    'bag of SQLite, the file compressed': lambda folder: write_bag(folder / 'bag', entries(), mode='file'),
    'bag of ROS 1': lambda folder: write_ros1_bag(folder / 'a.bag', film(PICTURES, store=ROS1)),
}


@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_of_recording_gives_the_same_messages(tmp_path: Path, kind: str) -> None:
    path = KINDS[kind](tmp_path)
    assert is_recording(path)
    with RecordingReader(path) as recording:
        assert {name: topic.message_type for name, topic in recording.topics.items()} == {
            '/camera/camera_info': INFO,
            '/camera/image_raw': IMAGE,
        }
        assert recording.names_of(IMAGE) == ['/camera/image_raw']
        assert recording.counts == {'/camera/camera_info': FRAMES, '/camera/image_raw': FRAMES}
        stored = list(recording.messages())
        assert [(message.topic.name, message.received) for message in stored] == [
            (entry.topic, entry.time) for entry in entries()
        ]
        images = [recording.decode(message) for message in recording.messages(['/camera/image_raw'])]
        assert recording.problems == []
    for index, (found, picture) in enumerate(zip(images, PICTURES, strict=True)):
        assert np.array_equal(found.data.reshape(40, 60, 3), picture)
        stamp = found.header.stamp
        assert (found.header.frame_id, stamp.sec * 10**9 + stamp.nanosec) == ('camera', START + index * 10**8)


def test_messages_of_interleaved_chunks_come_in_order_of_time(tmp_path: Path) -> None:
    disordered = sorted(entries(), key=lambda entry: (entry.topic, entry.time))  # first all infos, then all images
    with RecordingReader(write_mcap(tmp_path / 'a.mcap', disordered, chunk_size=20_000)) as recording:
        times = [message.received for message in recording.messages()]
    assert times == sorted(times) and len(times) == MESSAGES


def test_files_of_a_split_bag_follow_one_another(tmp_path: Path) -> None:
    found = entries()
    for index in range(12):  # 10 and 11 come after 9
        write_mcap(tmp_path / f'bag_{index}.mcap', found[2 * index : 2 * index + 2])
    (tmp_path / 'notes.txt').write_text('of the surgeon')
    (tmp_path / '._bag_0.mcap').write_text('of a Mac')
    assert is_recording(tmp_path)
    with RecordingReader(tmp_path) as recording:
        assert [message.received for message in recording.messages()] == [entry.time for entry in found]
        assert recording.counts['/camera/image_raw'] == FRAMES


def test_a_missing_and_a_broken_file_of_a_bag_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', entries(), 'mcap')
    shutil.copy(bag / 'bag.mcap', bag / 'bag_1.mcap')
    (bag / 'bag_2.mcap').write_bytes(b'no MCAP')
    text = (bag / 'metadata.yaml').read_text()
    (bag / 'metadata.yaml').write_text(text.replace('- bag.mcap', '- bag.mcap\n  - bag_3.mcap'))
    with RecordingReader(bag) as recording:
        assert len(list(recording.messages())) == 2 * MESSAGES
        assert recording.problems[0] == "'bag_3.mcap' is missing, which metadata.yaml names"
        assert 'bag_2.mcap' in recording.problems[1] and 'no MCAP' in recording.problems[1]


@pytest.mark.parametrize('text', ['{', '[]', 'rosbag2_bagfile_information: 3'])
def test_a_bag_with_damaged_metadata_is_read_and_says_so(tmp_path: Path, text: str) -> None:
    bag = write_bag(tmp_path / 'bag', entries(), 'mcap')
    (bag / 'metadata.yaml').write_text(text)
    with RecordingReader(bag) as recording:
        assert len(list(recording.messages())) == MESSAGES
        assert recording.problems == ['metadata.yaml is damaged']


@pytest.mark.parametrize('share', [0.3, 0.6, 0.95])
@pytest.mark.parametrize('chunked', [True, False])
def test_a_cut_recording_gives_what_lies_before_the_cut(tmp_path: Path, share: float, chunked: bool) -> None:
    path = write_mcap(tmp_path / 'a.mcap', entries(), chunk_size=15_000, use_chunking=chunked)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with RecordingReader(path) as recording:
        found = [message.received for message in recording.messages()]
        assert recording.problems and recording.problems[0].startswith('it was not closed')
        assert sum(recording.counts.values()) == len(found)
    assert found == [entry.time for entry in entries()][: len(found)]
    assert abs(len(found) - share * MESSAGES) <= 5


def test_a_damaged_chunk_costs_its_own_messages_only(tmp_path: Path) -> None:
    path = write_mcap(tmp_path / 'a.mcap', entries(), chunk_size=15_000)
    with path.open('rb') as stream:
        chunks = make_reader(stream).get_summary().chunk_indexes  # type: ignore[union-attr]
    content = bytearray(path.read_bytes())
    middle = chunks[2].chunk_start_offset + chunks[2].chunk_length // 2
    content[middle : middle + 50] = bytes(50)
    path.write_bytes(content)
    with RecordingReader(path) as recording:
        found = [message.received for message in recording.messages()]
        assert len(recording.problems) == 1 and 'are damaged (' in recording.problems[0]
        assert str(chunks[2].chunk_start_offset) in recording.problems[0]
    lost = {entry.time for entry in entries()} - set(found)
    assert lost == {
        entry.time for entry in entries() if chunks[2].message_start_time <= entry.time <= chunks[2].message_end_time
    }


def test_an_index_leads_past_damage_between_chunks(tmp_path: Path) -> None:
    path = write_mcap(tmp_path / 'a.mcap', entries(), chunk_size=15_000)
    with path.open('rb') as stream:
        chunks = make_reader(stream).get_summary().chunk_indexes  # type: ignore[union-attr]
    content = bytearray(path.read_bytes())
    content[chunks[1].chunk_start_offset : chunks[1].chunk_start_offset + 60] = bytes(60)
    path.write_bytes(content)
    with RecordingReader(path) as recording:
        found = [message.received for message in recording.messages()]
        assert found[-1] == entries()[-1].time and len(recording.problems) == 1


def test_a_cut_sqlite_file_gives_what_can_be_read_or_says_why_not(tmp_path: Path) -> None:
    path = next(write_bag(tmp_path / 'bag', entries()).glob('*.db3'))
    content = path.read_bytes()
    path.write_bytes(content[: int(0.7 * len(content))])
    with pytest.raises(UnreadableRecordingError, match=r"bag\.db3' cannot be read: .*malformed"):
        RecordingReader(path)


def test_a_bag_of_ros_1_that_was_not_closed_says_what_repairs_it(tmp_path: Path) -> None:
    path = write_ros1_bag(tmp_path / 'a.bag', film(PICTURES, store=ROS1))
    content = bytearray(path.read_bytes())
    position = content.index(b'index_pos=') + len(b'index_pos=')
    content[position : position + 8] = bytes(8)
    path.write_bytes(content)
    with pytest.raises(UnreadableRecordingError, match='rosbag reindex'):
        RecordingReader(path)


@pytest.mark.parametrize(('content', 'said'), [(b'', 'is empty'), (b'text', 'is no MCAP file')])
def test_what_is_no_recording_is_refused_by_name(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / 'a.mcap'
    path.write_bytes(content)
    with pytest.raises(UnreadableRecordingError, match=rf"a\.mcap' {said}"):
        RecordingReader(path)


def test_places_without_a_recording_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecordingError, match='does not exist; name an MCAP file or the folder of a bag'):
        RecordingReader(tmp_path / 'missing')
    with pytest.raises(UnreadableRecordingError, match='holds no recording'):
        RecordingReader(tmp_path)
    (tmp_path / 'a.txt').write_text('')
    with pytest.raises(UnreadableRecordingError, match='is no recording'):
        RecordingReader(tmp_path / 'a.txt')
    assert not is_recording(tmp_path) and not is_recording(tmp_path / 'a.txt')


def test_a_folder_of_several_recordings_is_not_taken_for_one(tmp_path: Path) -> None:
    write_mcap(tmp_path / 'monday.mcap', entries())
    write_mcap(tmp_path / 'tuesday.mcap', entries())
    with pytest.raises(UnreadableRecordingError, match=r'several recordings \(monday.mcap, tuesday.mcap\)'):
        RecordingReader(tmp_path)


def test_a_damaged_message_is_refused_by_the_name_of_its_topic(tmp_path: Path) -> None:
    with RecordingReader(write_mcap(tmp_path / 'a.mcap', entries())) as recording:
        stored = next(recording.messages(['/camera/image_raw']))
        cut = type(stored)(stored.topic, stored.data[:100], stored.received, stored.published)
        with pytest.raises(UnreadableRecordingError, match=r"message of '/camera/image_raw' .* is damaged"):
            recording.decode(cut)
