"""Masks as tools write them: read where their ids are certain, else refused in words."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mt3dnet_ros.datasets.files import check_few_values, check_ids, read_colours, read_ids, read_image, read_mask
from mt3dnet_ros.datasets.frames import DatasetError

SIZE = (80, 120)
IDS = np.zeros(SIZE, np.uint8)
IDS[10:40, 20:70], IDS[45:75, 30:110] = 1, 5
PALETTE = [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0, 0, 0, 128, 128, 0, 128]
CONFUSING = [255, 255, 255] * 6  # all of one colour: only the indices tell


def palette_image(palette: list[int]) -> Image.Image:
    image = Image.fromarray(IDS).convert('P')
    image.putdata(IDS.ravel().tolist())
    image.putpalette(palette)
    return image


@pytest.mark.parametrize('palette', [PALETTE, CONFUSING], ids=['colours', 'one colour'])
@pytest.mark.parametrize('options', [{}, {'bits': 4}, {'transparency': 0}, {'interlace': 1}], ids=str)
def test_ids_of_a_palette_are_its_indices(tmp_path: Path, palette: list[int], options: dict[str, int]) -> None:
    palette_image(palette).save(tmp_path / 'mask.png', **options)
    assert Image.open(tmp_path / 'mask.png').mode == 'P'
    assert np.array_equal(read_ids(tmp_path / 'mask.png', SIZE), IDS)


@pytest.mark.parametrize(
    'mask',
    [
        IDS,
        IDS.astype(np.uint16),
        np.repeat(IDS[..., None], 3, axis=-1),
        np.dstack([IDS, IDS, IDS, np.full(SIZE, 255, np.uint8)]),
        np.dstack([IDS, IDS, IDS, IDS]),
    ],
    ids=['grey', '16 bits', 'RGB', 'RGBA', 'see-through'],
)
@pytest.mark.parametrize('suffix', ['.png', '.PNG', '.tif'])
def test_ids_are_read_from_grey_images_of_any_make(tmp_path: Path, mask: np.ndarray, suffix: str) -> None:
    assert cv2.imwrite(str(tmp_path / f'mask{suffix}'), mask)
    assert np.array_equal(read_ids(tmp_path / f'mask{suffix}', SIZE), IDS)


def test_a_mask_of_one_bit_has_the_ids_0_and_1(tmp_path: Path) -> None:
    Image.fromarray(IDS > 0).save(tmp_path / 'mask.png')
    assert np.array_equal(read_ids(tmp_path / 'mask.png', SIZE), IDS > 0)


@pytest.mark.parametrize(
    ('mask', 'problem'),
    [
        (
            np.full((*SIZE, 3), (0, 255, 0), np.uint8),
            r'is a coloured picture, with colours such as \(0, 255, 0\); a mask',
        ),
        (np.full(SIZE, 300, np.uint16), 'has 16 bits and values up to 300; ids are whole numbers'),
        (np.full(SIZE, 0.5, np.float32), 'has 32 bits and values up to 0.5'),
        (np.zeros((90, 120), np.uint8), 'has 120 x 90 pixels, its image 120 x 80'),
    ],
)
def test_what_has_no_ids_is_refused_in_words(tmp_path: Path, mask: np.ndarray, problem: str) -> None:
    path = tmp_path / ('mask.tiff' if mask.dtype == np.float32 else 'mask.png')
    assert cv2.imwrite(str(path), mask)
    with pytest.raises(DatasetError, match=problem) as error:
        read_ids(path, SIZE)
    assert 'uint' not in str(error.value) and 'shape' not in str(error.value)


def through_jpeg(mask: np.ndarray) -> np.ndarray:
    return cv2.imdecode(cv2.imencode('.jpg', mask, [cv2.IMWRITE_JPEG_QUALITY, 90])[1], cv2.IMREAD_UNCHANGED)


def test_a_binary_mask_that_went_through_jpeg_is_refused(tmp_path: Path) -> None:
    mask = ((IDS == 5) * 255).astype(np.uint8)
    damaged = through_jpeg(mask)
    assert np.count_nonzero(damaged) > 1.1 * np.count_nonzero(mask)  # what was read as foreground
    assert cv2.imwrite(str(tmp_path / 'mask.png'), damaged)
    with pytest.raises(DatasetError, match=r"mask\.png' has \d+ values besides 0, such as \d+, .*went through JPEG"):
        read_mask(tmp_path / 'mask.png', SIZE)


def test_ids_that_went_through_jpeg_are_refused_with_their_number_and_examples(tmp_path: Path) -> None:
    ids = through_jpeg(IDS * np.uint8(40))
    with pytest.raises(DatasetError, match=r'has \d+ pixels \(\d+\.\d%\) with impossible values, such as \d+, .*JPEG'):
        check_ids(tmp_path / 'mask.png', ids, 6)


@pytest.mark.parametrize('read', [read_ids, read_mask, read_colours])
@pytest.mark.parametrize('name', ['mask.jpg', 'mask.png'])
def test_a_mask_that_is_a_jpeg_is_refused_whatever_its_name(tmp_path: Path, read: object, name: str) -> None:
    (tmp_path / name).write_bytes(cv2.imencode('.jpg', IDS)[1].tobytes())
    with pytest.raises(DatasetError, match=f"{name}' is a JPEG, which changes ids"):
        read(tmp_path / name, SIZE)  # type: ignore[operator]


def test_a_resized_mask_is_refused(tmp_path: Path) -> None:
    soft = cv2.resize((IDS == 5).astype(np.uint8) * 255, (170, 113), interpolation=cv2.INTER_CUBIC)
    with pytest.raises(DatasetError, match='resized with interpolation'):
        check_few_values(tmp_path / 'mask.png', soft)


def test_a_mask_may_be_painted_in_a_few_colours(tmp_path: Path) -> None:
    mask = np.zeros((*SIZE, 3), np.uint8)
    mask[10:20], mask[20:30] = (90, 0, 200), (0, 0, 1)
    assert cv2.imwrite(str(tmp_path / 'mask.png'), mask)
    assert np.array_equal(read_mask(tmp_path / 'mask.png', SIZE), mask.any(axis=-1))


def test_a_palette_with_a_bright_background_has_it_as_background(tmp_path: Path) -> None:
    palette_image([255, 255, 255, *PALETTE[3:]]).save(tmp_path / 'mask.png')
    assert np.array_equal(read_mask(tmp_path / 'mask.png', SIZE), IDS > 0)


@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
@pytest.mark.parametrize('left', [0, 20, 0.5, 0.95])
def test_images_that_are_empty_or_cut_off_are_refused(tmp_path: Path, suffix: str, left: float) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    content = cv2.imencode(suffix, picture)[1].tobytes()
    (tmp_path / f'image{suffix}').write_bytes(content[: int(left if left > 1 else left * len(content))])
    with pytest.raises(DatasetError, match=rf'image\{suffix}\' (is empty, 0 bytes|is cut off after|cannot be decoded)'):
        read_image(tmp_path / f'image{suffix}')
    (tmp_path / f'whole{suffix}').write_bytes(content + b'\0\0')
    assert read_image(tmp_path / f'whole{suffix}').shape == (64, 64, 3)
