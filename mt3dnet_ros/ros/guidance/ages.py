"""How old a message of guidance may be by its stamp."""

from __future__ import annotations

from std_msgs.msg import Header

from mt3dnet_ros.guidance.inputs import CLOCK_SKEW
from mt3dnet_ros.ros.guidance.messages import GuidanceMessageError
from mt3dnet_ros.ros.messages.headers import SECOND, stamp_to_ns


def check_age(header: Header, now: float, limit: float) -> None:
    """Refuse a message that is too old, or of the future, by its stamp; one that is all zero says that there is none.

    :param now: seconds
    :param limit: seconds
    :raises StampError: the stamp is no time
    :raises GuidanceMessageError: it is too far from now
    """
    stamp = stamp_to_ns(header.stamp)
    age = now - stamp / SECOND
    if stamp and not -CLOCK_SKEW <= age <= limit:
        raise GuidanceMessageError(
            f'the message is stamped {age:.3f} s before now, which must be {-CLOCK_SKEW:g} to {limit:g} s: synchronise '
            'the clocks, check use_sim_time, or leave the stamp zero where the source has no clock'
        )
