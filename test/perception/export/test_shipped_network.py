"""The exported file that ships belongs to the checkpoint that ships, and says the same."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from support.paths import ROOT

from mt3dnet_ros.perception.back_ends.cache import Cache
from mt3dnet_ros.perception.checkpoint_header import read_config
from mt3dnet_ros.perception.export.onnx_file import read_exported, sha256_of
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.settings import Settings

CHECKPOINT = ROOT / 'config/checkpoints/mt3dnet_lite0.safetensors'
EXPORTED = CHECKPOINT.with_suffix('.onnx')
AGAIN = 'make it again: mt3dnet export --format onnx --output exported, and move exported/mt3dnet_lite0.onnx here'


def test_exported_file_belongs_to_the_checkpoint() -> None:
    said = read_exported(EXPORTED)
    assert said.checkpoint == sha256_of(CHECKPOINT), AGAIN
    assert said.config == read_config(CHECKPOINT) and said.input_size == said.config.input_size


def test_exported_file_is_small() -> None:
    assert EXPORTED.stat().st_size <= 8_000_000


def frames() -> Iterator[Frame]:
    """Yield every tenth frame of the clip that ships, as of a stream."""
    clip = cv2.VideoCapture(str(ROOT / 'config/demo/clip.mp4'))
    for index in range(int(clip.get(cv2.CAP_PROP_FRAME_COUNT))):
        image = clip.read()[1]
        if index % 10 == 0:
            yield Frame(np.ascontiguousarray(image[..., ::-1]), 40_000_000 * (index + 1))


def perceived(perceiver: Perceiver) -> list[Scene]:
    return [perceiver(frame, outputs={'labels', 'depth', 'saliency'}) for frame in frames()]


def test_exported_file_says_what_the_checkpoint_says() -> None:
    pytest.importorskip('openvino', reason='openvino is not installed')
    settings = Settings(max_depth=10.0)
    found = perceived(load(EXPORTED, 'cpu', 'openvino', settings=settings))
    expected = perceived(load(CHECKPOINT, 'cpu', 'torch', settings=settings))
    labels = [np.mean(ours.labels == theirs.labels) for ours, theirs in zip(found, expected, strict=True)]
    depth = [np.nanmean(np.abs(ours.depth / theirs.depth - 1.0)) for ours, theirs in zip(found, expected, strict=True)]
    saliency = [
        np.abs(np.float32(ours.saliency) - theirs.saliency) for ours, theirs in zip(found, expected, strict=True)
    ]
    assert np.mean(labels) > 0.999
    assert np.mean(depth) < 0.005
    assert np.mean(saliency) < 0.02 * 255


def test_what_the_cache_holds_says_the_same_to_the_last_bit(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip('openvino', reason='openvino is not installed')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    first, second = (load(EXPORTED, 'cpu', 'openvino')(next(frames())) for _ in range(2))
    assert Cache().folder is not None and len(list(Cache().folder.iterdir())) == 1
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(first.depth, second.depth)
