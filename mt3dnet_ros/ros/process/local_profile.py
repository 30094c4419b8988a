"""Ports that are open to this machine alone, where nobody else is to find the node."""

from __future__ import annotations

import os
from pathlib import Path

PROFILES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')
_RANGE = 'ROS_AUTOMATIC_DISCOVERY_RANGE'
_FARTHER = ('ROS_STATIC_PEERS', 'ROS_DISCOVERY_SERVER')  # by which a user reaches other machines nevertheless
_OURS = ('fastdds.xml', 'fastdds_viewer.xml')


def use_local_profile() -> None:
    """Take the profile of Fast DDS whose ports only this machine reaches, where discovery ends there.

    To be called before ``rclpy.init``; a profile of the user's own stays.
    """
    if os.environ.get(_RANGE, '').upper() != 'LOCALHOST' or any(map(os.environ.get, _FARTHER)):
        return
    for variable in PROFILES:
        profile = Path(os.environ.get(variable, ''))
        local = profile.with_name(f'{profile.stem}_local.xml') if profile.name in _OURS else profile
        if local != profile and local.is_file():
            os.environ[variable] = str(local)
