"""DICOM files give their pictures in their colours at their times, however they are coded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from support.videos import clip_pictures, cut, write_video

from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.media.pictures import open_pictures

pydicom = pytest.importorskip('pydicom', reason="needs pydicom: pip install 'mt3dnet_ros[dicom]'")
from pydicom.encaps import encapsulate  # noqa: E402
from pydicom.uid import (  # noqa: E402
    HEVCMP51,
    MPEG2MPHL,
    MPEG4HP41,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)
from support.dicom import COUNT, HEIGHT, WIDTH, write_dicom  # noqa: E402


def jpegs(pictures: list[np.ndarray], suffix: str = '.jpg') -> bytes:
    return encapsulate([cv2.imencode(suffix, picture[..., ::-1])[1].tobytes() for picture in pictures])


def check(path: Path, pictures: list[np.ndarray], error: float, step: float = 20.0) -> None:
    source = open_source(str(path))
    found = list(source)
    assert (len(found), source.count, bool(source.losses)) == (len(pictures), len(pictures), False), source.losses
    np.testing.assert_allclose([picture.stamp for picture in found], 1e6 * step * np.arange(COUNT), atol=1)
    for picture, truth in zip(found, pictures, strict=True):
        assert np.abs(picture.image.astype(float) - truth).mean() < error


@pytest.mark.parametrize(
    ('syntax', 'name', 'codec', 'options'),
    [
        (MPEG2MPHL, 'video.mpg', 'mpeg2video', {'b': '6M'}),
        (MPEG2MPHL, 'video.m2v', 'mpeg2video', {'b': '6M'}),
        (MPEG4HP41, 'video.mp4', 'libx264', {'crf': '10'}),
        (MPEG4HP41, 'video.ts', 'libx264', {'crf': '10'}),
        (MPEG4HP41, 'video.h264', 'libx264', {'crf': '10'}),
        (HEVCMP51, 'video.hevc', 'libx265', {'crf': '10', 'x265-params': 'log-level=none'}),
    ],
)
@pytest.mark.parametrize('pieces', [1, 3])
def test_encapsulated_video(
    tmp_path: Path, syntax: str, name: str, codec: str, options: dict[str, str], pieces: int
) -> None:
    pictures = clip_pictures(COUNT, (WIDTH, HEIGHT))
    stream = write_video(tmp_path / name, pictures, codec, rate=50, options=options).read_bytes()
    length = -(-len(stream) // pieces) // 2 * 2 + 2
    fragments = [stream[begin : begin + length] for begin in range(0, len(stream), length)]
    assert len(fragments) == pieces
    pixels = encapsulate([stream], fragments_per_frame=pieces, has_bot=False)
    path = write_dicom(tmp_path / 'exported', syntax, pixels, PhotometricInterpretation='YBR_PARTIAL_420')
    check(path, pictures, 8.0)


@pytest.mark.parametrize(
    ('elements', 'step'),
    [
        ({'FrameTime': 33.3}, 33.3),
        ({'FrameTime': None, 'CineRate': 10}, 100.0),
        ({'FrameTime': None, 'RecommendedDisplayFrameRate': 5}, 200.0),
        ({'FrameTime': None}, 40.0),
    ],
)
def test_times_are_those_of_the_header(tmp_path: Path, elements: dict[str, Any], step: float) -> None:
    pictures = clip_pictures(COUNT, (WIDTH, HEIGHT))
    path = write_dicom(tmp_path / 'a.dcm', JPEGBaseline8Bit, jpegs(pictures), **elements)
    check(path, pictures, 8.0, step)
    assert open_source(str(path)).rate == pytest.approx(1000 / step)


def test_a_vector_of_times_makes_the_rate_vary(tmp_path: Path) -> None:
    pixels = b''.join(picture.tobytes() for picture in clip_pictures(COUNT, (WIDTH, HEIGHT)))
    steps = [0.0, 20.0, 50.0, 20.0, 400.0, 20.0]
    path = write_dicom(
        tmp_path / 'a.dcm', ExplicitVRLittleEndian, pixels, FrameTime=None, FrameTimeVector=steps,
        FrameIncrementPointer=0x00181065,
    )  # fmt: skip
    assert [picture.stamp for picture in open_source(str(path))] == [1e6 * time for time in np.cumsum(steps)]


def test_jpeg_and_its_kin(tmp_path: Path) -> None:
    pictures = clip_pictures(COUNT, (WIDTH, HEIGHT))
    check(
        write_dicom(tmp_path / 'jpeg', JPEGBaseline8Bit, jpegs(pictures), PhotometricInterpretation='YBR_FULL_422'),
        pictures,
        8.0,
    )
    check(write_dicom(tmp_path / 'jp2', JPEG2000Lossless, jpegs(pictures, '.jp2')), pictures, 3.0)


def test_jpeg_that_holds_red_green_and_blue_without_a_mark(tmp_path: Path) -> None:
    import av

    pictures = clip_pictures(COUNT, (WIDTH, HEIGHT))
    codes = []
    for picture in pictures:
        encoder = av.CodecContext.create('mjpeg', 'w')
        encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, 'yuvj444p'
        encoder.time_base, encoder.qmin, encoder.qmax = 1, 1, 2
        planes = np.ascontiguousarray(np.moveaxis(picture, -1, 0))
        frame = av.VideoFrame.from_ndarray(planes.reshape(-1, WIDTH).reshape(3, HEIGHT, WIDTH), format='yuvj444p')
        codes.append(b''.join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)]))
    check(write_dicom(tmp_path / 'rgb', JPEGBaseline8Bit, encapsulate(codes)), pictures, 8.0)


def test_plain_pixels_of_each_arrangement(tmp_path: Path) -> None:
    pictures = clip_pictures(COUNT, (WIDTH, HEIGHT))
    rgb = b''.join(picture.tobytes() for picture in pictures)
    planes = b''.join(np.moveaxis(picture, -1, 0).tobytes() for picture in pictures)
    ybr = [cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]] for picture in pictures]
    full = b''.join(picture.tobytes() for picture in ybr)
    halved = b''.join(np.concatenate([y[..., 0].reshape(HEIGHT, -1, 2), y[:, ::2, 1:]], axis=2).tobytes() for y in ybr)
    plain = ExplicitVRLittleEndian
    check(write_dicom(tmp_path / 'rgb', plain, rgb), pictures, 0.1)
    check(write_dicom(tmp_path / 'planes', plain, planes, PlanarConfiguration=1), pictures, 0.1)
    check(write_dicom(tmp_path / 'full', plain, full, PhotometricInterpretation='YBR_FULL'), pictures, 2.0)
    check(write_dicom(tmp_path / 'halved', plain, halved, PhotometricInterpretation='YBR_FULL_422'), pictures, 6.0)


def test_grey_pixels_of_each_depth_and_window(tmp_path: Path) -> None:
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in clip_pictures(COUNT, (WIDTH, HEIGHT))]
    shown = [cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB) for picture in grey]
    one = {'SamplesPerPixel': 1, 'PhotometricInterpretation': 'MONOCHROME2', 'PlanarConfiguration': None}
    plain, eight = ExplicitVRLittleEndian, b''.join(picture.tobytes() for picture in grey)
    check(write_dicom(tmp_path / 'eight', plain, eight, **one), shown, 0.1)
    inverted = b''.join((255 - picture).tobytes() for picture in grey)
    check(
        write_dicom(tmp_path / 'one', plain, inverted, **{**one, 'PhotometricInterpretation': 'MONOCHROME1'}),
        shown,
        0.1,
    )
    twelve = {**one, 'BitsAllocated': 16, 'BitsStored': 12, 'HighBit': 11}
    wide = b''.join((picture.astype(np.uint16) * 16).tobytes() for picture in grey)
    check(write_dicom(tmp_path / 'twelve', plain, wide, **twelve), shown, 2.0)
    dark = b''.join((picture.astype(np.uint16) + 1000).tobytes() for picture in grey)
    window = {'WindowCenter': 1128.0, 'WindowWidth': 256.0}
    check(write_dicom(tmp_path / 'window', plain, dark, **twelve, **window), shown, 2.0)


def test_run_lengths(tmp_path: Path) -> None:
    pictures = clip_pictures(COUNT, (WIDTH, HEIGHT))
    path = write_dicom(tmp_path / 'a.dcm', ExplicitVRLittleEndian, b''.join(p.tobytes() for p in pictures))
    file = pydicom.dcmread(path)
    file.compress(RLELossless, generate_instance_uid=False)
    file.save_as(path)
    check(path, pictures, 0.1)


@pytest.mark.parametrize('syntax', [ExplicitVRLittleEndian, JPEGBaseline8Bit, MPEG4HP41])
def test_a_cut_file_gives_what_it_has_and_counts_the_rest(tmp_path: Path, syntax: str) -> None:
    pictures = clip_pictures(COUNT, (WIDTH, HEIGHT))
    pixels = {
        ExplicitVRLittleEndian: lambda: b''.join(picture.tobytes() for picture in pictures),
        JPEGBaseline8Bit: lambda: jpegs(pictures),
        MPEG4HP41: lambda: encapsulate([write_video(tmp_path / 'v.ts', pictures).read_bytes()], has_bot=False),
    }[syntax]()
    source = open_source(str(cut(write_dicom(tmp_path / 'a.dcm', syntax, pixels), 0.7)))
    found = list(source)
    assert 0 < len(found) < COUNT
    assert len(found) + source.losses.missing == COUNT


def test_one_damaged_picture_is_left_out_and_the_times_of_the_others_stay(tmp_path: Path) -> None:
    pictures = clip_pictures(COUNT, (WIDTH, HEIGHT))
    codes = [cv2.imencode('.jpg', picture[..., ::-1])[1].tobytes() for picture in pictures]
    codes[2] = bytes(len(codes[2]))
    source = open_source(str(write_dicom(tmp_path / 'a.dcm', JPEGBaseline8Bit, encapsulate(codes))))
    assert [picture.stamp for picture in source] == [0, 20e6, 60e6, 80e6, 100e6]
    assert source.losses.missing == 1


def test_what_cannot_be_read_is_refused_by_what_it_is(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / 'a.dcm', ExplicitVRLittleEndian, b'')
    file = pydicom.dcmread(path)
    del file.PixelData
    file.save_as(path)
    with pytest.raises(SourceError, match=r"DICOM file '.*a.dcm' has no pixel data"):
        open_source(str(path))
    (tmp_path / 'b.dcm').write_bytes(bytes(128) + b'DICM' + b'\x02\x00\x10\x00UI')
    with pytest.raises(SourceError, match=r"DICOM file '.*b.dcm' (cannot be read|has no pixel data)"):
        open_source(str(tmp_path / 'b.dcm'))


def test_a_single_picture_is_no_film(tmp_path: Path) -> None:
    (picture,) = clip_pictures(1, (WIDTH, HEIGHT))
    path = write_dicom(tmp_path / 'a', ExplicitVRLittleEndian, picture.tobytes(), NumberOfFrames=1, FrameTime=None)
    pictures = open_pictures(path)
    assert (pictures.count, pictures.is_sequence, len(list(pictures))) == (1, False, 1)


def test_without_pydicom_the_extra_is_named(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / 'a.dcm', ExplicitVRLittleEndian, b'')
    script = (
        'import sys; sys.modules["pydicom"] = None\n'
        'from mt3dnet_ros.commands.main import main\n'
        'sys.exit(main(["predict", sys.argv[1], "--output", sys.argv[1] + "_out"]))'
    )
    ended = subprocess.run([sys.executable, '-c', script, str(path)], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "pydicom is not installed: pip install 'mt3dnet_ros[dicom]'" in ended.stderr
