"""Videos of any make give upright, whole pictures with the file's own time stamps."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from support.videos import clip_pictures, grey_pictures, write_video

from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.open_source import open_source

MILLISECOND = 1_000_000


def pictures_of(path: Path) -> list[np.ndarray]:
    source = open_source(str(path))
    pictures = [picture.image for picture in source]
    assert not source.losses, source.losses
    return pictures


def stamps_of(path: Path) -> list[int]:
    return [picture.stamp for picture in open_source(str(path))]


@pytest.mark.parametrize(
    ('name', 'codec', 'pixel_format', 'options'),
    [
        ('ten_bits.mp4', 'libx265', 'yuv420p10le', {'x265-params': 'log-level=none', 'crf': '10'}),
        ('four_two_two.mp4', 'libx264', 'yuv422p', {'crf': '10'}),
        ('b_frames_until_the_end.mp4', 'libx264', 'yuv420p', {'crf': '10', 'bf': '3', 'x264-params': 'b-adapt=0'}),
        ('browser.webm', 'libvpx-vp9', 'yuv420p', {'crf': '10', 'b': '0', 'deadline': 'realtime', 'cpu-used': '8'}),
        ('vp8.webm', 'libvpx', 'yuv420p', {'b': '4M', 'deadline': 'realtime'}),
        ('av1.mkv', 'libsvtav1', 'yuv420p', {'crf': '15', 'preset': '10'}),
        ('grey.mkv', 'ffv1', 'gray', None),
        ('grey16.mkv', 'ffv1', 'gray16le', None),
        ('rgb.mov', 'png', 'rgb24', None),
        ('alpha.mov', 'png', 'rgba', None),
        ('planar_rgb.mkv', 'libx264rgb', 'rgb24', {'crf': '10'}),
        ('palette.gif', 'gif', 'rgb8', None),
        ('animated.apng', 'apng', 'rgb24', None),
        ('motion.avi', 'mjpeg', 'yuvj420p', {'qscale': '2'}),
        ('system.mpg', 'mpeg2video', 'yuv420p', {'b': '4M'}),
        ('transport.ts', 'libx264', 'yuv420p', {'crf': '10'}),
        ('flash.flv', 'libx264', 'yuv420p', {'crf': '10'}),
        ('raw.h264', 'libx264', 'yuv420p', {'crf': '10', 'bf': '2'}),
        ('intermediate.mov', 'prores_ks', 'yuv422p10le', None),
    ],
)
def test_codec_and_pixel_format_give_the_pictures_that_were_encoded(
    tmp_path: Path, name: str, codec: str, pixel_format: str, options: dict[str, str] | None
) -> None:
    encoded = clip_pictures(8, (160, 128))
    path = write_video(tmp_path / name, encoded, codec, pixel_format, options=options)
    found = pictures_of(path)
    assert len(found) == 8
    for number, (picture, truth) in enumerate(zip(found, encoded, strict=True)):
        if pixel_format.startswith('gray'):
            truth = cv2.cvtColor(cv2.cvtColor(truth, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        error = np.abs(picture.astype(float) - truth).mean()
        assert error < (25.0 if pixel_format == 'rgb8' else 8.0), (number, error)
    steps = np.diff(stamps_of(path)) / MILLISECOND
    np.testing.assert_allclose(steps, 40.0, atol=1.0)


def test_stamps_are_those_of_a_file_with_a_varying_rate(tmp_path: Path) -> None:
    times = [120, 160, 200, 700, 733, 2000, 2001]
    for name in ('varying.mkv', 'varying.mp4', 'varying.webm'):
        codec = 'libvpx-vp9' if name.endswith('webm') else 'libx264'
        path = write_video(tmp_path / name, grey_pictures(7), codec, times=times)
        assert stamps_of(path) == [MILLISECOND * (time - 120) for time in times], name
        assert [round(picture.mean(), -1) for picture in pictures_of(path)] == [10 * i + 10 for i in range(7)]


def test_webm_as_browsers_write_it_has_its_own_rate(tmp_path: Path) -> None:
    times = [round(1000 * index / 30) for index in range(20)]
    write_video(tmp_path / 'seekable.webm', grey_pictures(20), 'libvpx', times=times)
    with open(tmp_path / 'browser.webm', 'wb') as file, _Pipe(file) as pipe:  # no seeking: no duration, no index
        _remux(tmp_path / 'seekable.webm', pipe)
    source = open_source(str(tmp_path / 'browser.webm'))
    assert source.rate == pytest.approx(30, abs=1)
    assert [picture.stamp for picture in source] == [MILLISECOND * time for time in times]


class _Pipe:
    """What a program writes to that cannot go back."""

    def __init__(self, file: Any) -> None:
        self.write = file.write

    def __enter__(self) -> _Pipe:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _remux(path: Path, target: Any) -> None:
    with av.open(str(path)) as source, av.open(target, 'w', format='webm') as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                copy.mux(packet)


def test_stamps_go_on_where_two_recordings_were_joined(tmp_path: Path) -> None:
    for name, begin in (('first', 0), ('second', 3_600_000)):
        times = [begin + 40 * index for index in range(5)]
        write_video(tmp_path / f'{name}.ts', grey_pictures(5), times=times)
    joined = (tmp_path / 'second.ts').read_bytes() + (tmp_path / 'first.ts').read_bytes()
    (tmp_path / 'joined.ts').write_bytes(joined)
    steps = np.diff(stamps_of(tmp_path / 'joined.ts')) / MILLISECOND
    assert len(steps) >= 8
    assert steps.min() >= 1.0 and steps.max() <= 100.0


@pytest.mark.parametrize('degrees', [0, 90, 180, 270])
@pytest.mark.parametrize('mirrored', [False, True])
def test_pictures_stand_upright(tmp_path: Path, degrees: int, mirrored: bool) -> None:
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:24, :36] = 255, 0, 0
    picture[40:, :36] = 0, 255, 0
    path = write_video(
        tmp_path / 'turned.mp4',
        [picture] * 3,
        options={'crf': '5'},
        prepare=lambda stream: stream.set_display_rotation(degrees, mirrored),
    )
    (found, *_) = pictures_of(path)
    shown = np.rot90(picture, degrees // 90)
    shown = shown[:, ::-1] if mirrored else shown
    assert found.shape == shown.shape
    assert np.abs(found.astype(float) - shown).mean() < 5.0


def test_colours_follow_the_matrix_that_the_file_names_or_that_its_size_suggests(tmp_path: Path) -> None:
    for width, height, matrix in ((64, 48, 'ITU601'), (1280, 720, 'ITU709')):
        frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), (200, 40, 40), np.uint8))
        frame = frame.reformat(format='yuv420p', dst_colorspace=matrix)
        with av.open(str(tmp_path / 'red.mkv'), 'w') as file:
            stream = file.add_stream('ffv1', 25)
            stream.width, stream.height, stream.pix_fmt = width, height, 'yuv420p'
            file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
        (picture,) = pictures_of(tmp_path / 'red.mkv')
        np.testing.assert_allclose(picture[height // 2, width // 2], (200, 40, 40), atol=3)


def test_odd_sizes_and_changes_of_size_are_given_as_they_are(tmp_path: Path) -> None:
    write_video(tmp_path / 'odd.mkv', [picture[:47, :63] for picture in grey_pictures(3)], 'ffv1', 'yuv444p')
    assert {picture.shape for picture in pictures_of(tmp_path / 'odd.mkv')} == {(47, 63, 3)}
    for name, width, height in (('one', 64, 48), ('two', 96, 80)):
        write_video(tmp_path / f'{name}.h264', grey_pictures(4, width, height), options={'bf': '0'})
    both = (tmp_path / 'one.h264').read_bytes() + (tmp_path / 'two.h264').read_bytes()
    (tmp_path / 'both.h264').write_bytes(both)
    source = open_source(str(tmp_path / 'both.h264'))
    assert [picture.image.shape for picture in source] == [(48, 64, 3)] * 4 + [(80, 96, 3)] * 4
    assert source.size == (64, 48)


def test_the_video_is_found_behind_sound_and_a_cover_and_before_smaller_ones(tmp_path: Path) -> None:
    path = tmp_path / 'many.mp4'
    with av.open(str(path), 'w') as file:
        sound = file.add_stream('aac', 48000, layout='mono')
        cover = file.add_stream('mjpeg', 25)
        cover.width, cover.height, cover.pix_fmt = 32, 32, 'yuvj420p'
        cover.disposition = av.stream.Disposition.attached_pic
        video = file.add_stream('libx264', 25)
        video.width, video.height, video.pix_fmt = 64, 48, 'yuv420p'
        file.mux(sound.encode(_silence()))
        picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 255, np.uint8)).reformat(format='yuvj420p')
        file.mux(cover.encode(picture))
        for number, shown in enumerate(grey_pictures(5)):
            frame = av.VideoFrame.from_ndarray(shown)
            frame.pts = number
            file.mux(video.encode(frame))
        for stream in (sound, cover, video):
            file.mux(stream.encode(None))
    assert [picture.shape for picture in pictures_of(path)] == [(48, 64, 3)] * 5


def test_a_file_of_sound_alone_is_refused_by_what_it_has(tmp_path: Path) -> None:
    with av.open(str(tmp_path / 'sound.mp4'), 'w') as file:
        sound = file.add_stream('aac', 48000, layout='mono')
        file.mux(sound.encode(_silence()))
        file.mux(sound.encode(None))
    with pytest.raises(SourceError, match=r"video '.*sound.mp4' has no pictures, only audio"):
        open_source(str(tmp_path / 'sound.mp4'))


def _silence() -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format='fltp', layout='mono')
    frame.sample_rate, frame.pts = 48000, 0
    return frame


@pytest.mark.parametrize('name', ['notes.txt', 'list.ffconcat', 'list.m3u8', 'list.mp4'])
def test_text_is_no_video_and_a_list_reaches_no_other_file(tmp_path: Path, name: str) -> None:
    write_video(tmp_path / 'other.ts', grey_pictures(3))
    lists = {
        'notes.txt': 'some words\n' * 100,
        'list.ffconcat': 'ffconcat version 1.0\nfile other.ts\n',
        'list.m3u8': '#EXTM3U\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n',
    }
    (tmp_path / name).write_text(lists.get(name, lists['list.m3u8']))
    with pytest.raises(SourceError, match=r"video '.*' cannot be opened; it is no video"):
        open_source(str(tmp_path / name))


def test_names_that_mean_something_to_ffmpeg_are_taken_as_names(tmp_path: Path) -> None:
    for name in ('http:a%03d.mp4', 'concat:a|b.mp4', 'ümläut 手術.mp4'):
        written = write_video(tmp_path / 'plain.mp4', grey_pictures(3))
        written.rename(tmp_path / name)
        assert len(pictures_of(tmp_path / name)) == 3


def test_rate_is_kept_exactly(tmp_path: Path) -> None:
    path = write_video(tmp_path / 'ntsc.mp4', grey_pictures(6), rate=Fraction(30000, 1001))
    source = open_source(str(path))
    assert source.rate == pytest.approx(30000 / 1001, rel=1e-9)
    np.testing.assert_allclose(np.diff([picture.stamp for picture in source]), 1e9 * 1001 / 30000, atol=1)
