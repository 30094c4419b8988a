"""``mt3dnet predict`` on recordings: files, and new recordings beside the old topics."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.recordings import (
    INFO,
    ROS1,
    ROS2,
    SECOND,
    START,
    Entry,
    camera_info,
    film,
    write_bag,
    write_mcap,
    write_ros1_bag,
)
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.media.recordings.reader import RecordingReader
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load

FRAMES = 4
SIZE = (128, 96)
PICTURES = [tissue(96, 128, seed) for seed in range(FRAMES)]
FOCAL = 140.0
WITHOUT_ROS = """
import sys
from importlib.abc import MetaPathFinder
class NoROS(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        package = name.partition('.')[0]
        of_ros = package in ('rclpy', 'rosidl_runtime_py', 'ament_index_python')
        if of_ros or package.endswith(('_msgs', '_interfaces')) or name.startswith('mt3dnet_ros.msg'):
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)
sys.meta_path.insert(0, NoROS())
from mt3dnet_ros.commands.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')


def arguments(checkpoint: Path, source: Path, output: Path | None, *options: str) -> list[str]:
    places = ['--output', str(output)] if output else []
    common = ['--checkpoint', str(checkpoint), '--device', 'cpu', '--score-threshold', '0.05']
    return ['predict', str(source), *places, *common, *options]


def images_of(output: Path) -> list[dict[str, object]]:
    return json.loads((output / 'images.json').read_text())['images']


def depth_of(output: Path, stem: str = '000000') -> np.ndarray:
    return cv2.imread(str(output / 'depth' / f'{stem}.tiff'), cv2.IMREAD_UNCHANGED)


def expected_depth(checkpoint: Path, focal: float = FOCAL, picture: np.ndarray = PICTURES[0]) -> np.ndarray:
    from mt3dnet_ros.geometry.camera import Camera

    camera = Camera(*SIZE, focal, focal, SIZE[0] / 2, SIZE[1] / 2)
    found = load(checkpoint, 'cpu')(Frame(picture, START), camera, {'depth'}).depth
    assert found is not None
    return found


SOURCES = {
    'mcap': lambda folder: write_mcap(folder / 'a.mcap', film(PICTURES)),
    'compressed images': lambda folder: write_mcap(folder / 'a.mcap', film(PICTURES, '/camera/image/compressed')),
    'bag of SQLite': lambda folder: write_bag(folder / 'bag', film(PICTURES)),
    'bag of MCAP': lambda folder: write_bag(folder / 'bag', film(PICTURES), 'mcap'),
    'bag of ROS 1': lambda folder: write_ros1_bag(folder / 'a.bag', film(PICTURES, store=ROS1)),
}


