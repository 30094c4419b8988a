"""Images of any depth and kind become pictures as a viewer shows them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.videos import clip_pictures

from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.image_files import list_images, read_image


@pytest.fixture(scope='module')
def picture() -> np.ndarray:
    (found,) = clip_pictures(1, (96, 64))
    return found


@pytest.mark.parametrize('suffix', ['.png', '.tiff'])
@pytest.mark.parametrize('bits', [10, 12, 16])
def test_more_than_8_bits_are_scaled_by_what_the_camera_has(
    tmp_path: Path, picture: np.ndarray, suffix: str, bits: int
) -> None:
    wide = (picture.astype(np.float64) * (2**bits - 1) / 255.0).round().astype(np.uint16)
    wide[0, 0] = 2**bits - 1
    path = tmp_path / f'wide{suffix}'
    cv2.imwrite(str(path), wide[..., ::-1])
    np.testing.assert_allclose(read_image(path)[1:].astype(int), picture[1:], atol=1)


def test_floats_from_0_to_1_and_grey(tmp_path: Path, picture: np.ndarray) -> None:
    cv2.imwrite(str(tmp_path / 'float.tiff'), picture[..., ::-1].astype(np.float32) / 255.0)
    np.testing.assert_allclose(read_image(tmp_path / 'float.tiff').astype(int), picture, atol=1)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    cv2.imwrite(str(tmp_path / 'grey.png'), grey)
    np.testing.assert_array_equal(read_image(tmp_path / 'grey.png'), np.dstack([grey] * 3))


def test_a_palette_gives_its_colours(tmp_path: Path, picture: np.ndarray) -> None:
    image = Image.fromarray(picture).quantize(64)
    image.save(tmp_path / 'palette.png')
    np.testing.assert_array_equal(read_image(tmp_path / 'palette.png'), np.array(image.convert('RGB')))


@pytest.mark.parametrize('suffix', ['.png', '.tiff', '.webp'])
def test_what_is_transparent_is_black_whatever_colour_it_hides(
    tmp_path: Path, picture: np.ndarray, suffix: str
) -> None:
    alpha = np.full(picture.shape[:2], 255, np.uint8)
    alpha[:, :40] = 0
    path = tmp_path / f'alpha{suffix}'
    Image.fromarray(np.dstack([picture, alpha])).save(
        path, **({'lossless': True, 'exact': True} if suffix == '.webp' else {})
    )
    found = read_image(path)
    assert not found[:, :40].any()
    np.testing.assert_array_equal(found[:, 40:], picture[:, 40:])


@pytest.mark.parametrize(('orientation', 'turns'), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_a_photograph_stands_upright(tmp_path: Path, picture: np.ndarray, orientation: int, turns: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(picture).save(tmp_path / 'photograph.jpg', exif=exif, quality=95)
    shown = np.rot90(picture, turns)
    found = read_image(tmp_path / 'photograph.jpg')
    assert found.shape == shown.shape
    assert np.abs(found.astype(float) - shown).mean() < 6.0


@pytest.mark.parametrize(
    ('name', 'content', 'reason'),
    [
        ('empty.png', b'', "image '.*empty.png' cannot be decoded"),
        ('text.jpg', b'some words', "image '.*text.jpg' cannot be decoded"),
        ('missing.png', None, "image '.*missing.png' cannot be read: there is no such file or folder"),
    ],
)
def test_what_is_no_image_is_named(tmp_path: Path, name: str, content: bytes | None, reason: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=reason):
        read_image(tmp_path / name)


def test_hidden_files_and_folders_with_a_name_like_an_image_are_none(tmp_path: Path, picture: np.ndarray) -> None:
    cv2.imwrite(str(tmp_path / 'frame.png'), picture)
    for name in ('._frame.png', '.hidden.jpg', 'Thumbs.db', '.DS_Store', 'desktop.ini'):
        (tmp_path / name).write_bytes(b'\x00\x05\x16\x07')
    (tmp_path / 'folder.png').mkdir()
    assert [path.name for path in list_images(tmp_path)] == ['frame.png']
