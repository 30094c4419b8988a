"""Images of every encoding, layout and byte order, and images that contradict themselves."""

from __future__ import annotations

import re
import struct
import zlib

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header
from support.paths import ROOT

from mt3dnet_ros.media.codecs.picture_header import CODECS, read_header
from mt3dnet_ros.ros.messages.encodings import ASSUMED, ENCODINGS, ImageError
from mt3dnet_ros.ros.messages.images import ImageDecoder, decode_compressed, decode_image, fill_image

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
    wide[0, 0] |= 0x8000  # so that 16 bits are used
    narrow[0, 0] |= 0x80
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


def plain_message(encoding: str) -> Image:
    """Return a black message of 6 x 4 pixels."""
    name = ASSUMED.get(encoding.lower(), encoding)
    rows, channels = {'nv12': (6, 1), 'nv21': (6, 1), 'nv24': (12, 1)}.get(name, (4, 1))
    if name.startswith(('rgb', 'bgr')):
        channels = 4 if 'a' in name else 3
    if name.startswith('y') or name == 'uyvy':
        channels = 2
    message = make_message(np.zeros((rows, 6, channels), np.uint16 if name.endswith('16') else np.uint8), encoding)
    message.height = 4
    return message


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_every_supported_encoding_gives_rgb_of_the_images_size(encoding: str) -> None:
    assert decode_image(plain_message(encoding)).shape == (4, 6, 3)


def test_every_encoding_of_the_header_is_read_or_refused_for_what_it_is() -> None:
    header = ROOT / '.venv/include/sensor_msgs/sensor_msgs/image_encodings.hpp'
    if not header.exists():
        pytest.skip('the header of image encodings comes with the wheel of sensor_msgs')
    names = set(re.findall(r'const char \w+\[\] = "(\w+)";', header.read_text()))
    assert len(names) > 40
    read = {name.lower() for name in ENCODINGS}
    for name in names:
        if name.lower() not in read:
            with pytest.raises(ImageError, match=r'of floats|does not say'):
                decode_image(Image(encoding=name, width=6, height=4, step=48, data=b'\0' * 192))


@pytest.mark.parametrize(('bare', 'meant'), ASSUMED.items())
def test_an_encoding_that_names_no_colours_is_taken_in_opencvs_order_and_said(bare: str, meant: str) -> None:
    decoder = ImageDecoder()
    samples = encode(picture(8, 10), meant.replace('16', '8')).astype(np.uint16 if '16' in meant else np.uint8)
    named = decode_image(make_message(samples, meant))
    np.testing.assert_array_equal(decoder(make_message(samples, bare.replace('uc', 'UC'))), named)
    assert f'is taken for {meant}' in decoder.doubt
    decoder(make_message(samples, meant))
    assert decoder.doubt == ''


