"""Why the camera does not move."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """A reason to stand still, most important first; its value is the text for people."""

    INACTIVE = 'the node is not active'
    ERROR = 'internal error'
    NOT_ENABLED = 'not enabled: call ~/enable'
    NO_JOINTS = 'the joint state is missing, late or impossible'
    NOT_FOLLOWING = 'the joints do not follow the commands'
    FROZEN_IMAGE = 'the target does not change at all although the camera moves: the image is frozen'
    DEAD_MAN = 'the dead-man switch is not pressed'
    STALE_TARGET = 'no target arrives'
    LATE_TARGET = 'the target is of an old image'
    BAD_TARGET = 'the target is impossible'
    LOW_CONFIDENCE = 'the target is not certain enough'
    JUMPING_TARGET = 'the target has jumped'
    STALE_DEPTH = 'no depth image arrives'
    UNKNOWN_DEPTH = 'too little of the depth image is known'
    TOO_NEAR = 'a surface is nearer than the no-go distance'
    SETTLING = 'all is well again, waiting a moment'

    @property
    def latches(self) -> bool:
        """Whether guidance stays disabled after it, until someone enables it again."""
        return self in _LATCHING


_LATCHING = frozenset({Reason.INACTIVE, Reason.ERROR, Reason.NO_JOINTS, Reason.NOT_FOLLOWING, Reason.FROZEN_IMAGE})
