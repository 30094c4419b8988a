"""The node camera_guidance: disabled until enabled, at rest whenever it ends, and never down for bad input."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from geometry_msgs.msg import TwistStamped
from sensor_msgs.msg import Image, JointState
from std_srvs.srv import SetBool
from support.ros_probe import Probe
from support.ros_processes import NodeProcess

from mt3dnet_ros.demo.guidance.link import ARM, GUIDANCE, NAMESPACE
from mt3dnet_ros.demo.guidance.run import endoscope
from mt3dnet_ros.demo.guidance.steps import stopping_time
from mt3dnet_ros.demo.guidance.world import GuidanceWorld
from mt3dnet_ros.guidance.joint_limits import JOINTS
from mt3dnet_ros.guidance.settings import STOPPING_TIME
from mt3dnet_ros.guidance.simulated_perception import SHAFT
from mt3dnet_ros.guidance.simulated_scene import on_surface
from mt3dnet_ros.msg import DepthScale
from mt3dnet_ros.ros.messages.headers import make_header

pytestmark = pytest.mark.timeout(600)  # real time, of which simulated time is independent
SIMULATED = {'use_sim_time': True}


@pytest.fixture(scope='module')
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, NodeProcess]]:
    logs, remaps = tmp_path_factory.mktemp('logs'), {'__ns': NAMESPACE}
    parameters = {
        'camera_guidance': {
            **SIMULATED,
            'dvrk.enabled': True,
            'dvrk.arm': ARM,
            'dvrk.operating_state': 'if_published',
            'turning_speed': 0.3,
        },
        'simulated_ecm': {**SIMULATED, 'arm': ARM},
    }
    processes = {name: NodeProcess(name, values, remaps, log=logs / name) for name, values in parameters.items()}
    yield processes
    for process in processes.values():
        process.stop()


@pytest.fixture(scope='module')
def probe(processes: dict[str, NodeProcess]) -> Iterator[Probe]:
    probe = Probe(GUIDANCE)
    yield probe
    probe.close()


@pytest.fixture(scope='module')
def world(processes: dict[str, NodeProcess]) -> Iterator[GuidanceWorld]:
    """Return a world with a target that is never reached, and with guidance active in it, but disabled."""
    with GuidanceWorld(endoscope(24), lambda _: on_surface(0.08, 0.0), check=lambda: None) as world:
        yield world


def test_limits_that_could_not_stop_in_time_keep_it_unconfigured(
    probe: Probe,
    processes: dict[str, NodeProcess],
) -> None:
    status, _ = probe.status()
    assert status.level == status.ERROR
    assert 'more than 0.2 s' in status.message
    assert probe.state() == 'unconfigured'
    assert 'not configured' in processes['camera_guidance'].output()


def test_it_cannot_be_enabled_while_it_is_not_active(probe: Probe) -> None:
    answer = probe.call(SetBool, 'enable', SetBool.Request(data=True))
    assert not answer.success
    assert 'not active' in answer.message


def test_it_stands_still_until_it_is_enabled(probe: Probe, world: GuidanceWorld) -> None:
    assert probe.set_parameter('turning_speed', 0.08).successful
    assert probe.transition('configure')
    assert probe.transition('activate')
    world.wait_for_nodes()
    world.link.press_dead_man(True)
    world.run(0.5)
    assert world.steps[-1].reason == 'not_enabled'
    assert not any(step.moving for step in world.steps)


def test_no_parameter_changes_while_it_is_configured(probe: Probe) -> None:
    result = probe.set_parameter('turning_speed', 0.05)
    assert not result.successful
    assert 'unconfigured' in result.reason


def test_a_dead_man_switch_without_a_publisher_counts_as_released(world: GuidanceWorld) -> None:
    world.link.enable(True)
    world.run(0.6)
    assert world.steps[-1].moving
    world.link.remove_dead_man()
    while world.steps[-1].reason != 'dead_man':  # until the graph of the other process knows
        world.run(0.1)
    world.run(0.2)
    assert not world.steps[-1].moving


def move(world: GuidanceWorld) -> None:
    world.link.press_dead_man(True)
    world.link.enable(True)
    world.run(0.7)
    assert world.steps[-1].moving


def test_impossible_messages_are_told_and_change_nothing(probe: Probe, world: GuidanceWorld) -> None:
    move(world)
    before = int(probe.status()[1]['messages rejected'])
    bad_depth = probe.publisher(Image, f'{NAMESPACE}/depth')
    bad_joints = probe.publisher(JointState, f'{ARM}/measured_js')
    bad_depth.publish(Image(encoding='rgb8', width=4, height=4, step=12, data=bytes(48)))
    values = probe.status_where(lambda _, values: "encoding 'rgb8' is not supported" in values['last rejection'])
    assert values['last rejection'].startswith(f'{NAMESPACE}/depth: ')
    bad_joints.publish(JointState(name=['jaw'], position=[0.0]))
    values = probe.status_where(lambda _, values: 'not that of an ECM' in values['last rejection'])
    assert int(values['messages rejected']) >= before + 2  # joints that a busy machine brings late are rejected too
    assert values['state'] == 'guiding'
    world.run(0.1)
    assert world.steps[-1].moving


def test_a_scale_that_contradicts_itself_is_told_with_the_remedy(probe: Probe, world: GuidanceWorld) -> None:
    probe.publisher(DepthScale, f'{NAMESPACE}/scale').publish(DepthScale(factor=1.0, guess=False))
    values = probe.status_where(lambda _, values: 'contradicts itself' in values['last rejection'])
    assert values['last rejection'].startswith(f'{NAMESPACE}/scale: ')
    assert values['state'] == 'guiding'


def test_without_a_source_of_the_scale_it_says_what_to_do_and_only_turns(
    probe: Probe, world: GuidanceWorld, processes: dict[str, NodeProcess]
) -> None:
    begin = len(world.steps)
    world.run(0.2)
    status, values = probe.status()
    assert (status.level, values['advance']) == (status.WARN, 'guessed_scale')
    assert 'guiding, but not in depth: nothing but the network says so' in status.message
    assert 'scale_required' in processes['camera_guidance'].output()
    assert all(step.moving and not step.advancing for step in world.steps[begin:])


def test_with_a_source_it_moves_in_depth_until_the_scale_does_not_arrive(probe: Probe, world: GuidanceWorld) -> None:
    world.perception.sources = (SHAFT,)
    world.run(2.5)
    assert world.steps[-1].advancing
    world.scale_arrives = False
    world.run(0.3)
    assert world.steps[-1].moving and not world.steps[-1].advancing
    probe.status_where(lambda status, values: values['advance'] == 'no_scale' and 'remap' in status.message)
    world.scale_arrives = True


def test_a_clock_that_stands_and_a_topic_of_another_type_are_named(probe: Probe, world: GuidanceWorld) -> None:
    driver = Probe(GUIDANCE)
    try:
        driver.node.create_publisher(JointState, f'{NAMESPACE}/gaze', 1)
        probe.status_where(
            lambda status, _: (
                status.level == status.WARN
                and '/clock has stood at' in status.message
                and f'{NAMESPACE}/gaze is published as sensor_msgs/msg/JointState, not geometry_msgs/msg/PointStamped'
                in status.message
            )
        )
    finally:
        driver.close()


def test_another_node_that_can_command_the_arm_is_named(probe: Probe, world: GuidanceWorld) -> None:
    rival = probe.publisher(JointState, f'{ARM}/servo_jr')
    probe.status_where(lambda status, _: f'another node publishes {ARM}/servo_jr as well' in status.message)
    probe.node.destroy_publisher(rival)
    probe.status_where(lambda status, _: 'another node' not in status.message)


def test_deactivation_ends_the_motion_and_what_was_enabled(probe: Probe, world: GuidanceWorld) -> None:
    twists = probe.collect(TwistStamped, f'{GUIDANCE}/camera_twist')
    world.run(0.1)
    assert probe.transition('deactivate')
    probe.spin_until(lambda: twists and not angular(twists[-1]).any(), what='a twist of zero')
    assert probe.transition('activate')
    world.wait_for_nodes()
    world.run(0.5)
    assert world.steps[-1].reason == 'not_enabled'
    assert not world.steps[-1].moving


def test_what_the_dead_man_switch_said_before_the_activation_is_forgotten(probe: Probe, world: GuidanceWorld) -> None:
    world.link.dead_man_speaks = False
    assert probe.transition('deactivate')
    assert probe.transition('activate')
    world.wait_for_nodes()
    world.link.enable(True)
    world.run(0.5)
    assert world.steps[-1].reason == 'dead_man'
    world.link.dead_man_speaks = True


def test_a_dead_man_switch_that_falls_silent_stops_the_camera_in_time(world: GuidanceWorld) -> None:
    move(world)
    begin, first = world.now, len(world.steps)
    world.link.dead_man_speaks = False
    world.run(0.4)
    world.link.dead_man_speaks = True
    assert stopping_time(world.steps[first:], begin) <= STOPPING_TIME
    assert world.steps[-1].reason == 'silent_dead_man'


WRONG_JOINTS = {
    'no names': (JointState(position=[0.0, 0.0, 0.1, 0.0]), 'joint state of []'),
    '1970': (JointState(header=make_header(5, ''), name=list(JOINTS), position=[0.0, 0.0, 0.1, 0.0]), 'is stamped'),
    'a turn more': (JointState(name=list(JOINTS), position=[6.2832, 0.0, 0.1, 0.0]), 'where the arm cannot be'),
}


@pytest.mark.parametrize(('message', 'reason'), WRONG_JOINTS.values(), ids=WRONG_JOINTS)
def test_joints_that_cannot_be_believed_are_refused_with_the_reason(
    probe: Probe, world: GuidanceWorld, message: JointState, reason: str
) -> None:
    move(world)
    publisher = probe.publisher(JointState, f'{ARM}/measured_js')
    publisher.publish(message)
    values = probe.status_where(lambda _, values: reason in values['last rejection'])
    assert values['last rejection'].startswith(f'{ARM}/measured_js: ')
    assert 0.1 < float(values['joints [rad, m]'].split()[0]) < 1.0, 'those of the simulated arm'
    probe.node.destroy_publisher(publisher)


def test_enabling_again_does_not_speed_the_motion_up(world: GuidanceWorld) -> None:
    move(world)
    first = len(world.steps)
    for _ in range(5):
        world.link.enable(True)
        world.run(0.03)
    increments = np.abs([step.increments for step in world.steps[first:]])
    assert 0.0 < increments[:, :2].max() <= 0.08 * 0.01 + 1e-9


@pytest.mark.parametrize(
    ('command', 'reason'),
    [
        (JointState(name=['jaw'], position=[0.1]), 'is not that of an ECM'),
        (JointState(position=[0.1, 0.0, math.nan, 0.0]), 'is not finite'),
        (JointState(header=make_header(2**60, ''), position=[0.1, 0.0, 0.0, 0.0]), 'is stamped'),
    ],
)
def test_the_simulated_ecm_refuses_impossible_commands(
    probe: Probe,
    processes: dict[str, NodeProcess],
    command: JointState,
    reason: str,
) -> None:
    probe.publisher(JointState, f'{ARM}/move_jp').publish(command)
    processes['simulated_ecm'].wait_for_output(reason)


def test_signals_of_all_kinds_end_the_motion_before_the_process(
    probe: Probe,
    world: GuidanceWorld,
    processes: dict[str, NodeProcess],
) -> None:
    twists = probe.collect(TwistStamped, f'{GUIDANCE}/camera_twist')
    move(world)
    probe.spin_until(lambda: twists and angular(twists[-1]).any(), what='a twist')
    processes['camera_guidance'].send(signal.SIGTERM, signal.SIGINT, signal.SIGTERM, pause=0.01)
    status, output = processes['camera_guidance'].wait(timeout=60.0)
    assert status == 0
    assert 'Traceback' not in output
    probe.spin_until(lambda: not angular(twists[-1]).any(), what='a twist of zero')


def angular(message: TwistStamped) -> np.ndarray:
    turn = message.twist.angular
    return np.array([turn.x, turn.y, turn.z])
