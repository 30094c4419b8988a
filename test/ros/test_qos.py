"""Which reliability is asked for, given what is offered."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from mt3dnet_ros.ros.qos import LATCHED, OUTPUT, choose_reliability, image_profile

RELIABLE, BEST_EFFORT = ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT


@pytest.mark.parametrize(
    ('setting', 'offered', 'expected'),
    [
        ('auto', [], RELIABLE),
        ('auto', [RELIABLE], RELIABLE),
        ('auto', [RELIABLE, RELIABLE], RELIABLE),
        ('auto', [BEST_EFFORT], BEST_EFFORT),
        ('auto', [RELIABLE, BEST_EFFORT], BEST_EFFORT),
        ('reliable', [BEST_EFFORT], RELIABLE),
        ('best_effort', [RELIABLE], BEST_EFFORT),
    ],
)
def test_reliability_follows_the_setting_and_the_publishers(
    setting: str, offered: list[ReliabilityPolicy], expected: ReliabilityPolicy
) -> None:
    publishers = [SimpleNamespace(qos_profile=QoSProfile(depth=1, reliability=policy)) for policy in offered]
    assert choose_reliability(setting, publishers) == expected


@pytest.mark.parametrize('profile', [OUTPUT, LATCHED, image_profile(RELIABLE), image_profile(BEST_EFFORT)])
def test_nothing_queues(profile: QoSProfile) -> None:
    assert (profile.history, profile.depth) == (HistoryPolicy.KEEP_LAST, 1)


def test_outputs_are_reliable_and_labels_wait_for_late_subscribers() -> None:
    assert OUTPUT.reliability == LATCHED.reliability == RELIABLE
    assert LATCHED.durability == DurabilityPolicy.TRANSIENT_LOCAL
