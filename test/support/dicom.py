"""DICOM files as video endoscopes write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset

COUNT, WIDTH, HEIGHT = 6, 160, 128


def write_dicom(path: Path, syntax: str, pixels: bytes, **elements: Any) -> Path:
    """Write a multi-frame file of a video endoscope.

    :param pixels: the value of PixelData
    :param elements: of the header, in place of the usual ones
    """
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = syntax, '1.2.840.10008.5.1.4.1.1.77.1.1.1'
    meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
    file = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    usual = {
        'Rows': HEIGHT, 'Columns': WIDTH, 'SamplesPerPixel': 3, 'PhotometricInterpretation': 'RGB',
        'PlanarConfiguration': 0, 'BitsAllocated': 8, 'BitsStored': 8, 'HighBit': 7, 'PixelRepresentation': 0,
        'NumberOfFrames': COUNT, 'FrameTime': 20.0, 'FrameIncrementPointer': 0x00181063,
    }  # fmt: skip
    for name, value in {**usual, **elements}.items():
        if value is not None:
            setattr(file, name, value)
    file.PixelData = pixels
    file['PixelData'].VR = 'OW' if file.BitsAllocated > 8 else 'OB'
    file['PixelData'].is_undefined_length = pydicom.uid.UID(syntax).is_encapsulated
    file.save_as(path, enforce_file_format=True)
    return path
