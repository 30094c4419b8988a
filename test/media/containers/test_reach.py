"""A source that is given as text reaches itself and nothing else, unless a protocol is allowed by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from support.reached import OpenedFiles, server
from support.videos import grey_pictures, write_video

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.scared.stacked_video import StackedVideo
from mt3dnet_ros.errors import InputError, MT3DNetError
from mt3dnet_ros.media.containers.container import self_contained_formats
from mt3dnet_ros.media.containers.network_stream import check_protocol
from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.media.pictures import open_pictures

# Files that name another one, as `{}`, in the forms that FFmpeg knows.
LISTS = {
    'm3u8': '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n',
    'ffconcat': 'ffconcat version 1.0\nfile {}\n',
    'mpd': (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period>'
        '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" codecs="avc1">'
        '<BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>'
    ),
    'sdp': 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=control:{}\n',
    'pls': '[playlist]\nNumberOfEntries=1\nFile1={}\n',
}
PREFIXES = ('concat:', 'subfile,,start,0,end,0,,:', 'file:', 'cache:', 'async:', 'crypto:', 'pipe:', 'fd:', 'data:,')


@pytest.fixture(scope='module')
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp('video') / 'other.ts', grey_pictures(5))


@pytest.fixture
def opened(video: Path) -> Iterator[OpenedFiles]:
    watch = OpenedFiles(video)
    yield watch
    watch.close()


def openers() -> dict[str, Callable[[Path], object]]:
    return {
        'open_source': lambda path: list(open_source(str(path))),
        'open_pictures': lambda path: [picture.read() for picture in open_pictures(path)],
        'scared': lambda path: StackedVideo(path).read(0),
    }


@pytest.mark.parametrize('opener', sorted(openers()))
@pytest.mark.parametrize('suffix', ['own', '.mp4'])
@pytest.mark.parametrize('form', LISTS)
def test_a_file_that_names_others_is_not_followed(
    form: str, suffix: str, opener: str, video: Path, opened: OpenedFiles, tmp_path: Path
) -> None:
    suffix = f'.{form}' if suffix == 'own' else suffix
    (tmp_path / video.name).symlink_to(video)
    with server(video.read_bytes()) as (address, requests):
        opened.count()
        for target in (f'{address}/other.ts', str(video), video.name, f'file:{video}'):
            path = tmp_path / f'list{suffix}'
            path.write_text(LISTS[form].format(target))
            with pytest.raises((SourceError, DatasetError)):
                openers()[opener](path)
    assert (requests, opened.count()) == ([], 0)


def test_what_is_followed_would_be_seen(video: Path, opened: OpenedFiles) -> None:
    """The tests above can fail."""
    with server(video.read_bytes()) as (address, requests):
        assert len(list(islice(open_source(f'{address}/other.ts', ['http']), 5))) == 5
        list(open_source(str(video)))
        assert requests and opened.count()


@pytest.mark.parametrize('form', LISTS)
def test_a_list_within_dicom_is_not_followed_either(
    form: str, video: Path, opened: OpenedFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip('pydicom', reason="needs pydicom: pip install 'mt3dnet_ros[dicom]'")
    from pydicom.encaps import encapsulate
    from pydicom.uid import MPEG4HP41
    from support.dicom import write_dicom

    (tmp_path / video.name).symlink_to(video)
    monkeypatch.chdir(tmp_path)
    with server(video.read_bytes()) as (address, requests):
        opened.count()
        for target in (f'{address}/other.ts', str(video), video.name):
            content = LISTS[form].format(target).encode().ljust(2000, b'\n')
            path = write_dicom(tmp_path / 'list.dcm', MPEG4HP41, encapsulate([content], has_bot=False))
            with pytest.raises(SourceError):
                list(open_source(str(path)))
    assert (requests, opened.count()) == ([], 0)


@pytest.mark.parametrize('prefix', ['', *PREFIXES])
def test_a_text_with_a_protocol_reaches_nothing(prefix: str, video: Path, opened: OpenedFiles) -> None:
    with server(video.read_bytes()) as (address, requests):
        opened.count()
        for target in (f'{address}/other.ts', address.replace('http', 'HTTP'), f'{video}|{video}'):
            for opener in (open_source, lambda text: open_pictures(Path(text))):
                with pytest.raises(MT3DNetError):
                    opener(f'{prefix}{target}')
    assert (requests, opened.count()) == ([], 0)


def test_an_address_is_refused_by_the_name_of_its_protocol_and_the_parameter() -> None:
    with pytest.raises(SourceError, match=r"by the protocol 'rtsp' is not allowed: .*allowed_protocols:=\['rtsp'\]"):
        open_source('rtsp://127.0.0.1/stream', ['http'])
    with pytest.raises(SourceError, match="by the protocol 'gopher' is not allowed: there are http, "):
        open_source('gopher://127.0.0.1/stream', ['gopher'])
    with pytest.raises(InputError, match="protocol 'file' cannot be allowed"):
        check_protocol('file')


def test_an_allowed_stream_is_live_and_says_when_it_ends(video: Path) -> None:
    with server(video.read_bytes()) as (address, _):
        source = open_source(f'{address}/camera.ts', ['http'])
        assert (source.is_live, source.size, source.count) == (True, (64, 48), 0)
        pictures = iter(source)
        stamps = [next(pictures).stamp for _ in range(5)]
        assert stamps == sorted(stamps)
        with pytest.raises(SourceError, match='gives no more pictures'):
            next(pictures)


@pytest.mark.parametrize('form', LISTS)
def test_an_allowed_stream_that_is_a_list_is_not_followed(form: str, video: Path, opened: OpenedFiles) -> None:
    with server(video.read_bytes()) as (elsewhere, reached):
        opened.count()
        content = LISTS[form].format(f'{elsewhere}/other.ts').encode()
        with server(content) as (address, requests), pytest.raises(SourceError, match='network stream'):
            open_source(f'{address}/list.{form}', ['http'])
    assert requests and (reached, opened.count()) == ([], 0)


def test_a_stream_that_is_not_there_is_named() -> None:
    with server() as (address, _):
        pass
    with pytest.raises(SourceError, match='cannot be opened: Connection refused'):
        open_source(f'{address}/camera.ts', ['http'])


def test_no_format_is_a_device_a_pattern_or_a_list() -> None:
    formats = set(self_contained_formats().split(','))
    assert {'mp4', 'matroska', 'mpegts', 'avi', 'mpeg', 'h264', 'flv', 'asf'} <= formats
    assert not formats & {'hls', 'concat', 'dash', 'sdp', 'rtsp', 'image2', 'lavfi', 'v4l2', 'video4linux2,v4l2', 'tty'}