@pytest.mark.parametrize('kind', SOURCES)
def test_files_have_the_stamps_and_the_camera_of_the_messages(tmp_path: Path, checkpoint: Path, kind: str) -> None:
    source, output = SOURCES[kind](tmp_path), tmp_path / 'out'
    assert main(arguments(checkpoint, source, output, '--clouds')) == 0
    found = images_of(output)
    assert [image['stem'] for image in found] == [f'{index:06d}' for index in range(FRAMES)]
    assert [image['stamp'] for image in found] == [START + index * SECOND // 10 for index in range(FRAMES)]
    assert {path.name for path in (output / 'clouds').iterdir()} == {f'{index:06d}.ply' for index in range(FRAMES)}
    if kind != 'compressed images':  # whose pixels are other ones
        np.testing.assert_allclose(depth_of(output), expected_depth(checkpoint), rtol=1e-5)
    capture = cv2.VideoCapture(str(output / 'overlay.mp4'))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(10.0)


def test_without_ros_files_are_written_and_a_new_recording_is_refused_with_the_reason(
    tmp_path: Path, checkpoint: Path
) -> None:
    source = write_mcap(tmp_path / 'a.mcap', film(PICTURES[:1]))
    command = [sys.executable, '-c', WITHOUT_ROS, *arguments(checkpoint, source, tmp_path / 'out')]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(images_of(tmp_path / 'out')) == 1
    options = ['--record', str(tmp_path / 'new')]
    command = [sys.executable, '-c', WITHOUT_ROS, *arguments(checkpoint, source, None, *options)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    assert '--record needs ROS 2 and the messages of mt3dnet_ros' in done.stderr and 'Traceback' not in done.stderr


def test_camera_info_that_comes_after_the_images_is_theirs_all_the_same(tmp_path: Path, checkpoint: Path) -> None:
    late = sorted(film(PICTURES), key=lambda entry: entry.topic.endswith('camera_info'))
    late = [entry._replace(time=START + index) for index, entry in enumerate(late)]
    output = tmp_path / 'out'
    assert main(arguments(checkpoint, write_mcap(tmp_path / 'a.mcap', late), output)) == 0
    np.testing.assert_allclose(depth_of(output), expected_depth(checkpoint), rtol=1e-5)


def test_a_zoom_changes_the_camera_of_later_images(tmp_path: Path, checkpoint: Path) -> None:
    wide, tele = film(PICTURES[:1], focal=FOCAL), film(PICTURES[:2], focal=2 * FOCAL)
    entries = [*wide, *list(tele)[2:]]
    output = tmp_path / 'out'
    assert main(arguments(checkpoint, write_mcap(tmp_path / 'a.mcap', entries), output)) == 0
    np.testing.assert_allclose(depth_of(output), expected_depth(checkpoint), rtol=1e-5)
    later = expected_depth(checkpoint, 2 * FOCAL, PICTURES[1])
    np.testing.assert_allclose(depth_of(output, '000001'), later, rtol=1e-5)


def without_info() -> Iterable[Entry]:
    return film(PICTURES, info='')


def with_placeholder() -> Iterable[Entry]:
    for entry in film(PICTURES):
        yield entry._replace(content=camera_info(SIZE, 0.0, START)) if entry.kind == INFO else entry


@pytest.mark.parametrize(
    ('entries', 'said'),
    [
        (without_info, "no CameraInfo belongs to '/camera/image_raw'"),
        (with_placeholder, 'the camera is not calibrated'),
    ],
)
def test_images_without_a_usable_camera_are_predicted_on_and_the_reason_is_said(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str], entries: object, said: str
) -> None:
    source = write_mcap(tmp_path / 'a.mcap', entries())  # type: ignore[operator]
    assert main(arguments(checkpoint, source, tmp_path / 'out')) == 0
    assert said in capsys.readouterr().err
    assert json.loads((tmp_path / 'out' / 'images.json').read_text())['info']['calibrated'] is False
    assert main(arguments(checkpoint, source, tmp_path / 'other', '--clouds')) != 0
    assert said in capsys.readouterr().err


def test_a_cut_recording_gives_what_it_has_and_exit_1(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_mcap(tmp_path / 'a.mcap', film(PICTURES), chunk_size=1)
    content = source.read_bytes()
    source.write_bytes(content[: len(content) // 2])
    assert main(arguments(checkpoint, source, tmp_path / 'out')) == 1
    assert 0 < len(images_of(tmp_path / 'out')) < FRAMES
    assert 'is damaged: it was not closed' in capsys.readouterr().err


def test_images_that_cannot_be_read_are_counted_and_named(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = list(film(PICTURES))
    entries[3].content.encoding = 'of another world'
    entries[5].content.header.stamp.sec = -1
    assert main(arguments(checkpoint, write_mcap(tmp_path / 'a.mcap', entries), tmp_path / 'out')) == 1
    said = capsys.readouterr().err
    assert '2 of 4 pictures could not be predicted on' in said
    assert "000001: image encoding 'of another world' is not supported" in said and '000002: stamp sec=-1' in said
    assert [image['stem'] for image in images_of(tmp_path / 'out')] == ['000000', '000003']


def test_what_lies_beyond_the_limit_is_not_missed(tmp_path: Path, checkpoint: Path) -> None:
    source = write_mcap(tmp_path / 'a.mcap', film(PICTURES))
    assert main(arguments(checkpoint, source, tmp_path / 'out', '--limit', '2')) == 0
    assert len(images_of(tmp_path / 'out')) == 2


@pytest.mark.parametrize('option', ['--topic', '--camera-info', '--record'])
def test_options_of_recordings_are_refused_with_other_input(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    picture = tmp_path / 'picture.png'
    cv2.imwrite(str(picture), PICTURES[0])
    output = None if option == '--record' else tmp_path / 'out'
    assert main(arguments(checkpoint, picture, output, option, '/x')) != 0
    assert f'{option} is for recordings' in capsys.readouterr().err


@pytest.mark.parametrize('place', ['new', 'new.mcap'])
def test_a_new_recording_has_the_old_messages_and_beside_them_the_new_ones(
    tmp_path: Path, checkpoint: Path, place: str
) -> None:
    pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
    source = write_mcap(tmp_path / 'a.mcap', film(PICTURES))
    assert main(arguments(checkpoint, source, None, '--record', str(tmp_path / place))) == 0
    with RecordingReader(source) as old, RecordingReader(tmp_path / place) as new:
        assert new.problems == []
        for name in old.topics:
            before, after = ([(m.data, m.received, m.published) for m in each.messages([name])] for each in (old, new))
            assert before == after
        times = [message.received for message in old.messages(['/camera/image_raw'])]
        for name in ('detections', 'depth/image', 'depth/camera_info', 'points', 'overlay', 'markers'):
            assert [message.received for message in new.messages([f'/perception/{name}'])] == times, name
        depth = [new.decode(message) for message in new.messages(['/perception/depth/image'])]
        labels = [new.decode(message) for message in new.messages(['/perception/segmentation/label_info'])]
        assert '/perception/scanpath' not in new.topics  # the network has no saliency
    assert labels[0].taxonomy == 'endovis2018' and len(labels) == 1
    assert [found.header.stamp.sec * SECOND + found.header.stamp.nanosec for found in depth] == [
        START + index * SECOND // 10 for index in range(FRAMES)
    ]
    assert {found.header.frame_id for found in depth} == {'camera'}
    values = depth[0].data.view(np.float32).reshape(96, 128)
    np.testing.assert_allclose(values, expected_depth(checkpoint), rtol=1e-5)


def test_a_new_recording_replaces_what_an_earlier_run_had_added(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
    source = write_mcap(tmp_path / 'a.mcap', film(PICTURES[:2]))
    first, second = str(tmp_path / 'first'), str(tmp_path / 'second')
    assert main(arguments(checkpoint, source, None, '--record', first)) == 0
    assert main(arguments(checkpoint, Path(first), None, '--record', second)) == 0
    assert "'/perception/detections' is not copied: written anew" in capsys.readouterr().err
    with RecordingReader(first) as old, RecordingReader(second) as new:
        assert new.counts == old.counts


def test_a_new_recording_never_takes_the_place_of_the_old_one(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
    source = write_mcap(tmp_path / 'a.mcap', film(PICTURES))
    before = source.read_bytes()
    assert main(arguments(checkpoint, source, None, '--record', str(source), '--overwrite')) != 0
    assert 'would change the input' in capsys.readouterr().err
    assert source.read_bytes() == before


def test_beside_messages_of_ros_1_none_is_recorded(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
    source = write_ros1_bag(tmp_path / 'a.bag', film(PICTURES, store=ROS1))
    assert main(arguments(checkpoint, source, None, '--record', str(tmp_path / 'new'))) != 0
    assert 'rosbags-convert' in capsys.readouterr().err


def test_messages_whose_type_is_not_installed_are_copied(tmp_path: Path, checkpoint: Path) -> None:
    pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
    kind = 'nav_msgs/msg/Path'
    path = ROS2.types[kind](header=film_header(), poses=[])
    entries = [*film(PICTURES[:1]), Entry('/path', kind, path, START + SECOND)]
    source = write_mcap(tmp_path / 'a.mcap', entries)
    assert main(arguments(checkpoint, source, None, '--record', str(tmp_path / 'new'))) == 0
    with RecordingReader(tmp_path / 'new') as new:
        (found,) = new.messages(['/path'])
        assert new.decode(found).header.frame_id == 'camera'


def film_header() -> object:
    return next(iter(film(PICTURES[:1]))).content.header
