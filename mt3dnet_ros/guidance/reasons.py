"""Why the camera does not move, or not in depth."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """A reason to stand still, most important first; its value is the text for people."""

    INACTIVE = 'the node is not active'
    ERROR = 'internal error'
    NOT_ENABLED = 'not enabled: call ~/enable'
    ARM_NOT_READY = 'the arm does not say that it is enabled and homed'
    RIVAL = 'another guidance commands the arm'
    UNHEARD = 'nobody subscribes to the commands to the arm'
    NO_JOINTS = 'the joint state is missing, late or not finite'
    NOT_FOLLOWING = 'the joints do not follow the commands'
    FROZEN_IMAGE = 'the target does not change although the camera moves: the image is frozen'
    OUT_OF_RANGE = 'a joint is beyond the limits of the arm, which takes no goals there: bring it back by other means'
    PAUSED = 'this process, or its clock, has stood still: waiting for new inputs'
    DEAD_MAN = 'the dead-man switch is not pressed'
    SILENT_DEAD_MAN = (
        'the dead-man switch is pressed, but nothing tells that what publishes it still lives: let it repeat its '
        "messages (joy_node's autorepeat_rate), name what else tells it by dead_man_heartbeat, or set that to none at "
        'your own risk'
    )
    STALE_TARGET = 'no target arrives'
    LATE_TARGET = 'the target comes from an old image'
    BAD_TARGET = 'the target is not a point in front of the camera'
    LOW_CONFIDENCE = 'the confidence of the target is too low'
    JUMPING_TARGET = 'the target has jumped'
    STALE_DEPTH = 'no depth image arrives'
    UNKNOWN_DEPTH = 'too few pixels of the depth image are known'
    TOO_NEAR = 'a surface is, or may be, nearer than the no-go distance'
    SETTLING = 'all inputs are good again, about to resume'

    @property
    def latches(self) -> bool:
        """Whether guidance stays disabled after it, until someone enables it again."""
        return self in _LATCHING


_LATCHING = frozenset(
    {
        Reason.INACTIVE,
        Reason.ERROR,
        Reason.ARM_NOT_READY,
        Reason.RIVAL,
        Reason.UNHEARD,
        Reason.NO_JOINTS,
        Reason.NOT_FOLLOWING,
        Reason.FROZEN_IMAGE,
    }
)


class AdvanceReason(Enum):
    """A reason not to move in depth, most important first; the camera may turn, which takes only a direction."""

    NO_SCALE = (
        "no scale of the depth images arrives: remap the topic scale to perception's depth/scale, or, where the depth "
        'comes from a source that is metric by itself, set scale_required to false'
    )
    BAD_SCALE = 'the scale of depth, or its deviation, is not a number above zero'
    GUESSED_SCALE = (
        'nothing but the network says so what the scale of depth is: give perception a source of it '
        '(shaft_diameters, second_eye, fixed_scale), or set scale_required to false at your own risk'
    )
    CONFLICTING_SCALE = 'the sources of the scale of depth contradict each other: see the diagnostics of perception'
    CONFIRMING_SCALE = 'the scale of depth is known, about to move in depth'
