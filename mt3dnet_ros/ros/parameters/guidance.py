"""The parameters of camera guidance."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.guidance.ecm import ENDOSCOPES, Ecm
from mt3dnet_ros.guidance.following import LONGEST_PAUSE, WINDOW
from mt3dnet_ros.guidance.joint_limits import MODELS
from mt3dnet_ros.guidance.limits import MotionLimits
from mt3dnet_ros.guidance.settings import GuidanceSettings, Timeouts
from mt3dnet_ros.guidance.signs_of_life.dead_man import HEARTBEATS, OWN
from mt3dnet_ros.guidance.signs_of_life.operating_state import REQUIRED, STATE_POLICIES
from mt3dnet_ros.guidance.visual_servo import ServoLaw
from mt3dnet_ros.ros.parameters.table import parameter

GOAL_PERIOD = 0.05  # seconds between two goals of move_jp, for each of which the driver plans a trajectory
_RESPONSE_TIMES = {  # seconds until the arm is expected to follow
    'servo_jr': 0.05,
    'servo_jp': 0.05,
    'move_jp': 0.05 + 2.0 * GOAL_PERIOD,
}
GOALS = frozenset({'servo_jp', 'move_jp'})  # commands that are positions, not increments


@dataclass(frozen=True)
class CameraGuidanceParameters:
    """Parameters of the node ``camera_guidance``; nothing moves before its service ``~/enable`` is called."""

    autostart: bool = parameter(
        True,
        'configure and activate at the start; guidance is disabled then, until ~/enable is called',
        changes='at start',
    )
    rate: float = parameter(100.0, 'commands per second', unit='Hz', range=(20.0, 500.0))
    target_source: str = parameter(
        'gaze',
        'what the camera follows: gaze, which perception has smoothed, or the first fixation of scanpath',
        choices=('gaze', 'scanpath'),
    )
    least_confidence: float = parameter(
        0.2,
        'hold where the first fixation has a smaller share of the attention than this; above 0, a gaze waits for the '
        'scanpath of its image',
        range=(0.0, 1.0),
    )
    working_distance: float = parameter(
        0.1, 'distance to keep between camera and target, along the optical axis', unit='m', range=(0.03, 0.3)
    )
    no_go_distance: float = parameter(
        0.03, 'hold where a surface, instruments included, is nearer than this', unit='m', range=(0.005, 0.2)
    )
    scale_required: bool = parameter(
        True,
        "keep no_go_distance from the near end of the depth's 95 % interval, and do not move in depth while nothing "
        'but the network tells the scale; false takes depth as it is, at your own risk, as of a sensor that is metric '
        'by itself',
    )
    scale_confirmation: float = parameter(
        1.0,
        'move in depth once the scale has been known for so long; believe that surfaces are farther once the scale has '
        'said so for so long',
        unit='s',
        range=(0.0, 10.0),
    )
    centring_gain: float = parameter(
        2.0, 'share of the error in the image that is corrected', unit='1/s', range=(0.1, 5.0)
    )
    distance_gain: float = parameter(
        0.8, 'share of the error in distance that is corrected', unit='1/s', range=(0.0, 5.0)
    )
    dead_band: float = parameter(
        0.02, 'error in the image that is not corrected, as an angle', unit='rad', range=(0.0, 0.5)
    )
    distance_dead_band: float = parameter(0.005, 'error in distance that is not corrected', unit='m', range=(0.0, 0.1))
    filter_time: float = parameter(
        0.08, 'time constant of the low-pass filter on the target; 0 does not filter', unit='s', range=(0.0, 2.0)
    )
    jump_distance: float = parameter(
        0.03, 'hold where the target moves farther than this from one image to the next', unit='m', range=(0.001, 1.0)
    )
    jump_confirmation: float = parameter(
        0.3,
        'a target that has jumped is followed once it has stayed at its new place for so long',
        unit='s',
        range=(0.0, 10.0),
    )
    turning_speed: float = parameter(0.08, 'largest speed of yaw and pitch', unit='rad/s', range=(0.001, 0.3))
    turning_acceleration: float = parameter(
        1.2, 'largest acceleration of yaw and pitch', unit='rad/s2', range=(0.01, 1.5)
    )
    advance_speed: float = parameter(0.003, 'largest speed of the insertion', unit='m/s', range=(0.0001, 0.03))
    advance_acceleration: float = parameter(
        0.05, 'largest acceleration of the insertion', unit='m/s2', range=(0.001, 0.06)
    )
    target_timeout: float = parameter(0.085, 'hold after so long without a target', unit='s', range=(0.02, 0.2))
    depth_timeout: float = parameter(0.085, 'hold after so long without a depth image', unit='s', range=(0.02, 0.2))
    scale_timeout: float = parameter(
        0.075, 'do not move in depth after so long without a scale of the depth images', unit='s', range=(0.02, 0.2)
    )
    latency_limit: float = parameter(
        0.3, 'hold where a target arrives whose image is older than this', unit='s', range=(0.01, 2.0)
    )
    resume_delay: float = parameter(
        0.3, 'all conditions must hold for so long before the camera moves', unit='s', range=(0.0, 10.0)
    )
    pause_limit: float = parameter(
        0.1,
        'hold, and wait for new inputs, where the node could not work for longer than this: what it knows is of before',
        unit='s',
        range=(0.03, 0.2),
    )
    dead_man_required: bool = parameter(
        True, 'hold unless the button of the topic dead_man is pressed, by all that publish it'
    )
    dead_man_button: int = parameter(0, 'index of that button in the message', range=(0, 31))
    dead_man_heartbeat: str = parameter(
        OWN,
        'what tells that the switch lives: its own repeated messages; those of the topic heartbeat, for one that is '
        'published on events; the middleware; nothing, at your own risk',
        choices=HEARTBEATS,
    )
    dead_man_timeout: float = parameter(
        0.08, 'hold after so long without a sign that the switch lives', unit='s', range=(0.02, 0.2)
    )
    dvrk__enabled: bool = parameter(False, 'command the joints of an ECM; false publishes only a twist')
    dvrk__arm: str = parameter('/ECM', 'name of the ECM, the first part of its topics')
    dvrk__command: str = parameter(
        'servo_jr',
        'what the ECM is sent: servo_jr, increments of its joints; servo_jp, positions to take at once, or move_jp, '
        'goals to approach, neither of which is ever beyond its limits',
        choices=('servo_jr', 'servo_jp', 'move_jp'),
    )
    dvrk__operating_state: str = parameter(
        REQUIRED,
        'whether the arm must say on its topic operating_state that it is ENABLED and homed: always; where that topic '
        'is published; or never, at your own risk',
        choices=STATE_POLICIES,
    )
    dvrk__model: str = parameter(
        'classic', 'model of the da Vinci, which decides the joint limits; virtual: of its simulators', choices=MODELS
    )
    dvrk__endoscope: str = parameter(
        'straight', 'where the endoscope looks: along its shaft, or 30 degrees up or down', choices=ENDOSCOPES
    )
    dvrk__joint_margin: float = parameter(
        0.02, "share of a joint's range that is not used at each of its ends", range=(0.0, 0.4)
    )
    dvrk__joint_timeout: float = parameter(
        0.09, 'stop after so long without joint positions', unit='s', range=(0.02, 0.2)
    )
    dvrk__state_pause: float = parameter(
        LONGEST_PAUSE,
        'an arm whose joint positions pause no longer than this, by their own stamps, may stand still meanwhile',
        unit='s',
        range=(0.0, 0.2),
    )
    dvrk__following_window: float = parameter(
        WINDOW,
        'stop where a joint moves less than a quarter of what it was told over so long; longer for a simulator that '
        'stands still now and then',
        unit='s',
        range=(0.05, 0.5),
    )


def guidance_settings(parameters: CameraGuidanceParameters) -> GuidanceSettings:
    """Return the settings that the parameters make.

    :raises SettingsError: they do not go together
    """
    p = parameters
    return GuidanceSettings(
        period=1.0 / p.rate,
        law=ServoLaw(p.working_distance, p.centring_gain, p.distance_gain, p.dead_band, p.distance_dead_band),
        limits=MotionLimits(p.turning_speed, p.turning_acceleration, p.advance_speed, p.advance_acceleration),
        timeouts=Timeouts(
            p.target_timeout,
            p.depth_timeout,
            p.dvrk__joint_timeout,
            p.latency_limit,
            p.scale_timeout,
            p.dead_man_timeout,
            p.pause_limit,
        ),
        no_go_distance=p.no_go_distance,
        scale_required=p.scale_required,
        scale_confirmation=p.scale_confirmation,
        least_confidence=p.least_confidence,
        filter_time=p.filter_time,
        jump_distance=p.jump_distance,
        jump_confirmation=p.jump_confirmation,
        resume_delay=p.resume_delay,
        joint_margin=p.dvrk__joint_margin,
        response_time=_RESPONSE_TIMES[p.dvrk__command],
        following_window=p.dvrk__following_window,
        state_pause=p.dvrk__state_pause,
        sends_goals=p.dvrk__command in GOALS,
        dead_man_required=p.dead_man_required,
        dead_man_heartbeat=p.dead_man_heartbeat,
        ecm=Ecm(p.dvrk__endoscope, p.dvrk__model) if p.dvrk__enabled else None,
    )
