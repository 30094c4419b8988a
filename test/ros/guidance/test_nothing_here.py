"""Where perception finds nothing here, guidance stands still at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.inputs import GuidanceInputs
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.ros.guidance.messages import decode_depth
from mt3dnet_ros.ros.guidance.targets import TargetReader
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.topics.output import StampedScene
from mt3dnet_ros.ros.topics.perception import BY_KEY

SIZE = (96, 128)
CAMERA = Camera(SIZE[1], SIZE[0], 140.0, 140.0, 61.0, 50.0)
SETTINGS = GuidanceSettings(no_go_distance=0.0, dead_man_required=False)
SECOND = 1_000_000_000


@pytest.fixture(scope='module')
def perceiver(tmp_path_factory: pytest.TempPathFactory) -> Perceiver:
    path = save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors', saliency=True)
    return make_perceiver(load_checkpoint(path), torch.device('cpu'), Settings(score_threshold=0.05))


def tell(
    inputs: GuidanceInputs, reader: TargetReader, perceiver: Perceiver, rgb: np.ndarray, stamp: int
) -> list[Reason]:
    """Let guidance have the messages of an image as they are published, and return why it stands still then."""
    scene = perceiver(Frame(rgb, stamp), CAMERA)
    stamped = StampedScene(scene, make_header(stamp, 'left'), CAMERA, perceiver.taxonomy)
    now = stamp / SECOND
    takers = {'scanpath': reader.take_scanpath, 'gaze': reader.take_gaze}
    for key, take in takers.items():
        message = BY_KEY[key].encode(stamped)
        target = None if message is None else take(message)
        if target is not None:
            inputs.take_target(target.point, target.stamp / SECOND, target.confidence, now)
    inputs.take_depth(decode_depth(BY_KEY['depth/image'].encode(stamped).whole()), now, now)
    return list(inputs.problems(now))


@pytest.mark.parametrize('source', ['gaze', 'scanpath'])
def test_guidance_stands_still_from_the_first_picture_of_nothing_on(perceiver: Perceiver, source: str) -> None:
    inputs, reader = GuidanceInputs(SETTINGS), TargetReader(source, needs_confidence=True)
    good, black = tissue(*SIZE), np.zeros((*SIZE, 3), np.uint8)
    assert tell(inputs, reader, perceiver, good, 10 * SECOND) in ([], [Reason.LOW_CONFIDENCE])
    before = inputs.target.point
    problems = tell(inputs, reader, perceiver, black, 10 * SECOND + SECOND // 25)
    assert Reason.UNKNOWN_DEPTH in problems
    assert np.array_equal(inputs.target.point, before, equal_nan=True), 'no target comes of it'
    later = tell(inputs, reader, perceiver, black, 10 * SECOND + SECOND // 5)
    assert Reason.STALE_TARGET in later and Reason.UNKNOWN_DEPTH in later
