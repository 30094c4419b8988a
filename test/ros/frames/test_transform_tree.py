"""Transforms at the time of an image, by a stand-in for tf2_ros, which comes with a ROS installation alone."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import Quaternion, TransformStamped, Vector3
from rclpy.time import Time

from mt3dnet_ros.ros.frames.transform_tree import TransformError, TransformTree
from mt3dnet_ros.ros.messages.headers import stamp_from_ns

NOW = 1_700_000_000_000_000_000
MS = 1_000_000


class UnknownError(Exception):
    """What tf2 raises."""


class Buffer:
    """Knows where the tip is at times up to that of the newest transform."""

    newest = NOW

    def lookup_transform(self, target: str, source: str, time: Time) -> TransformStamped:
        if (target, source) != ('left', 'tip'):
            raise UnknownError(f'"{source}" is not there')
        if time.nanoseconds > self.newest:
            raise UnknownError('would require extrapolation into the future')
        found = TransformStamped()
        found.header.stamp = stamp_from_ns(time.nanoseconds or self.newest)
        found.transform.translation = Vector3(x=1.0, y=2.0, z=3.0)
        found.transform.rotation = Quaternion(z=1.0, w=0.0)
        return found


class Listener:
    """Hears nothing."""

    def __init__(self, buffer: Buffer, node: Any) -> None:
        self.ended = False

    def unregister(self) -> None:
        self.ended = True


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Any:
    stand_in = ModuleType('tf2_ros')
    stand_in.Buffer, stand_in.TransformListener, stand_in.TransformException = Buffer, Listener, UnknownError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, 'tf2_ros', stand_in)


def test_a_point_is_brought_by_the_transform_of_its_time(node: Any) -> None:
    rotation, translation = TransformTree(node).lookup('left', 'tip', NOW - 40 * MS)
    np.testing.assert_allclose(rotation, np.diag([-1.0, -1.0, 1.0]), atol=1e-12)
    np.testing.assert_array_equal(translation, [1.0, 2.0, 3.0])


def test_the_newest_transform_serves_an_image_that_is_little_newer(node: Any) -> None:
    tree = TransformTree(node)
    assert tree.lookup('left', 'tip', NOW + 40 * MS)[1][0] == 1.0
    with pytest.raises(TransformError, match='extrapolation'):
        tree.lookup('left', 'tip', NOW + 400 * MS)


def test_frames_that_are_not_joined_are_named(node: Any) -> None:
    with pytest.raises(TransformError, match="tf2 cannot bring 'tool' to 'left'"):
        TransformTree(node).lookup('left', 'tool', NOW)


def test_without_tf2_there_is_no_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'tf2_ros', None)
    nothing: Any = None
    with pytest.raises(TransformError, match='comes with a ROS installation'):
        TransformTree(nothing)
