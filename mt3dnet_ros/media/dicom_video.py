"""The pictures of DICOM files: encapsulated video, JPEG and its kin, run lengths, and plain pixels."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from av import CodecContext, Packet, VideoFrame
from av.error import FFmpegError

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.media.dicom_file import DicomFile
from mt3dnet_ros.media.frame_pixels import FramePixels
from mt3dnet_ros.media.frame_source import FrameLosses, FrameSource, SourceError, TimedImage
from mt3dnet_ros.media.video_file import VideoFile

with needs_extra('dicom'):
    from pydicom.encaps import generate_frames
    from pydicom.pixels import apply_color_lut, apply_windowing, iter_pixels

_SYNTAX = '1.2.840.10008.1.2'
_PLAIN = frozenset((_SYNTAX, f'{_SYNTAX}.1', f'{_SYNTAX}.2'))
_RUN_LENGTHS = f'{_SYNTAX}.5'
# Which decoder of FFmpeg is for the pictures of a transfer syntax.
_DECODERS = {
    **dict.fromkeys((f'{_SYNTAX}.4.{number}' for number in (50, 51, 57, 70)), 'mjpeg'),
    **dict.fromkeys((f'{_SYNTAX}.4.{number}' for number in (80, 81)), 'jpegls'),
    **dict.fromkeys((f'{_SYNTAX}.4.{number}' for number in (90, 91, 201, 202, 203)), 'jpeg2000'),
}


def open_dicom(path: Path) -> FrameSource:
    """Return the pictures of a DICOM file, with one frame or many.

    :raises SourceError: it has no picture that can be decoded
    """
    file = DicomFile(path)
    if file.is_video:
        return VideoFile(path, file.open_stream, file.frames, file.times())
    return DicomFrames(file)


class DicomFrames:
    """Pictures that are coded one by one.

    :raises SourceError: the first of them cannot be decoded, nor any other
    """

    is_live = False

    def __init__(self, file: DicomFile) -> None:
        self._file = file
        self.count, self.rate = file.frames, file.rate
        self.losses = FrameLosses()
        self._times = file.times() or [Fraction(number) / Fraction(self.rate) for number in range(self.count)]
        first = next(iter(self), None)
        if first is None:
            raise SourceError(f"DICOM file '{file.path}' has no picture that can be decoded: {self.losses}")
        self.size = first.image.shape[1], first.image.shape[0]

    def __iter__(self) -> Iterator[TimedImage]:
        self.losses = FrameLosses()
        images = self._readable_images()
        for number, time in enumerate(self._times):
            image, reason = next(images, (None, ''))
            if image is not None:
                yield TimedImage(image, round(1_000_000_000 * (time - self._times[0])))
            elif reason:
                self.losses.miss(1, reason)
            else:
                self.losses.miss(self.count - number, 'the file ends before its announced end')
                return

    def _readable_images(self) -> Iterator[tuple[np.ndarray | None, str]]:
        try:
            yield from self._images()
        except SourceError:
            raise
        except Exception as error:  # of a damaged file pydicom raises whatever it comes upon
            self.losses.add_reason(f'unreadable: {error}')

    def _images(self) -> Iterator[tuple[np.ndarray | None, str]]:
        """Yield each picture, or what is wrong with it."""
        if self._file.syntax in _PLAIN:
            return _plain_images(self._file)
        if self._file.syntax in _DECODERS:
            return _decoded_images(self._file, _DECODERS[self._file.syntax])
        if self._file.syntax == _RUN_LENGTHS:
            return _run_length_images(self._file)
        raise SourceError(
            f"DICOM file '{self._file.path}' has transfer syntax {self._file.syntax}, which is not supported; export "
            'it as MPEG-4, JPEG or uncompressed'
        )


def _decoded_images(file: DicomFile, decoder: str) -> Iterator[tuple[np.ndarray | None, str]]:
    pixels, is_rgb = FramePixels(), file.header.get('PhotometricInterpretation') == 'RGB'
    with file.path.open('rb') as stream:
        stream.seek(file.offset)
        for code in generate_frames(stream, number_of_frames=file.frames):
            yield _decode(code, decoder, pixels, is_rgb)


def _decode(code: bytes, decoder: str, pixels: FramePixels, is_rgb: bool) -> tuple[np.ndarray | None, str]:
    try:
        context: Any = CodecContext.create(decoder, 'r')
        frames = [*context.decode(Packet(code)), *context.decode(None)]
    except (FFmpegError, ValueError) as error:
        return None, f'a picture cannot be decoded: {error}'
    if not frames:
        return None, 'a picture cannot be decoded'
    return (_planes(frames[0]) if is_rgb and frames[0].format.name == 'yuvj444p' else pixels(frames[0])), ''


def _planes(frame: VideoFrame) -> np.ndarray:
    """Return the three planes of a frame as red, green and blue: what a JPEG without a mark of its colours holds."""
    return np.moveaxis(frame.to_ndarray().reshape(3, frame.height, frame.width), 0, -1).copy()


def _run_length_images(file: DicomFile) -> Iterator[tuple[np.ndarray | None, str]]:
    for pixels in iter_pixels(file.path):
        yield _colored(pixels, file.header), ''


def _plain_images(file: DicomFile) -> Iterator[tuple[np.ndarray | None, str]]:
    header = file.header
    kind = np.dtype(('i' if header.get('PixelRepresentation') else 'u') + str(header.BitsAllocated // 8))
    kind = kind.newbyteorder('>' if file.syntax == f'{_SYNTAX}.2' else '<')
    samples = 2 if header.PhotometricInterpretation == 'YBR_FULL_422' else header.SamplesPerPixel
    count = header.Rows * header.Columns * samples
    with file.path.open('rb') as stream:
        stream.seek(file.offset)
        while len(values := np.fromfile(stream, kind, count)) == count:
            yield _colored(_arranged(values, header), header), ''


def _arranged(values: np.ndarray, header: Any) -> np.ndarray:
    """Return the values of a picture as (H, W) or (H, W, 3)."""
    rows, columns = header.Rows, header.Columns
    if header.PhotometricInterpretation == 'YBR_FULL_422':  # for two pixels: Y, Y, Cb, Cr
        pairs = values.reshape(rows, columns // 2, 4)
        luma, chroma = pairs[..., :2].reshape(rows, columns, 1), pairs[..., 2:].repeat(2, axis=1)
        return np.concatenate([luma, chroma], axis=2)
    if header.SamplesPerPixel == 1:
        return values.reshape(rows, columns)
    if header.get('PlanarConfiguration'):
        return np.moveaxis(values.reshape(3, rows, columns), 0, -1)
    return values.reshape(rows, columns, 3)


def _colored(pixels: np.ndarray, header: Any) -> np.ndarray:
    """Return (H, W, 3) uint8 RGB of stored values."""
    kind = header.PhotometricInterpretation
    if kind == 'PALETTE COLOR':
        colors = apply_color_lut(pixels, header)
        return (colors >> (8 * (colors.itemsize - 1))).astype(np.uint8)
    if pixels.ndim == 2:
        return cv2.cvtColor(_grey(pixels, header, inverted=kind == 'MONOCHROME1'), cv2.COLOR_GRAY2RGB)
    if kind.startswith('YBR_FULL'):
        return cv2.cvtColor(np.ascontiguousarray(pixels[..., [0, 2, 1]]), cv2.COLOR_YCrCb2RGB)
    return np.ascontiguousarray(pixels)


def _grey(pixels: np.ndarray, header: Any, inverted: bool) -> np.ndarray:
    """Return stored grey values as 8 bits: through the header's window, or else of all bits."""
    if header.get('WindowCenter') is not None:
        pixels = apply_windowing(pixels, header)
    lowest = -(2 ** (header.BitsStored - 1)) if header.get('PixelRepresentation') else 0
    grey = ((pixels.astype(np.float64) - lowest) * (255.0 / (2**header.BitsStored - 1))).round()
    grey = grey.clip(0, 255).astype(np.uint8)
    return 255 - grey if inverted else grey
