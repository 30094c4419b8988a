"""Of a damaged video every picture comes that can be had; what is damaged or missing is counted."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from support.videos import clip_pictures, cut, damage, write_video

from mt3dnet_ros.media.frame_source import FrameLosses, SourceError, TimedImage
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.media.pictures import open_pictures

COUNT = 25
CODECS = {
    'motion.avi': ('mjpeg', 'yuvj420p', {'q': '3'}),
    'video.mp4': ('libx264', 'yuv420p', {'bf': '2'}),
    'transport.ts': ('libx264', 'yuv420p', {}),
    'system.mpg': ('mpeg2video', 'yuv420p', {'b': '3M'}),
    'raw.h264': ('libx264', 'yuv420p', {}),
}


def write(folder: Path, name: str) -> Path:
    codec, pixel_format, options = CODECS[name]
    quick = {'container_options': {'movflags': 'faststart'}} if name.endswith('.mp4') else {}
    return write_video(folder / name, clip_pictures(COUNT, (320, 256)), codec, pixel_format, options=options, **quick)


def read(path: Path) -> tuple[list[TimedImage], FrameLosses]:
    source = open_source(str(path))
    return list(source), source.losses


@pytest.mark.parametrize('name', CODECS)
def test_reading_goes_past_damage_and_counts_it(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name)
    whole, none = read(path)
    assert (len(whole), bool(none)) == (COUNT, False)
    pictures, losses = read(damage(path, 3, length=300, begin=0.4))
    assert losses.damaged == sum(picture.damaged for picture in pictures) > 0
    assert len(pictures) >= COUNT - 4
    if name in ('motion.avi', 'video.mp4'):  # they have an index, so that nothing goes unseen
        assert len(pictures) + losses.missing == COUNT
    assert pictures[-1].stamp >= whole[-4].stamp, 'it comes to the end'
    for picture in pictures:
        twin = min(whole, key=lambda other: abs(other.stamp - picture.stamp))
        assert picture.damaged or np.abs(picture.image.astype(float) - twin.image).mean() < 12.0, picture.stamp


@pytest.mark.parametrize('name', ['motion.avi', 'video.mp4', 'matroska.mkv', 'flash.flv', 'browser.webm'])
def test_a_file_that_was_cut_says_how_much_is_missing(tmp_path: Path, name: str) -> None:
    if name in CODECS:
        path = write(tmp_path, name)
    else:
        codec = 'libvpx' if name.endswith('.webm') else 'libx264'
        path = write_video(tmp_path / name, clip_pictures(COUNT, (320, 256)), codec, options={'g': '5', 'b': '300k'})
    pictures, losses = read(cut(path))
    assert 2 < len(pictures) < COUNT - 2
    assert len(pictures) + losses.missing == pytest.approx(COUNT, abs=0 if name in CODECS else 2)


@pytest.mark.parametrize('name', ['index_at_the_end.mp4', 'index_at_the_end.mov'])
def test_a_recording_that_was_never_finished_is_refused_by_its_missing_index(tmp_path: Path, name: str) -> None:
    path = cut(write_video(tmp_path / name, clip_pictures(10, (160, 128))), 0.6)
    with pytest.raises(SourceError, match=r'its index \(moov\) is missing: the recording was cut off'):
        open_source(str(path))


def test_an_empty_file_and_one_without_a_whole_picture_are_refused(tmp_path: Path) -> None:
    (tmp_path / 'empty.mp4').touch()
    with pytest.raises(SourceError, match=r"'.*empty\.mp4' cannot be opened; it is empty"):
        open_source(str(tmp_path / 'empty.mp4'))
    with pytest.raises(SourceError, match=r"video '.*cut_motion\.avi' (has no picture|cannot be opened)"):
        open_source(str(cut(write(tmp_path, 'motion.avi'), 0.02)))


def test_numbers_of_pictures_after_missing_ones_stay_those_of_their_times(tmp_path: Path) -> None:
    path = write(tmp_path, 'video.mp4')
    content = bytearray(path.read_bytes())
    with av.open(str(path)) as file:
        packets = sorted((packet for packet in file.demux(video=0) if packet.size), key=lambda packet: packet.pts)
        sixth = packets[5]
        content[sixth.pos : sixth.pos + sixth.size] = bytes(sixth.size)
    path.write_bytes(content)
    pictures = open_pictures(path)
    assert [picture.stem for picture in pictures] == [f'{number:06d}' for number in range(COUNT) if number != 5]
    assert pictures.losses.missing == 1
