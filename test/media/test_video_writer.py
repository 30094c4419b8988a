"""A video holds what was written, or says why it cannot."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mt3dnet_ros.media.video_writer import VideoWriteError, VideoWriter


def test_video_holds_every_picture(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / 'clip.mp4', 12.5, (96, 128)) as writer:
        for index in range(10):
            writer.write(np.full((96, 128, 3), (20 * index, 100, 0), np.uint8))
    capture = cv2.VideoCapture(str(tmp_path / 'clip.mp4'))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(12.5, rel=0.01)
    pictures = []
    while (read := capture.read())[0]:
        pictures.append(read[1])
    assert len(pictures) == 10
    reds = [picture[..., 2].mean() for picture in pictures]  # OpenCV's blue comes first
    np.testing.assert_allclose(reds, 20 * np.arange(10), atol=6)


def test_video_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(VideoWriteError, match=r"video '.*missing/clip\.mp4' cannot be written"):
        VideoWriter(tmp_path / 'missing' / 'clip.mp4', 25.0, (96, 128))
