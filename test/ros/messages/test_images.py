"""Images of every encoding, layout and byte order, and images that contradict themselves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from mt3dnet_ros.ros.messages.images import ENCODINGS, ImageError, decode_compressed, decode_image, fill_image

SIZES = [(2, 2), (6, 10), (48, 64)]
BAYER_SITES = {'rggb': 'rg/gb', 'bggr': 'bg/gr', 'gbrg': 'gb/rg', 'grbg': 'gr/bg'}


def make_message(samples: np.ndarray, encoding: str, padding: int = 0, big_endian: bool = False) -> Image:
    """Return a message of (H, W, C) samples; the padding at the end of each row is filled with noise."""
    samples = samples.astype(samples.dtype.newbyteorder('>' if big_endian else '<'))
    height, width = samples.shape[:2]
    rows = np.frombuffer(samples.tobytes(), np.uint8).reshape(height, -1)
    rows = np.hstack([rows, np.random.default_rng(1).integers(0, 255, (height, padding), np.uint8)])
    message = Image(height=height, width=width, encoding=encoding, step=rows.shape[1], is_bigendian=int(big_endian))
    message.data.frombytes(rows.tobytes())
    return message


def picture(height: int, width: int) -> np.ndarray:
    """Return a smooth picture in rgb whose channels differ."""
    row, column = np.mgrid[:height, :width]
    ramps = [row * 200 // height, column * 200 // width, 255 - (row + column) * 200 // (height + width)]
    return np.stack(ramps, axis=-1).astype(np.uint8)


def encode(rgb: np.ndarray, encoding: str) -> np.ndarray:
    """Return the samples of an 8-bit encoding, made without OpenCV's conversions."""
    if encoding.startswith('bayer'):
        sites = BAYER_SITES[encoding[6:10]].split('/')
        samples = np.empty(rgb.shape[:2], np.uint8)
        for row, line in enumerate(sites):
            for column, letter in enumerate(line):
                samples[row::2, column::2] = rgb[row::2, column::2, 'rgb'.index(letter)]
        return samples[..., None]
    if encoding.startswith(('yuv', 'uyvy', 'yuyv')):
        return encode_yuv422(rgb, luma_first=encoding in ('yuyv', 'yuv422_yuy2'))
    if encoding.startswith('mono'):
        return rgb[..., :1]
    letters = encoding.rstrip('8')
    planes = {'r': rgb[..., 0], 'g': rgb[..., 1], 'b': rgb[..., 2], 'a': np.full(rgb.shape[:2], 7, np.uint8)}
    return np.stack([planes[letter] for letter in letters], axis=-1)


def encode_yuv422(rgb: np.ndarray, luma_first: bool) -> np.ndarray:
    """Return BT.601 limited-range samples; U and V of a pair of pixels are those of its left one."""
    red, green, blue = (rgb[..., channel].astype(float) for channel in range(3))
    luma = 16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256
    u = 128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256
    v = 128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256
    chroma = np.where(np.arange(rgb.shape[1]) % 2, np.roll(v, 1, axis=1), u)
    return np.rint(np.stack([luma, chroma] if luma_first else [chroma, luma], axis=-1)).astype(np.uint8)


def expected(rgb: np.ndarray, encoding: str) -> np.ndarray:
    return np.repeat(rgb[..., :1], 3, axis=2) if encoding.startswith('mono') else rgb


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('padding', [0, 5])
@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'rgba8', 'bgra8', 'mono8'])
def test_plain_encodings_are_read_exactly(encoding: str, size: tuple[int, int], padding: int) -> None:
    rgb = picture(*size)
    decoded = decode_image(make_message(encode(rgb, encoding), encoding, padding))
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, expected(rgb, encoding))


@pytest.mark.parametrize('big_endian', [False, True])
@pytest.mark.parametrize('encoding', ['rgb16', 'bgr16', 'rgba16', 'bgra16', 'mono16', 'bayer_rggb16'])
def test_sixteen_bits_keep_the_upper_byte_in_either_byte_order(encoding: str, big_endian: bool) -> None:
    rgb = picture(48, 64)
    narrow = encode(rgb, encoding[:-2] + '8')
    wide = narrow.astype(np.uint16) << 8 | 0x5A
    reference = decode_image(make_message(narrow, encoding[:-2] + '8'))
    np.testing.assert_array_equal(decode_image(make_message(wide, encoding, 3, big_endian)), reference)


@pytest.mark.parametrize('encoding', ['yuv422', 'uyvy', 'yuv422_yuy2', 'yuyv'])
@pytest.mark.parametrize('padding', [0, 6])
def test_yuv422_is_read_in_both_byte_orders(encoding: str, padding: int) -> None:
    rgb = np.repeat(picture(48, 32), 2, axis=1)  # both pixels of a pair share their chroma
    decoded = decode_image(make_message(encode(rgb, encoding), encoding, padding))
    assert np.abs(decoded.astype(int) - rgb).max() <= 3


