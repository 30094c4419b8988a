"""What the package makes of files: calibrations, labels, recipes, checkpoints, recordings, pictures and masks."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from rclpy.serialization import serialize_message
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from safetensors.numpy import save

from attack.message_targets import good_camera_info, good_compressed, good_image
from attack.mutation import spoiled, spoiled_text
from attack.pictures import blobs, good_picture, spoiled_picture
from attack.target import Target
from mt3dnet_ros.commands.making.plan import read_plan
from mt3dnet_ros.datasets.files import read_colours, read_ids, read_mask
from mt3dnet_ros.datasets.files import read_image as read_labelled_image
from mt3dnet_ros.datasets.saliency.files import read_scanpath, scanpath_path
from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.media.calibration.stereo import read_stereo_transform
from mt3dnet_ros.media.calibration_file import read_camera, read_pair_of_cameras
from mt3dnet_ros.media.image_files import read_image
from mt3dnet_ros.media.recordings.reader import RecordingReader
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.perception.checkpoint import load_network
from mt3dnet_ros.perception.checkpoint_header import FORMAT, VERSION, read_config
from mt3dnet_ros.perception.export.onnx_file import read_exported
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.resources import package_file
from mt3dnet_ros.ros.frames.hand_eye import read_hand_eye
from mt3dnet_ros.ros.message_types import message_name
from mt3dnet_ros.ros.messages.headers import SECOND
from mt3dnet_ros.ros.recording.file import RecordedMessage, RecordingFile
from mt3dnet_ros.training.recipe_file import read_recipe

Read = Callable[[Path], Any]
_SIZE = 24, 32  # height and width of pictures and masks
_CONFIG = MT3DNetConfig(classes=('background', 'forceps'))
_MESSAGES = 6  # of a recording
_HAND_EYE = """parent_frame: link
child_frame: camera
transform: {translation: {x: 0, y: 0, z: 0.1}, rotation: {x: 0, y: 0, z: 0, w: 1}}
"""
_XML = """<?xml version="1.0"?>
<opencv_storage>
<image_width>640</image_width><image_height>480</image_height>
<camera_matrix type_id="opencv-matrix"><rows>3</rows><cols>3</cols><dt>d</dt>
<data>500. 0. 320. 0. 500. 240. 0. 0. 1.</data></camera_matrix>
<distortion_coefficients type_id="opencv-matrix"><rows>1</rows><cols>5</cols><dt>d</dt>
<data>-0.2 0.1 0. 0. 0.</data></distortion_coefficients>
</opencv_storage>
"""
_INI = """[image]
width
640
height
480
[narrow_stereo/left]
camera matrix
500.0 0.0 320.0
0.0 500.0 240.0
0.0 0.0 1.0
distortion
-0.2 0.1 0.0 0.0 0.0
rectification
1.0 0.0 0.0
0.0 1.0 0.0
0.0 0.0 1.0
projection
500.0 0.0 320.0 0.0
0.0 500.0 240.0 0.0
0.0 0.0 1.0 0.0
"""
_PAIR = """M1: [500, 0, 320, 0, 500, 240, 0, 0, 1]
D1: [0, 0, 0, 0, 0]
M2: [500, 0, 320, 0, 500, 240, 0, 0, 1]
D2: [0, 0, 0, 0, 0]
R: [1, 0, 0, 0, 1, 0, 0, 0, 1]
T: [-4.0, 0, 0]
image_width: 640
image_height: 480
"""
_INTUITIVE = """Image-width: 1280
Image-height: 1024
Camera-0-F: 1084.2 1084.1 // focal length
Camera-0-C: 580.0 506.0
Camera-0-K: 0.0 0.0 0.0 0.0 0.0
Camera-1-F: 1084.2 1084.1
Camera-1-C: 680.0 506.0
Camera-1-K: 0.0 0.0 0.0 0.0 0.0
Extrinsic-Omega: 0.0001 0.0 0.0
Extrinsic-T: -4.2 0.0 0.0
"""


def file_target(
    name: str, suffix: str, good: Sequence[str], read: Read, weight: float = 0.1, words: Sequence[str] = ()
) -> Target:
    """Return the target of a reader of text files.

    :param words: that belong into such a file
    """

    def spoil(text: bytes, chance: random.Random) -> bytes:
        return spoiled_text(text.decode(), chance, words).encode(errors='surrogatepass')

    return Target(name, lambda chance: chance.choice(good).encode(), spoil, lambda: _file(suffix, read), weight)


@contextmanager
def _file(suffix: str, read: Read) -> Iterator[Callable[[bytes], str]]:
    """Give what is attacked with to a reader of files."""
    with TemporaryDirectory(prefix='mt3dnet_ros_fuzz_') as folder:
        path = Path(folder) / f'given{suffix}'

        def take(content: bytes) -> str:
            path.write_bytes(content)
            found = read(path)
            return found if isinstance(found, str) else ''

        yield take


def _texts(*parts: str) -> list[str]:
    return [path.read_text(encoding='utf-8') for path in sorted(package_file(*parts).glob('*.yaml'))]


def _recipes() -> list[str]:
    names = ('default', 'endovis2018', 'st_mtl_endovis2017')
    return [package_file('config', 'train', f'{name}.yaml').read_text(encoding='utf-8') for name in names]


def _read_calibration(path: Path) -> None:
    """Read a file in every way in which calibrations are; raises where it has neither a camera nor a pair."""
    of_one, of_pair = _refusal(partial(read_camera, path)), _refusal(partial(read_pair_of_cameras, path))
    _refusal(partial(read_stereo_transform, path))
    if of_one and of_pair:
        raise of_one


def _refusal(read: Callable[[], Any]) -> MT3DNetError | None:
    """Return the error that reading ends with; None where it does not."""
    try:
        read()
    except MT3DNetError as error:
        return error
    return None


def _read_recipe(path: Path) -> None:
    read_recipe(path, ('data=data', 'output=output'))


def _read_mask(path: Path) -> None:
    for refusal in [_refusal(partial(read, path, _SIZE)) for read in (read_ids, read_mask, read_colours)]:
        if refusal:
            raise refusal


def _read_pictures(path: Path) -> None:
    read_labelled_image(path)
    read_image(path)


def _good_mask(chance: random.Random) -> bytes:
    ids = (blobs(*_SIZE, chance)[..., 0] > 128).astype(np.uint8)
    return cv2.imencode('.png', ids)[1].tobytes()


def _spoiled_header(good: bytes, chance: random.Random) -> bytes:
    """Return a checkpoint whose header of JSON says something else, or whose bytes are damaged."""
    if chance.random() < 0.3:
        return spoiled(good, chance)
    size = int.from_bytes(good[:8], 'little')
    header = json.loads(good[8 : 8 + size])
    metadata = header['__metadata__']
    name = chance.choice(sorted(metadata))
    metadata[name] = _spoiled_json(metadata[name], chance)
    text = json.dumps(header).encode()
    if chance.random() < 0.2:
        text = spoiled_text(text.decode(), chance).encode(errors='replace')
    return len(text).to_bytes(8, 'little') + text + good[8 + size :]


def _spoiled_json(text: str, chance: random.Random) -> str:
    try:
        values = json.loads(text)
    except ValueError:
        return spoiled_text(text, chance)
    if isinstance(values, dict) and chance.random() < 0.7:
        key = chance.choice((*sorted(values), 'another'))
        values[key] = chance.choice(
            (None, -1, 0, 1, 10**9, 2**70, 1e300, float('nan'), float('inf'), '', 'b0', [], [1], [0, 0], [-32, 64],
             [10**6, 10**6], [1.5, 'a'], [[]], {}, {'a': 1}, True, ['a'] * 300, 'x' * 10_000, [float('nan')] * 3)
        )  # fmt: skip
        return json.dumps(values)
    return spoiled_text(text, chance, ('1' * 5_000, '[' * 2_000, '{"a":' * 2_000))


@lru_cache(maxsize=1)
def _checkpoint() -> bytes:
    metadata = {'format': FORMAT, 'version': VERSION, 'config': json.dumps(asdict(_CONFIG)), 'recipe': '{"steps": 3}'}
    return save({'a': np.zeros((2, 3), np.float16)}, metadata)


@lru_cache(maxsize=1)
def _network() -> bytes:
    return package_file(*SHIPPED_CHECKPOINT).read_bytes()


@lru_cache(maxsize=1)
def _exported() -> bytes:
    """Return the metadata of an ONNX file, without its network."""
    metadata = {'format': FORMAT, 'version': VERSION, 'config': json.dumps(asdict(_CONFIG))}
    metadata |= {'input_size': '[256, 320]', 'checkpoint': 64 * 'a'}
    entries = (_field(1, key.encode()) + _field(2, value.encode()) for key, value in metadata.items())
    return b''.join(_field(14, entry) for entry in entries)


def _field(number: int, content: bytes) -> bytes:
    """Return a field of protobuf that holds bytes."""
    size, length = len(content), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + content


def _spoiled_export(good: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.5:
        return spoiled(good, chance)
    name = chance.choice(('config', 'input_size', 'format'))
    value = {'config': json.dumps(asdict(_CONFIG)), 'input_size': '[256, 320]', 'format': FORMAT}[name]
    return good + _field(
        14, _field(1, name.encode()) + _field(2, _spoiled_json(value, chance).encode(errors='replace'))
    )


def _recorded(chance: random.Random) -> list[tuple[str, Any]]:
    made = (('/image', good_image), ('/compressed', good_compressed), ('/camera_info', good_camera_info))
    return [(topic, make(chance)) for _ in range(_MESSAGES // 3) for topic, make in made]


@lru_cache(maxsize=8)
def _mcap(number: int) -> bytes:
    with TemporaryDirectory() as folder:
        file = RecordingFile(Path(folder) / 'good.mcap', ('none', 'lz4', 'zstd')[number % 3])
        messages = _recorded(random.Random(number))
        for topic, kind in {topic: type(message) for topic, message in messages}.items():
            file.add_topic(topic, message_name(kind))
        for time, (topic, message) in enumerate(messages, start=1):
            file.write(RecordedMessage(topic, serialize_message(message), time * SECOND, time * SECOND))
        file.close()
        return (Path(folder) / 'good.mcap').read_bytes()


@lru_cache(maxsize=8)
def _database(number: int) -> bytes:
    store = get_typestore(Stores.ROS2_KILTED)
    with TemporaryDirectory() as folder:
        path = Path(folder) / 'good'
        with Writer(path, version=8, storage_plugin=StoragePlugin.SQLITE3) as writer:
            known: dict[str, Any] = {}
            for time, (topic, message) in enumerate(_recorded(random.Random(number)), start=1):
                if topic not in known:
                    known[topic] = writer.add_connection(topic, message_name(type(message)), typestore=store)
                writer.write(known[topic], time * SECOND, serialize_message(message))
        return (path / 'good.db3').read_bytes()


def _read_recording(path: Path) -> str:
    """Read every message of a recording; return what is wrong with it, or with the first of them that is damaged."""
    with RecordingReader(path) as recording:
        refusals = [_refusal(partial(recording.decode, message)) for message in recording.messages()]
        wrong = [str(refusal) for refusal in refusals if refusal] + recording.problems
    return wrong[0] if wrong else ''


_SCANPATH = '[{"order": 0, "instance": 1, "class": 2, "pixel": [3, 4], "weight": 0.5}]'


@contextmanager
def _scanpaths() -> Iterator[Callable[[bytes], str]]:
    with TemporaryDirectory(prefix='mt3dnet_ros_fuzz_') as folder:
        path = scanpath_path(folder, 'given')
        path.parent.mkdir(parents=True, exist_ok=True)

        def take(content: bytes) -> str:
            path.write_bytes(content)
            read_scanpath(folder, 'given')
            return ''

        yield take


def _spoiled_stops(good: bytes, chance: random.Random) -> bytes:
    return spoiled_text(good.decode(), chance, ('[]', '{}', '1e999', '1' * 5_000, '[' * 2_000)).encode(errors='replace')


FILES = (
    file_target(
        'calibration', '.yaml',
        [package_file('config', 'demo', 'camera.yaml').read_text(), _XML, _INI, _INTUITIVE, _PAIR], _read_calibration,
        0.1, ('camera_matrix', 'M1', 'K: [1, 2]', '[left]', 'Camera-0-F: 1', '<_>1</_>'),
    ),
    file_target(
        'label file', '.yaml', _texts('config', 'labels'), load_taxonomy, 0.05, ('color', 'id: 0', '[0, 0, 0]')
    ),
    file_target('recipe', '.yaml', _recipes(), _read_recipe, 0.03, ('tasks: []', '[256, 320]', '1e-3')),
    file_target('domain', '.yaml', _texts('config', 'render'), load_domain, 0.02, ('like: wide', 'video: {}')),
    file_target('plan', '.yaml', _texts('config', 'checkpoints'), read_plan, 0.02, ('$a', 'command: train')),
    file_target('hand-eye file', '.yaml', [_HAND_EYE], read_hand_eye, 0.1, ('matrix', '[[1, 0], [0, 1]]')),
    Target('checkpoint', lambda _: _checkpoint(), _spoiled_header, lambda: _file('.safetensors', read_config), 0.3),
    Target('network', lambda _: _network(), _spoiled_header, lambda: _file('.safetensors', load_network), 0.002),
    Target('exported network', lambda _: _exported(), _spoiled_export, lambda: _file('.onnx', read_exported), 0.3),
    Target('recording, MCAP', lambda c: _mcap(c.randrange(6)), spoiled, lambda: _file('.mcap', _read_recording), 0.04),
    Target(
        'recording, SQLite', lambda c: _database(c.randrange(2)), spoiled, lambda: _file('.db3', _read_recording), 0.02
    ),
    Target('picture file', good_picture, spoiled_picture, lambda: _file('.png', _read_pictures), 0.3),
    Target('mask', _good_mask, spoiled_picture, lambda: _file('.png', _read_mask), 0.3),
    Target('scanpath file', lambda _: _SCANPATH.encode(), _spoiled_stops, _scanpaths, 0.2),
)  # fmt: skip
