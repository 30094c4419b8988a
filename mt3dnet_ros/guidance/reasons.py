"""Why the camera does not move."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """A reason to stand still, most important first; its value is the text for people."""

    INACTIVE = 'the node is not active'
    ERROR = 'internal error'
    NOT_ENABLED = 'not enabled: call ~/enable'
    NO_JOINTS = 'the joint state is missing, late or not finite'
    NOT_FOLLOWING = 'the joints do not follow the commands'
    FROZEN_IMAGE = 'the target does not change although the camera moves: the image is frozen'
    DEAD_MAN = 'the dead-man switch is not pressed'
    STALE_TARGET = 'no target arrives'
    LATE_TARGET = 'the target comes from an old image'
    BAD_TARGET = 'the target is not a point in front of the camera'
    LOW_CONFIDENCE = 'the confidence of the target is too low'
    JUMPING_TARGET = 'the target has jumped'
    STALE_DEPTH = 'no depth image arrives'
    UNKNOWN_DEPTH = 'too few pixels of the depth image are known'
    TOO_NEAR = 'a surface is nearer than the no-go distance'
    SETTLING = 'all inputs are good again, about to resume'

    @property
    def latches(self) -> bool:
        """Whether guidance stays disabled after it, until someone enables it again."""
        return self in _LATCHING


_LATCHING = frozenset({Reason.INACTIVE, Reason.ERROR, Reason.NO_JOINTS, Reason.NOT_FOLLOWING, Reason.FROZEN_IMAGE})
