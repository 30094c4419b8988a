"""Interlaced video becomes whole pictures: one per frame, close to those of the same moment that were never woven."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from av.video.stream import VideoStream
from support.videos import clip_pictures, damage, grey_pictures, woven, write_video

from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver

COUNT = 6
TOP, BOTTOM = [('setfield', 'tff')], [('setfield', 'bff')]
WOVEN = {'flags': '+ildct+ilme'}
KINDS = {
    'dvd.mpg': ('mpeg2video', 'yuv420p', TOP, {**WOVEN, 'b': '12M'}),
    'tape.dv': ('dvvideo', 'yuv420p', BOTTOM, {}),
    'recorder.mp4': ('libx264', 'yuv420p', TOP, {**WOVEN, 'crf': '14'}),
    'editor.mov': ('prores_ks', 'yuv422p10le', TOP, WOVEN),
}


def size_of(name: str) -> tuple[int, int]:
    return (720, 576) if name == 'tape.dv' else (640, 512)


def write_woven(folder: Path, name: str) -> tuple[Path, list[np.ndarray]]:
    """Return the path of an interlaced video, and the pictures of the moments of each frame's first field."""
    codec, pixel_format, filters, options = KINDS[name]
    pictures = clip_pictures(2 * COUNT, size_of(name))  # fields 40 ms apart: twice as far as real ones
    frames = woven(pictures, top_first=filters is TOP)
    return write_video(folder / name, frames, codec, pixel_format, filters=filters, options=options), pictures[::2]


def combing(picture: np.ndarray) -> float:
    """Return how much more neighbouring lines differ than those of one field."""
    grey = picture.astype(float).mean(axis=2)
    return np.abs(grey[1:] - grey[:-1]).mean() / np.abs(grey[2:] - grey[:-2]).mean()


@pytest.fixture(scope='module')
def mask() -> Callable[[np.ndarray], np.ndarray]:
    perceiver: Perceiver = load(None, 'cpu')

    def instruments(picture: np.ndarray) -> np.ndarray:
        labels = perceiver(Frame(picture), None, frozenset({'labels'})).labels
        assert labels is not None
        return labels > 0

    return instruments


@pytest.mark.parametrize('name', KINDS)
def test_masks_are_those_of_the_progressive_original(
    tmp_path: Path, name: str, mask: Callable[[np.ndarray], np.ndarray]
) -> None:
    path, originals = write_woven(tmp_path, name)
    source = open_source(str(path))
    found = list(source)
    assert (len(found), bool(source.losses)) == (COUNT, False), source.losses
    np.testing.assert_allclose(np.diff([picture.stamp for picture in found]), 40e6, atol=1e6)
    shares = []
    for picture, original in zip(found, originals, strict=True):
        truth = mask(original)
        assert truth.mean() > 0.02, 'there are instruments'
        shares.append(float((mask(picture.image) != truth).mean()))
    assert max(shares) < 0.02, shares


@pytest.mark.parametrize('name', KINDS)
def test_no_comb_is_left(tmp_path: Path, name: str) -> None:
    path, originals = write_woven(tmp_path, name)
    for picture, original in zip(open_source(str(path)), originals, strict=True):
        assert combing(picture.image) < 1.15 * combing(original)


def test_progressive_frames_of_a_stream_stay_as_they_are(tmp_path: Path) -> None:
    pictures = clip_pictures(COUNT, (320, 256))
    options = {**WOVEN, 'crf': '1'}
    path = write_video(tmp_path / 'flat.mp4', pictures, filters=[('setfield', 'prog')], options=options)
    for found, picture in zip(open_source(str(path)), pictures, strict=True):
        assert np.abs(found.image.astype(float) - picture).mean() < 4.0


def test_a_stream_that_says_it_though_its_frames_do_not_is_deinterlaced(tmp_path: Path) -> None:
    def is_woven(stream: VideoStream) -> None:
        stream.codec_context.field_order = 2  # AV_FIELD_TT, which QuickTime keeps for codecs that cannot say it

    pictures = clip_pictures(2 * COUNT, (320, 256), step=8)
    path = write_video(tmp_path / 'frames.mov', woven(pictures), 'mjpeg', 'yuvj420p', prepare=is_woven)
    found = [picture.image for picture in open_source(str(path))]
    assert max(map(combing, found)) < 1.2 * max(map(combing, pictures))


def test_a_single_interlaced_frame_is_one_picture(tmp_path: Path) -> None:
    (frame,) = woven(clip_pictures(2, (320, 256), step=8))
    path = write_video(tmp_path / 'one.mpg', [frame], 'mpeg2video', filters=TOP, options=WOVEN)
    assert len(list(open_source(str(path)))) == 1


def test_damage_of_interlaced_video_is_counted_with_its_picture(tmp_path: Path) -> None:
    path, _ = write_woven(tmp_path, 'dvd.mpg')
    source = open_source(str(damage(path, 3)))
    found = list(source)
    assert len(found) + source.losses.missing == COUNT
    assert source.losses.damaged == sum(picture.damaged for picture in found) > 0


def test_interlaced_frames_after_progressive_ones_keep_their_order(tmp_path: Path) -> None:
    for name, filters in (('flat', [('setfield', 'prog')]), ('woven', TOP)):
        write_video(tmp_path / f'{name}.m2v', grey_pictures(5), 'mpeg2video', filters=filters, options=WOVEN)
    joined = (tmp_path / 'flat.m2v').read_bytes() + (tmp_path / 'woven.m2v').read_bytes()
    (tmp_path / 'both.m2v').write_bytes(joined)
    found = [round(picture.image.mean(), -1) for picture in open_source(str(tmp_path / 'both.m2v'))]
    assert found == [10.0, 20.0, 30.0, 40.0, 50.0] * 2
