"""Videos that tests make with PyAV, and damage."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.filter import Graph
from av.video.stream import VideoStream
from support.paths import ROOT

CLIP = ROOT / 'config' / 'demo' / 'clip.mp4'


def clip_pictures(count: int, size: tuple[int, int] | None = None, step: int = 1) -> list[np.ndarray]:
    """Return the first pictures of the demo's clip, (H, W, 3) uint8 RGB.

    :param size: width and height; None for the clip's own
    :param step: take every so many
    """
    with av.open(str(CLIP)) as clip:
        frames = (frame for index, frame in enumerate(clip.decode(video=0)) if index % step == 0)
        pictures = [frame.to_ndarray(format='rgb24') for frame, _ in zip(frames, range(count), strict=False)]
    return [cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if size else picture for picture in pictures]


def grey_pictures(count: int, width: int = 64, height: int = 48) -> list[np.ndarray]:
    """Return pictures of one grey each, 10, 20, 30 and so on."""
    return [np.full((height, width, 3), 10 * index + 10, np.uint8) for index in range(count)]


# Without these an encoder gives other bytes each time.
_SAME_BYTES = {'libx264': {'x264-params': 'mbtree=0'}}


def write_video(
    path: Path,
    pictures: Iterable[np.ndarray],
    codec: str = 'libx264',
    pixel_format: str = 'yuv420p',
    rate: Fraction | int = 25,
    times: Sequence[int] | None = None,
    filters: Sequence[tuple[str, str]] = (),
    options: dict[str, str] | None = None,
    prepare: Any = None,
    **container: Any,
) -> Path:
    """Encode pictures, (H, W, 3) uint8 RGB.

    :param times: of each in milliseconds; None for even ones of the rate
    :param filters: names and arguments of FFmpeg's filters that the frames pass
    :param options: of the encoder
    :param prepare: is called with the stream before the first frame
    :param container: arguments of ``av.open``
    """
    with av.open(str(path), 'w', **container) as file:
        always = {'threads': '1', **_SAME_BYTES.get(codec, {})}
        stream: VideoStream = file.add_stream(codec, rate, options={**always, **(options or {})})
        stream.pix_fmt = pixel_format
        graph: Graph | None = None
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture).reformat(format=pixel_format)
            if index == 0:
                stream.height, stream.width = picture.shape[:2]
                if times:
                    stream.codec_context.time_base = Fraction(1, 1000)
                if prepare:
                    prepare(stream)
                graph = _graph(frame, filters, 1 / Fraction(rate))
            frame.pts, frame.time_base = (times[index], Fraction(1, 1000)) if times else (index, 1 / Fraction(rate))
            if graph:
                graph.vpush(frame)
                frame = graph.vpull()
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def _graph(frame: av.VideoFrame, filters: Sequence[tuple[str, str]], time_base: Fraction) -> Graph | None:
    if not filters:
        return None
    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=time_base)
    nodes = [source, *(graph.add(*named) for named in filters), graph.add('buffersink')]
    graph.link_nodes(*nodes).configure()
    return graph


def woven(pictures: Sequence[np.ndarray], top_first: bool = True) -> list[np.ndarray]:
    """Return interlaced frames: of each pair one field of the first picture, and one of the second."""
    frames = []
    for first, second in zip(pictures[::2], pictures[1::2], strict=True):
        frame = first.copy()
        later = 1 if top_first else 0
        frame[later::2] = second[later::2]
        frames.append(frame)
    return frames


def damage(path: Path, places: int, seed: int = 1, length: int = 64, begin: float = 0.1) -> Path:
    """Write random bytes over some places of a file; return the path of the damaged copy.

    :param length: of each place in bytes
    :param begin: share of the file that stays whole before the first
    """
    content, random_stream = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(places):
        place = random_stream.randrange(round(begin * len(content)), round(0.9 * len(content)))
        content[place : place + length] = random_stream.randbytes(length)
    damaged = path.with_name(f'damaged_{path.name}')
    damaged.write_bytes(content)
    return damaged


def cut(path: Path, share: float = 0.5) -> Path:
    """Return the path of a copy that ends early."""
    content = path.read_bytes()
    short = path.with_name(f'cut_{path.name}')
    short.write_bytes(content[: round(share * len(content))])
    return short
