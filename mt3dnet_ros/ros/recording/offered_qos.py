"""The quality of service of a topic's publishers as recordings carry it."""

from __future__ import annotations

from collections.abc import Sequence

import yaml
from rclpy.duration import Duration
from rclpy.qos import QoSProfile


def profiles_text(profiles: Sequence[QoSProfile]) -> str:
    """Return profiles as YAML; policies as numbers, which every version of ros2 bag reads, names only since Jazzy."""
    return yaml.safe_dump(
        [
            {
                'history': int(profile.history),
                'depth': profile.depth,
                'reliability': int(profile.reliability),
                'durability': int(profile.durability),
                'deadline': _duration(profile.deadline),
                'lifespan': _duration(profile.lifespan),
                'liveliness': int(profile.liveliness),
                'liveliness_lease_duration': _duration(profile.liveliness_lease_duration),
                'avoid_ros_namespace_conventions': profile.avoid_ros_namespace_conventions,
            }
            for profile in profiles
        ],
        sort_keys=False,
    )


def _duration(duration: Duration) -> dict[str, int]:
    sec, nsec = divmod(duration.nanoseconds, 1_000_000_000)
    return {'sec': sec, 'nsec': nsec}
