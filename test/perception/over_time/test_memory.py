"""When what was seen before counts, and when it is forgotten."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.state import ConvLSTMState
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.over_time.memory import Memory

SECOND = 1_000_000_000
STATE = ConvLSTMState(torch.zeros(1), torch.zeros(1), torch.zeros(1))
CAMERA, OTHER_CAMERA = (Camera(4, 3, focal, focal, 1.5, 1.0) for focal in (5.0, 6.0))


def frame(seconds: float, size: tuple[int, int] = (3, 4)) -> Frame:
    return Frame(np.zeros((*size, 3), np.uint8), round(seconds * SECOND))


@pytest.fixture
def memory() -> Memory:
    """Return one of a stream whose last frame was at 10 s."""
    memory = Memory()
    memory.advance(frame(10.0), CAMERA, 1.0)
    memory.keep(STATE)
    return memory


@pytest.mark.parametrize('seconds', [10.0, 10.04, 11.0])
def test_following_frame_finds_the_state(memory, seconds):
    memory.advance(frame(seconds), CAMERA, 1.0)
    assert memory.state is STATE
    assert memory.resets == 0


@pytest.mark.parametrize(
    ('following', 'camera'),
    [
        pytest.param(frame(9.99), CAMERA, id='time went back'),
        pytest.param(frame(11.01), CAMERA, id='gap'),
        pytest.param(frame(10.04, (6, 8)), CAMERA, id='size'),
        pytest.param(frame(10.04), OTHER_CAMERA, id='camera'),
        pytest.param(frame(10.04), None, id='no camera'),
        pytest.param(frame(0.0), CAMERA, id='no stamp'),
    ],
)
def test_break_in_the_stream_forgets_everything_and_is_counted(memory, following, camera):
    memory.gaze((0.0, 0.0, 0.1), 10 * SECOND, 1.0)
    memory.advance(following, camera, 1.0)
    assert memory.state is None
    assert memory.resets == 1
    assert memory.gaze((0.0, 0.0, 0.2), following.stamp, 1.0) == (0.0, 0.0, 0.2)


def test_first_frame_is_no_reset():
    memory = Memory()
    memory.advance(frame(10.0), CAMERA, 1.0)
    memory.forget()
    memory.forget()
    assert memory.resets == 1


def test_frame_without_a_stamp_leaves_nothing_behind():
    memory = Memory()
    for following in (frame(0.0), frame(0.0), frame(10.0)):
        memory.advance(following, None, 1.0)
        assert memory.state is None
        memory.keep(STATE)
    assert memory.state is STATE
    assert memory.resets == 0


def test_a_zoom_goes_on_with_the_state():
    zoomed = Memory()
    cameras = [Camera(640, 480, focal, focal, 320.0, 240.0) for focal in np.linspace(600.0, 900.0, 50)]
    for number, camera in enumerate(cameras):
        zoomed.advance(frame(10.0 + 0.04 * number, (480, 640)), camera, 1.0)
    assert zoomed.resets == 0


def test_a_camera_that_leaps_begins_a_stream():
    leaping = Memory()
    for number, focal in enumerate((600.0, 640.0, 600.0)):
        camera = Camera(640, 480, focal, focal, 320.0, 240.0)
        leaping.advance(frame(10.0 + 0.04 * number, (480, 640)), camera, 1.0)
    assert leaping.resets == 2


def test_a_frame_that_is_taken_back_counts_neither_for_the_state_nor_for_time(memory):
    memory.advance(frame(10.6), CAMERA, 1.0)
    memory.skip()
    memory.advance(frame(10.9), CAMERA, 1.0)
    assert memory.state is STATE
    memory.skip()
    memory.advance(frame(11.2), CAMERA, 1.0)
    assert memory.state is None and memory.resets == 1, 'its last frame that showed anything was at 10 s'


def test_a_frame_that_is_taken_back_and_broke_the_stream_leaves_none(memory):
    memory.advance(frame(10.1, (6, 8)), CAMERA, 1.0)
    memory.skip()
    memory.advance(frame(10.2), CAMERA, 1.0)
    assert memory.state is None and memory.resets == 1
