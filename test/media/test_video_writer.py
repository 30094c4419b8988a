"""A video holds what was written and plays in browsers, or says why it cannot."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from support.small_network import tissue
from support.videos import clip_pictures

from mt3dnet_ros.media import video_writer
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.media.video_writer import VideoWriteError, VideoWriter


def write(path: Path, pictures: list[np.ndarray], rate: float = 12.5, stamps: list[int] | None = None) -> None:
    with VideoWriter(path, rate, pictures[0].shape[:2]) as writer:
        for index, picture in enumerate(pictures):
            writer.write(picture, stamps[index] if stamps else None)


@pytest.mark.parametrize('codec', video_writer.CODECS)
@pytest.mark.parametrize('size', [(640, 512), (161, 127), (1280, 720)])
def test_video_holds_every_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str, size: tuple[int, int]
) -> None:
    monkeypatch.setattr(video_writer, 'CODECS', (codec,))
    pictures = clip_pictures(5, size)
    write(tmp_path / 'clip.mp4', pictures)
    source = open_source(str(tmp_path / 'clip.mp4'))
    found = list(source)
    assert source.rate == pytest.approx(12.5) and not source.losses
    np.testing.assert_allclose([picture.stamp for picture in found], 80e6 * np.arange(5), atol=1e5)
    width, height = size
    for picture, written in zip(found, pictures, strict=True):
        assert picture.image.shape == (height + height % 2, width + width % 2, 3)
        assert np.abs(picture.image[:height, :width].astype(float) - written).mean() < 6.0


@pytest.mark.parametrize('codec', video_writer.CODECS)
def test_video_is_of_a_kind_that_browsers_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str) -> None:
    monkeypatch.setattr(video_writer, 'CODECS', (codec,))
    write(tmp_path / 'clip.mp4', clip_pictures(3, (160, 128)))
    with av.open(str(tmp_path / 'clip.mp4')) as file:
        (stream,) = file.streams.video
        assert stream.codec_context.name in ('h264', 'vp9', 'libvpx-vp9', 'libdav1d')
        assert stream.codec_context.pix_fmt == 'yuv420p'
    content = (tmp_path / 'clip.mp4').read_bytes()
    assert content.index(b'moov') < content.index(b'mdat'), 'it plays while it is loaded'


def test_stamps_may_be_uneven_and_of_any_beginning(tmp_path: Path) -> None:
    stamps = [7_000_000_000, 7_040_000_000, 7_500_000_000, 7_500_000_001, 9_000_000_000]
    write(tmp_path / 'clip.mp4', clip_pictures(5, (64, 48)), stamps=stamps)
    found = [picture.stamp for picture in open_source(str(tmp_path / 'clip.mp4'))]
    np.testing.assert_allclose(found, np.array(stamps) - stamps[0], atol=2e4)


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VideoWriteError, match=r'a picture of 32 x 48 pixels does not fit into one of 64 x 48'):
        write(tmp_path / 'clip.mp4', [np.zeros((48, 64, 3), np.uint8), np.zeros((48, 32, 3), np.uint8)])


def test_without_a_picture_there_is_no_file(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / 'clip.mp4', 25.0, (48, 64)):
        pass
    assert list(tmp_path.iterdir()) == []


def test_video_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(VideoWriteError, match=r"video '.*missing/clip\.mp4' cannot be written: there is no such"):
        VideoWriter(tmp_path / 'missing' / 'clip.mp4', 25.0, (96, 128))


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Let no file of this process grow beyond 100 kB."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures('small_disk')
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 256, 256, 3), np.uint8)
    with pytest.raises(VideoWriteError, match=r"video '.*clip\.mp4' cannot be written: it would be larger than"):
        write(tmp_path / 'clip.mp4', list(noise))


@pytest.mark.parametrize('size', [(64, 96), (128, 160)])
def test_the_same_pictures_give_the_same_bytes(tmp_path: Path, size: tuple[int, int]) -> None:
    """Whatever lies in the memory that is used again; pictures so small showed it."""
    written = set()
    for attempt in range(8):
        write(tmp_path / f'{attempt}.mp4', [tissue(*size, seed) for seed in range(12)])
        written.add((tmp_path / f'{attempt}.mp4').read_bytes())
    assert len(written) == 1
