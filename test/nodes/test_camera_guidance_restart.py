"""Guidance that crashes while the camera moves comes back disabled, and says that it did."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from std_srvs.srv import SetBool
from support.paths import ROOT
from support.ros_probe import Probe, patience
from support.ros_processes import NodeProcess

from mt3dnet_ros.ros.guidance.messages import read_twist

pytestmark = pytest.mark.timeout(300)
NAMESPACE = '/guidance_restart'  # no real robot may receive the commands
GUIDANCE = f'{NAMESPACE}/camera_guidance'
REMAPS = {'__ns': NAMESPACE}
RIG = str(ROOT / 'test/support/guidance_rig.py')
PARAMETERS = {'least_confidence': 0.0, 'scale_required': False, 'resume_delay': 0.1}


@pytest.fixture
def start(start_node: Callable[..., NodeProcess], tmp_path: Path) -> Callable[..., NodeProcess]:
    """Return a function that starts a node as its launch file would, whose process id is this one's."""
    environment = {'ROS_LOG_DIR': str(tmp_path / 'logs'), 'MT3DNET_ROS_LAUNCH_PID': str(os.getpid())}

    def start(executable: str, **parameters: object) -> NodeProcess:
        log = tmp_path / f'{len(list(tmp_path.iterdir()))}_{Path(executable).stem}.log'
        return start_node(executable, parameters, REMAPS, environment=environment, log=log)

    return start


def test_a_crash_in_motion_leaves_a_report_and_a_guidance_that_is_disabled(
    start: Callable[..., NodeProcess], tmp_path: Path
) -> None:
    start(RIG, role='perception')
    start(RIG, role='switch', pressed=1.0, repeats=20.0)
    guidance = start('camera_guidance', **PARAMETERS)
    probe = Probe(GUIDANCE)
    moving: list[bool] = []
    told: list[dict[str, str]] = []

    def take(message: DiagnosticArray) -> None:
        told.extend(
            {'message': status.message, **{entry.key: entry.value for entry in status.values}}
            for status in message.status
            if status.name == GUIDANCE
        )

    probe.node.create_subscription(
        TwistStamped, f'{GUIDANCE}/camera_twist', lambda twist: moving.append(bool(read_twist(twist).any())), 100
    )
    probe.node.create_subscription(DiagnosticArray, '/diagnostics', take, 10)
    try:
        probe.spin_until(lambda: bool(moving), timeout=patience(60.0), what='a twist')
        assert probe.call(SetBool, 'enable', SetBool.Request(data=True)).success
        probe.spin_until(lambda: moving[-1], timeout=patience(60.0), what='motion')
        os.kill(guidance.pid, signal.SIGSEGV)
        assert guidance.wait()[0] == -signal.SIGSEGV
        (report,) = (tmp_path / 'logs/mt3dnet_ros').glob('guidance_restart.camera_guidance_*.txt')
        assert 'Fatal Python error: Segmentation fault' in report.read_text()
        assert 'resume_delay: 0.1' in report.read_text()

        moving.clear()
        told.clear()
        start('camera_guidance', **PARAMETERS)
        probe.spin_until(lambda: bool(moving) and bool(told), timeout=patience(60.0), what='guidance again')
        begin = time.monotonic()
        while time.monotonic() - begin < 1.0:  # with the switch pressed, and a target
            probe.spin(0.05)
        assert not any(moving)
        assert (told[-1]['restarts'], told[-1]['last death']) == ('1', 'Segmentation fault')
        assert told[-1]['reason'] == 'not_enabled', told[-1]
        assert 'restarted, for the 1. time, after: Segmentation fault' in told[-1]['message']
    finally:
        probe.close()