def encode_planes(rgb: np.ndarray, name: str) -> np.ndarray:
    """Return the planes of a picture whose blocks of 2 x 2 pixels have one colour."""
    pairs = encode_yuv422(rgb, luma_first=True)
    luma, chroma = pairs[..., 0], pairs[..., 1].reshape(len(rgb), -1, 2)
    if name == 'nv24':
        return np.vstack([luma, np.repeat(chroma, 2, axis=1).reshape(2 * len(rgb), -1)])
    chroma = chroma[::2] if name == 'nv12' else chroma[::2, :, ::-1]
    return np.vstack([luma, chroma.reshape(len(rgb) // 2, -1)])


@pytest.mark.parametrize('padding', [0, 6])
@pytest.mark.parametrize('name', ['nv12', 'nv21', 'nv24'])
def test_planes_of_brightness_and_colour_are_read(name: str, padding: int) -> None:
    rgb = np.repeat(np.repeat(picture(24, 32), 2, axis=0), 2, axis=1)
    message = make_message(encode_planes(rgb, name)[..., None], name, padding)
    message.height = 48
    assert np.abs(decode_image(message).astype(int) - rgb).max() <= 3


@pytest.mark.parametrize('bits', [10, 12, 14, 16])
@pytest.mark.parametrize('encoding', ['mono16', 'bayer_rggb16', 'rgb16'])
def test_samples_are_scaled_by_the_bits_that_the_camera_uses(encoding: str, bits: int) -> None:
    rgb = picture(48, 64)
    rgb[0, 0] = 255
    narrow = encode(rgb, encoding.replace('16', '8'))
    wide = narrow.astype(np.uint16) << (bits - 8)
    decoder = ImageDecoder()
    np.testing.assert_array_equal(
        decoder(make_message(wide, encoding)), decode_image(make_message(narrow, encoding.replace('16', '8')))
    )
    assert decoder.encoding == f'{encoding} of {bits} bits'


def test_brightness_does_not_flicker_where_a_dark_image_follows_a_bright_one() -> None:
    decoder = ImageDecoder()
    bright, dark = np.full((4, 6, 1), 4000, np.uint16), np.full((4, 6, 1), 400, np.uint16)
    shown = [int(decoder(make_message(samples, 'mono16'))[0, 0, 0]) for samples in (dark, bright, dark, bright)]
    assert shown == [100, 250, 25, 250]


def test_given_bits_are_taken_and_what_does_not_fit_is_white_and_said() -> None:
    decoder = ImageDecoder(bits=12)
    assert decoder(make_message(np.full((4, 6, 1), 160, np.uint16), 'mono16'))[0, 0, 0] == 10
    assert decoder.doubt == ''
    assert decoder(make_message(np.full((4, 6, 1), 5000, np.uint16), 'mono16'))[0, 0, 0] == 255
    assert 'a sample of 5000 does not fit into 12 bits: set image_bits' in decoder.doubt


def test_another_size_is_another_stream_whose_bits_are_found_out_anew() -> None:
    decoder = ImageDecoder()
    decoder(make_message(np.full((4, 6, 1), 60000, np.uint16), 'mono16'))
    assert decoder(make_message(np.full((6, 6, 1), 1020, np.uint16), 'mono16'))[0, 0, 0] == 255


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
        (broken(width=2**32 - 1), ['4294967295 x 4', 'max_pixels']),
        (broken(width=2**20), ['step']),
        (broken(encoding='yuv420'), ["'yuv420'", 'not supported', 'rgb8']),
        (broken(encoding=''), ["''", 'not supported']),
        (broken(encoding='nv12', width=0), ["'nv12'", 'empty']),
        (broken(encoding='nv12', width=5), ["'nv12'", 'odd side', 'even']),
        (broken(encoding='nv24'), ["'nv24'", 'step 18 needs 216 bytes', 'got 72']),
        (broken(encoding='8UC2'), ["'8UC2'", 'does not say', 'yuv422']),
        (broken(encoding='16SC1'), ["'16SC1'", 'does not say']),
        (broken(encoding='32FC1'), ["'32FC1'", 'floats', 'depth images', 'rgb8']),
        (broken(encoding='32FC3'), ["'32FC3'", 'floats', 'rgb8']),
        (broken(encoding='64FC'), ["'64FC'", 'floats']),
        (Image(encoding='mono8', width=24_000, height=24_000), ['24000 x 24000', 'max_pixels 64000000']),
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


def compress(samples: np.ndarray, codec: str) -> bytes:
    """Return the file that OpenCV makes of samples, which it takes for blue, green, red."""
    return cv2.imencode('.' + codec, samples, [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes()


@pytest.mark.parametrize('codec', ['jpeg', 'png'])
@pytest.mark.parametrize(
    ('original', 'order', 'file_is_exchanged'),
    [
        ('rgb8', 'bgr8', False),
        ('bgr8', 'bgr8', False),
        ('bgra8', 'bgr8', False),
        ('yuv422', 'bgr8', False),
        ('nv12', 'bgr8', False),
        ('rgb8', 'rgb8', True),
        ('bgr8', 'rgb8', True),
        ('rgba8', 'rgba8', True),
        ('rgb16', 'rgb8', True),
        ('rgb8', '', True),
    ],
)
def test_colours_of_compressed_images_are_those_that_the_format_says(
    codec: str, original: str, order: str, file_is_exchanged: bool
) -> None:
    rgb = picture(48, 64)
    data = compress(rgb if file_is_exchanged else rgb[..., ::-1], codec)
    decoded = decode_compressed(CompressedImage(format=f'{original}; {codec} compressed {order}', data=data))
    assert np.abs(decoded.astype(int) - rgb).max() <= (8 if codec == 'jpeg' else 0)


@pytest.mark.parametrize('format_name', ['', 'jpeg', 'jpg', 'png', 'rgb8', 'rgb8; jpeg', 'bgr8;jpeg compressed bgr8'])
def test_a_plain_file_is_what_it_shows(format_name: str) -> None:
    rgb = picture(48, 64)
    decoded = decode_compressed(CompressedImage(format=format_name, data=compress(rgb[..., ::-1], 'png')))
    np.testing.assert_array_equal(decoded, rgb)


@pytest.mark.parametrize('codec', ['jpeg', 'png'])
@pytest.mark.parametrize('pattern', BAYER_SITES)
def test_a_compressed_mosaic_gives_the_colours_of_the_raw_one(pattern: str, codec: str) -> None:
    rgb = np.full((32, 48, 3), (200, 120, 30), np.uint8)
    mosaic = encode(rgb, f'bayer_{pattern}8')
    message = CompressedImage(format=f'bayer_{pattern}8; {codec} compressed ', data=compress(mosaic, codec))
    assert np.abs(decode_compressed(message)[8:-8, 8:-8].astype(int) - rgb[8:-8, 8:-8]).max() <= 6


def test_a_bayer_image_that_was_made_grey_before_it_was_compressed_stays_grey() -> None:
    grey = picture(48, 64)[..., 0]
    message = CompressedImage(format='bayer_rggb8; jpeg compressed mono8', data=compress(grey, 'jpeg'))
    assert np.abs(decode_compressed(message).astype(int) - grey[..., None]).max() <= 8


@pytest.mark.parametrize('bits', [10, 12, 16])
@pytest.mark.parametrize('original', ['mono16', 'bayer_rggb16', 'rgb16'])
def test_a_png_of_sixteen_bits_is_scaled_as_a_raw_image_is(original: str, bits: int) -> None:
    rgb = picture(48, 64)
    rgb[0, 0] = 255
    narrow = encode(rgb, original.replace('16', '8'))
    samples = narrow.astype(np.uint16) << (bits - 8)
    data = compress(samples[..., ::-1] if original == 'rgb16' else samples, 'png')
    order = 'bgr16' if original == 'rgb16' else ''
    np.testing.assert_array_equal(
        decode_compressed(CompressedImage(format=f'{original}; png compressed {order}', data=data)),
        decode_image(make_message(narrow, original.replace('16', '8'))),
    )


def png_header(width: int, height: int, before: bytes = b'') -> bytes:
    """Return a PNG that ends after its header."""
    chunk = b'IHDR' + struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    start = b'\x89PNG\r\n\x1a\n' + before + struct.pack('>I', 13) + chunk
    return start + struct.pack('>I', zlib.crc32(chunk)) + b'\0' * 50


def hidden_png() -> bytes:
    """Return one of 24,000 x 24,000 pixels behind another chunk, which stands where a small size is looked for."""
    text = b'tEXt' + struct.pack('>II', 8, 8)
    return png_header(24_000, 24_000, struct.pack('>I', 8) + text + struct.pack('>I', zlib.crc32(text)))


@pytest.mark.parametrize(
    ('format_name', 'data', 'words'),
    [
        ('rgb8; tiff compressed ', compress(picture(8, 8), 'tiff'), 'is tiff, which compressed_formats does not allow'),
        ('webp', compress(picture(8, 8), 'webp'), 'is webp, which compressed_formats does not allow'),
        ('jpeg', compress(picture(8, 8), 'webp'), 'to jpeg or png, or allow webp'),
        ('jpeg', compress(picture(8, 8), 'bmp'), 'neither JPEG nor PNG; set the format'),
        ('jpeg', compress(picture(64, 64), 'jp2'), 'no complete JPEG or PNG'),
        ('png', compress(picture(8, 8), 'ppm'), 'no complete JPEG or PNG'),
        ('png', hidden_png(), 'no complete JPEG or PNG'),
        ('h264', b'\0\0\0\x01\x67' + b'\1' * 40, 'video stream; decode it with `ros2 run image_transport republish'),
        ('', b'\0\0\0\x01\x67' + b'\1' * 40, 'video stream'),
        ('h265', b'\2' * 40, 'video stream'),
        ('av1', b'\2' * 40, 'video stream'),
        ('theora', b'OggS' + b'\2' * 40, 'video stream'),
        ('png', b'\2' * 40, 'no complete JPEG or PNG'),
    ],
)
def test_other_codecs_never_reach_a_decoder_and_the_remedy_is_theirs(
    monkeypatch: pytest.MonkeyPatch, format_name: str, data: bytes, words: str
) -> None:
    monkeypatch.setattr(cv2, 'imdecode', None)
    with pytest.raises(ImageError, match=f"format '{format_name}' and {len(data)} bytes.*{words}"):
        decode_compressed(CompressedImage(format=format_name, data=data))


def huge_jpeg() -> bytes:
    data = compress(picture(8, 8), 'jpeg')
    frame = data.index(b'\xff\xc0')
    return data[: frame + 5] + struct.pack('>HH', 24_000, 24_000) + data[frame + 9 :]


def huge_webp() -> bytes:
    sides = (23_999).to_bytes(3, 'little') * 2
    return b'RIFF' + struct.pack('<I', 100) + b'WEBPVP8X' + struct.pack('<II', 10, 0) + sides + b'\0' * 50


def huge_tiff(width_tag: int, height_tag: int) -> bytes:
    """Return a picture of 8 x 8 pixels with another side of 24,000, of its own or of its tiles."""
    sides = {256: 8, 257: 8, width_tag: 24_000, height_tag: 24_000}
    entries = b''.join(struct.pack('>HHII', tag, 4, 1, side) for tag, side in sorted(sides.items()))
    return b'MM\0*' + struct.pack('>IH', 8, len(sides)) + entries + b'\0' * 50


HUGE = {
    'png': png_header(24_000, 24_000),
    'jpeg': huge_jpeg(),
    'webp': huge_webp(),
    'tiff': huge_tiff(256, 257),
    'tiff of tiles': huge_tiff(322, 323),
}


@pytest.mark.parametrize('data', HUGE.values(), ids=HUGE)
def test_a_picture_that_announces_an_enormous_size_is_refused_by_its_header(
    monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr(cv2, 'imdecode', None)
    with pytest.raises(ImageError, match='24000 x 24000 pixels has more than max_pixels 64000000'):
        ImageDecoder(codecs=CODECS)(CompressedImage(format='png', data=data))


@pytest.mark.parametrize(('codec', 'flags'), [('webp', (cv2.IMWRITE_WEBP_QUALITY, 101)), ('tiff', ()), ('webp', ())])
def test_what_is_allowed_is_decoded_with_the_size_of_its_header(codec: str, flags: tuple[int, ...]) -> None:
    rgb = picture(24, 40)
    data = cv2.imencode(f'.{codec}', rgb[..., ::-1], flags)[1].tobytes()
    header = read_header(data)
    assert (header.codec, header.width, header.height) == (codec, 40, 24)
    decoded = ImageDecoder(codecs=('jpeg', codec))(CompressedImage(format=codec, data=data))
    assert decoded.shape == rgb.shape
    assert codec == 'webp' or np.array_equal(decoded, rgb)


def test_what_is_not_allowed_reaches_no_decoder_though_it_is_the_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, 'imdecode', None)
    with pytest.raises(ImageError, match='is jpeg, which compressed_formats does not allow'):
        ImageDecoder(codecs=('png',))(CompressedImage(format='jpeg', data=compress(picture(8, 8), 'jpeg')))


def test_a_jpeg_of_very_many_scans_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan of a few bytes takes as long as the whole picture does."""
    monkeypatch.setattr(cv2, 'imdecode', None)
    flags = (cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    data = cv2.imencode('.jpg', np.zeros((64, 64, 3), np.uint8), flags)[1].tobytes()
    last = data[data.rindex(b'\xff\xda') : -2]
    with pytest.raises(ImageError, match='a JPEG of 1010 scans, more than 100'):
        decode_compressed(CompressedImage(format='jpeg', data=data[:-2] + 1000 * last + data[-2:]))


def test_max_pixels_can_be_less() -> None:
    decoder = ImageDecoder(max_pixels=47)
    with pytest.raises(ImageError, match='8 x 6 pixels has more than max_pixels 47'):
        decoder(make_message(picture(6, 8), 'rgb8'))


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
