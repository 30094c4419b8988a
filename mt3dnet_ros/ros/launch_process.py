"""The process of ``ros2 launch``, which a node that it started does not outlive.

After SIGTERM or SIGKILL launch is gone and its nodes run on. Imports nothing slow: scripts call it first.
"""

from __future__ import annotations

import ctypes
import os
import signal
from contextlib import suppress
from pathlib import Path

VARIABLE = 'MT3DNET_ROS_LAUNCH_PID'  # launch/environment.launch.xml sets it to the process id of launch
_PR_SET_PDEATHSIG = 1  # of <sys/prctl.h>


def end_with_launch() -> None:
    """Have this process interrupted when launch is gone; without launch, and elsewhere than on Linux, do nothing."""
    launch = os.environ.get(VARIABLE, '')
    if not launch.isdigit() or not Path('/proc/self').exists():
        return
    if os.getppid() == int(launch):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if not Path('/proc', launch).exists():  # before it could be asked for
        os.kill(os.getpid(), signal.SIGINT)