@pytest.mark.parametrize('pattern', BAYER_SITES)
@pytest.mark.parametrize('padding', [0, 7])
def test_bayer_patterns_put_each_colour_where_it_was(pattern: str, padding: int) -> None:
    rgb = np.full((32, 48, 3), (200, 120, 30), np.uint8)
    rgb[:, 24:] = (10, 60, 220)
    decoded = decode_image(make_message(encode(rgb, f'bayer_{pattern}8'), f'bayer_{pattern}8', padding))
    for column in (10, 36):
        np.testing.assert_array_equal(decoded[16, column], rgb[16, column])


def test_rgb8_is_a_view_on_the_message() -> None:
    message = make_message(picture(8, 8), 'rgb8', padding=8)
    decoded = decode_image(message)
    message.data[0] = 99
    assert decoded[0, 0, 0] == 99


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_every_supported_encoding_gives_rgb_of_the_images_size(encoding: str) -> None:
    channels = 4 if 'rgba' in encoding or 'bgra' in encoding else 3 if 'rgb' in encoding or 'bgr' in encoding else 1
    if encoding.startswith('bayer'):
        channels = 1
    if encoding in ('yuv422', 'uyvy', 'yuv422_yuy2', 'yuyv'):
        channels = 2
    samples = np.zeros((4, 6, channels), np.uint16 if encoding.endswith('16') else np.uint8)
    assert decode_image(make_message(samples, encoding)).shape == (4, 6, 3)


def broken(**changes: object) -> Image:
    message = make_message(picture(4, 6), 'rgb8')
    for name, value in changes.items():
        setattr(message, name, value)
    return message


@pytest.mark.parametrize(
    ('message', 'words'),
    [
        (broken(data=b'\0' * 71), ['72 bytes', 'got 71']),
        (broken(data=b''), ['72 bytes', 'got 0']),
        (broken(width=0), ['0 x 4', 'empty']),
        (broken(height=0), ['6 x 0', 'empty']),
        (broken(step=17), ['at least 18', 'got 17']),
        (broken(width=2**32 - 1), ['step']),
        (broken(encoding='yuv420'), ["'yuv420'", 'not supported', 'rgb8']),
        (broken(encoding=''), ["''", 'not supported']),
        (broken(encoding='nv12', width=0), ["'nv12'", 'empty']),
        (make_message(np.zeros((4, 5, 2), np.uint8), 'yuv422'), ['5 pixels wide', 'even']),
    ],
)
def test_a_wrong_image_is_refused_with_its_values(message: Image, words: list[str]) -> None:
    with pytest.raises(ImageError) as error:
        decode_image(message)
    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.parametrize(
    ('format_name', 'extension', 'tolerance'),
    [('rgb8; jpeg compressed bgr8', '.jpg', 12), ('jpeg', '.jpg', 12), ('png', '.png', 0)],
)
def test_compressed_images_are_read(format_name: str, extension: str, tolerance: int) -> None:
    rgb = picture(48, 64)
    data = cv2.imencode(extension, rgb[..., ::-1])[1].tobytes()
    decoded = decode_compressed(CompressedImage(format=format_name, data=data))
    assert np.abs(decoded.astype(int) - rgb).max() <= tolerance


@pytest.mark.parametrize(
    'damage', [lambda data: b'', lambda data: data[: len(data) // 2], lambda data: b'\0' * 50, lambda data: data[10:]]
)
@pytest.mark.parametrize('extension', ['.jpg', '.png'])
def test_a_damaged_compressed_image_is_refused(damage: object, extension: str) -> None:
    data = cv2.imencode(extension, np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))[1].tobytes()
    with pytest.raises(ImageError, match='compressed image of format'):
        decode_compressed(CompressedImage(format='jpeg', data=damage(data)))


def test_a_compressed_depth_image_is_refused() -> None:
    with pytest.raises(ImageError, match='depth image'):
        decode_compressed(CompressedImage(format='16UC1; compressedDepth', data=b'\0' * 20))


@pytest.mark.parametrize(
    ('array', 'encoding'),
    [
        (picture(5, 7), 'rgb8'),
        (picture(5, 7)[..., 0], 'mono8'),  # strided
        (np.array([[0.1, np.nan], [0.2, 0.3], [1, 2]], np.float32), '32FC1'),
    ],
)
def test_a_filled_image_holds_the_array_and_the_header(array: np.ndarray, encoding: str) -> None:
    header = Header(frame_id='optical')
    message = fill_image(array, encoding, header)
    assert (message.height, message.width) == array.shape[:2]
    assert message.step * message.height == len(message.data)
    read = np.frombuffer(message.data, array.dtype).reshape(array.shape)
    np.testing.assert_array_equal(read, array)
    assert (message.header.frame_id, message.encoding) == ('optical', encoding)


@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'rgba8', 'bgra8', 'mono8'])
def test_cv_bridge_agrees(encoding: str) -> None:
    cv_bridge = pytest.importorskip('cv_bridge', reason='cv_bridge comes with a ROS installation, not from PyPI')
    message = make_message(encode(picture(48, 64), encoding), encoding, 4)
    np.testing.assert_array_equal(decode_image(message), cv_bridge.CvBridge().imgmsg_to_cv2(message, 'rgb8'))
