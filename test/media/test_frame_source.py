"""Pictures come from files, folders and cameras in order, or with an error that names what is wrong."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.image_files import natural_order
from mt3dnet_ros.media.open_source import open_source


def write_video(path: Path, width: int = 64, height: int = 48) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 20.0, (width, height))
    for index in range(12):
        writer.write(np.full((height, width, 3), index * 20, np.uint8))
    writer.release()


def write_folder(path: Path, count: int = 12) -> list[np.ndarray]:
    pictures = [np.random.default_rng(index).integers(0, 256, (48, 64, 3), np.uint8) for index in range(count)]
    for index, picture in enumerate(pictures):
        cv2.imwrite(str(path / f'frame{index}.png'), picture)
    return pictures


def test_video_gives_its_pictures_in_order_as_often_as_asked(tmp_path: Path) -> None:
    write_video(tmp_path / 'clip.avi')
    source = open_source(str(tmp_path / 'clip.avi'))
    assert (source.size, source.rate, source.count, source.is_live) == ((64, 48), 20.0, 12, False)
    for _ in range(2):
        means = [picture.image.mean() for picture in source]
        np.testing.assert_allclose(means, np.arange(12) * 20, atol=2)


def test_folder_gives_exactly_its_images_in_natural_order(tmp_path: Path) -> None:
    pictures = write_folder(tmp_path)
    (tmp_path / 'notes.txt').write_text('no image')
    source = open_source(str(tmp_path))
    assert (source.size, source.rate, source.count, source.is_live) == ((64, 48), 25.0, 12, False)
    for found, written in zip(source, pictures, strict=True):
        np.testing.assert_array_equal(found.image[..., ::-1], written)


def test_numbers_in_names_sort_by_value() -> None:
    names = ['b1', 'a10', 'a9', 'a09b', '10', '9', 'A2']
    ordered = [path.name for path in sorted(map(Path, names), key=natural_order)]
    assert ordered == ['9', '10', 'A2', 'a9', 'a09b', 'a10', 'b1']


def test_images_of_another_size_are_given_as_they_are(tmp_path: Path) -> None:
    write_folder(tmp_path, 2)
    cv2.imwrite(str(tmp_path / 'frame2.png'), np.zeros((32, 64, 3), np.uint8))
    assert [picture.image.shape for picture in open_source(str(tmp_path))] == [(48, 64, 3)] * 2 + [(32, 64, 3)]


def test_image_that_is_none_is_left_out_counted_and_named(tmp_path: Path) -> None:
    write_folder(tmp_path, 3)
    (tmp_path / 'frame1.png').write_bytes(b'PNG?')
    source = open_source(str(tmp_path))
    assert [picture.stamp for picture in source] == [0, 80_000_000]
    assert (source.losses.missing, source.losses.damaged) == (1, 0)
    assert 'frame1.png' in str(source.losses)


@pytest.mark.parametrize(
    ('source', 'reason'),
    [
        ('', 'no source is given'),
        ('{}/missing.mp4', "source '.*missing.mp4' does not exist"),
        ('{}/text.mp4', r"video '.*text\.mp4' cannot be opened"),
        ('{}/empty', "folder '.*empty' has no image"),
        ('/dev/video97', 'capture device 97 cannot be opened'),
        ('97', 'capture device 97 cannot be opened'),
    ],
)
def test_source_that_cannot_be_opened_is_named(tmp_path: Path, source: str, reason: str) -> None:
    (tmp_path / 'text.mp4').write_text('no video')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(SourceError, match=reason):
        open_source(source.format(tmp_path))
