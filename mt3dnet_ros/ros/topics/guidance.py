"""The topics of the nodes ``camera_guidance`` and ``simulated_ecm``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from geometry_msgs.msg import PointStamped, PoseStamped, TwistStamped
from sensor_msgs.msg import Image, JointState, Joy
from std_msgs.msg import Empty, String

from mt3dnet_ros.msg import DepthScale, Scanpath
from mt3dnet_ros.ros.qos import BEST_EFFORT_INPUT, EVENTS, QUEUED
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS, NodeTopics, Topic

GAZE = Topic('gaze', PointStamped, 'where to look, from the node `perception`')
SCANPATH = Topic('scanpath', Scanpath, 'of the same image; how sure the gaze is')
DEPTH = Topic(
    'depth', Image, '`32FC1` (m) or `16UC1` (mm), of the same camera and frame; the no-go distance is kept by it'
)
SCALE = Topic(
    'scale',
    DepthScale,
    'of the same image as `depth`, with its stamp: how far that may be off, and what says so; with `scale_required`',
)
DEAD_MAN = Topic(
    'dead_man', Joy, 'the button `dead_man_button` at 1 is pressed; 0, and the short tap 2 of the dVRK, are released'
)
HEARTBEAT = Topic(
    'heartbeat',
    JointState,
    'with `dead_man_heartbeat: topic`: anything, also of another type, that the process which publishes `dead_man` '
    'repeats within `dead_man_timeout`; only that it comes counts',
    BEST_EFFORT_INPUT,
)
TARGET = Topic('~/target', PointStamped, "the smoothed target, metres, in the camera's optical frame")
CAMERA_TWIST = Topic(
    '~/camera_twist',
    TwistStamped,
    'what the camera is to do now, in its optical frame; at `rate`, zero while it stands',
)

JOINTS = Topic(
    '{arm}/measured_js', JointState, 'with `dvrk.enabled`: yaw, pitch, insertion and roll, by name, radians and metres'
)
MEASURED_JOINTS = Topic('{arm}/measured_js', JointState, 'yaw, pitch, insertion and roll, radians and metres', QUEUED)
SETPOINT_JOINTS = Topic('{arm}/setpoint_js', JointState, 'where the joints are to go', QUEUED)
MEASURED_POSE = Topic('{arm}/measured_cp', PoseStamped, "the pose of the endoscope's tip in the arm's base", QUEUED)
SERVO_JOINTS = Topic('{arm}/servo_jr', JointState, 'increments of the joints', QUEUED)
SERVO_GOALS = Topic('{arm}/servo_jp', JointState, 'positions of the joints, to be taken at once', QUEUED)
MOVE_JOINTS = Topic('{arm}/move_jp', JointState, 'goals of the joints, to be approached', QUEUED)
JOINT_COMMANDS = {'servo_jr': SERVO_JOINTS, 'servo_jp': SERVO_GOALS, 'move_jp': MOVE_JOINTS}  # by `dvrk.command`
OPERATING_STATE: Topic[Any] = Topic(
    '{arm}/operating_state',
    'crtk_msgs/msg/OperatingState',
    'with `dvrk.enabled`: the arm must say that it is `ENABLED` and homed; where `crtk_msgs` is installed',
    EVENTS,
)
GUIDED_BY = Topic(
    '{arm}/guided_by',
    String,
    'with `dvrk.enabled`: the name of the node that is enabled to command the arm; empty once it is not. Another one '
    'refuses to be enabled meanwhile',
    EVENTS,
)
_WHILE_MOVING = 'with `dvrk.enabled` and `dvrk.command: {}`: {}; only while the camera moves, and once at its end'

CAMERA_GUIDANCE = NodeTopics(
    subscribes=(GAZE, SCANPATH, DEPTH, SCALE, DEAD_MAN, HEARTBEAT, JOINTS, OPERATING_STATE, GUIDED_BY),
    publishes=(
        TARGET,
        CAMERA_TWIST,
        replace(SERVO_JOINTS, content=_WHILE_MOVING.format('servo_jr', 'increments of the joints')),
        replace(SERVO_GOALS, content=_WHILE_MOVING.format('servo_jp', 'positions of the joints, at `rate`')),
        replace(MOVE_JOINTS, content=_WHILE_MOVING.format('move_jp', 'goals, 20 times a second')),
        GUIDED_BY,
        replace(
            DIAGNOSTICS,
            content='state, reason, why not in depth, last stop, number of stops by reason since the activation; once '
            'a second and at every change',
        ),
    ),
    note='`{arm}` is the parameter `dvrk.arm`. The service `~/enable` (`std_srvs/srv/SetBool`) allows guidance, or '
    'ends it. All inputs but the heartbeat are subscribed reliable: a switch that is released must not be missed.',
    services=('~/enable',),
    is_lifecycle=True,
)
COMMANDED_TWIST = Topic('camera_twist', TwistStamped, 'the twist of `camera_guidance`')
HOLD = Topic('{arm}/hold', Empty, 'with `dvrk.enabled`: the arm is to stay where it is')
GUIDANCE_WATCHDOG = NodeTopics(
    subscribes=(COMMANDED_TWIST,),
    publishes=(
        replace(COMMANDED_TWIST, content='zero, for a second, once the twists of a motion have broken off'),
        replace(HOLD, content=HOLD.content + ', once they have'),
        DIAGNOSTICS,
    ),
    note='`{arm}` is the parameter `dvrk.arm`.',
)
SIMULATED_ECM = NodeTopics(
    subscribes=(SERVO_JOINTS, SERVO_GOALS, MOVE_JOINTS),
    publishes=(
        MEASURED_JOINTS,
        SETPOINT_JOINTS,
        MEASURED_POSE,
        replace(OPERATING_STATE, content='the parameters `state` and `homed`; where `crtk_msgs` is installed'),
    ),
    note='`{arm}` is the parameter `arm`.',
)
