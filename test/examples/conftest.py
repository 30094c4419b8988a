"""What the examples work on: a frame of the clip that ships, and a folder of rendered frames."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.examples import SIZE, run_example
from support.paths import ROOT

from mt3dnet_ros.media.pictures import open_pictures


@pytest.fixture(scope='session')
def clip_frame() -> np.ndarray:
    """Return a frame of the clip that shows two instruments, (H, W, 3) uint8."""
    return next(iter(open_pictures(ROOT / 'config' / 'demo' / 'clip.mp4'))).read()


@pytest.fixture(scope='session')
def image(clip_frame: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of that frame."""
    path = tmp_path_factory.mktemp('image') / 'frame.png'
    assert cv2.imwrite(str(path), cv2.cvtColor(clip_frame, cv2.COLOR_RGB2BGR))
    return path


@pytest.fixture(scope='session')
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data set of a few small frames, rendered without meshes."""
    from mt3dnet_ros.commands.main import main

    folder = tmp_path_factory.mktemp('rendered')
    height, width = map(str, SIZE)
    counts = ['--train', '4', '--val', '2', '--test', '1']
    arguments = ['--output', str(folder), *counts, '--height', height, '--width', width, '--processes', '1']
    assert main(['render', *arguments]) == 0
    return folder


@pytest.fixture(scope='session')
def folder(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same frames as images and masks, as the example writes them."""
    path = tmp_path_factory.mktemp('folder')
    assert '4 frames of train, 128 x 96 pixels' in run_example('frames_to_folder.py', 'rendered', rendered, path)
    return path
