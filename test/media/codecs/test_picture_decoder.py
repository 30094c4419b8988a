"""Picture files: their size is known before they are decoded, whatever format they are of."""

from __future__ import annotations

import resource
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('sensor_msgs', reason='needs ROS 2; `source .venv/ros.sh`')


from sensor_msgs.msg import CompressedImage

from attack.pictures import with_size
from mt3dnet_ros.datasets.files import read_ids
from mt3dnet_ros.datasets.files import read_image as read_labelled_image
from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.media.codecs.picture_decoder import LargePictureError, decode_picture
from mt3dnet_ros.media.codecs.picture_header import has_whole_chunks, read_header
from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.image_files import read_image
from mt3dnet_ros.ros.messages.encodings import ImageError
from mt3dnet_ros.ros.messages.images import decode_compressed

PICTURE = np.random.default_rng(0).integers(0, 255, (24, 40, 3), np.uint8)


def encoded(suffix: str) -> bytes:
    return cv2.imencode(suffix, PICTURE)[1].tobytes()


@pytest.mark.parametrize(
    ('suffix', 'codec'),
    [('.jpg', 'jpeg'), ('.png', 'png'), ('.webp', 'webp'), ('.tiff', 'tiff'), ('.bmp', 'bmp'), ('.ppm', 'pnm')],
)
def test_headers_tell_the_size_and_pictures_are_decoded(suffix: str, codec: str) -> None:
    header = read_header(encoded(suffix))
    assert header is not None
    assert (header.codec, header.width, header.height) == (codec, 40, 24)
    decoded = decode_picture(encoded(suffix), cv2.IMREAD_COLOR)
    assert decoded is not None and decoded.shape == PICTURE.shape
    with pytest.raises(LargePictureError, match='40 x 24 pixels has more than 900'):
        decode_picture(encoded(suffix), cv2.IMREAD_COLOR, 900)


@pytest.mark.parametrize(
    'content', [b'', b'BM', b'P6', b'P6 9', b'\0\0\0\x0cjP  \r\n\x87\n', encoded('.png')[:30], b'\x89PNG']
)
def test_what_is_no_such_picture_is_none(content: bytes) -> None:
    assert decode_picture(content, cv2.IMREAD_COLOR) is None


@pytest.mark.parametrize('suffix', ['.png', '.jpg'])
def test_a_file_that_says_it_is_huge_is_refused_by_every_reader(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f'bomb{suffix}'
    path.write_bytes(with_size(encoded(suffix), 60_000, 60_000))
    with pytest.raises(SourceError, match='60000 x 60000 pixels has more than'):
        read_image(path)
    with pytest.raises(DatasetError, match='60000 x 60000 pixels has more than'):
        read_labelled_image(path)
    with pytest.raises(DatasetError):
        read_ids(path, (60_000, 60_000))


def test_a_chunk_that_says_it_has_gigabytes_is_not_believed() -> None:
    """OpenCV would make room for them."""
    whole = encoded('.png')
    assert has_whole_chunks(whole) and not has_whole_chunks(whole[:-1])
    at = whole.index(b'IDAT') - 4
    bomb = whole[:at] + b'\xff\x00\x02\xe2' + whole[at + 4 :]
    before = peak()
    assert decode_picture(bomb, cv2.IMREAD_COLOR) is None
    message = CompressedImage(format='png')
    message.data.frombytes(bomb)
    with pytest.raises(ImageError, match='truncated png'):
        decode_compressed(message)
    assert peak() - before < 100_000_000


def peak() -> int:
    """Return the most bytes that this process has had so far."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
