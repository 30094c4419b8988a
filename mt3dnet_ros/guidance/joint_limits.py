"""Joint limits of endoscope manipulators, read from ``config/arms``, where each file names its source."""

from __future__ import annotations

from functools import cache

import numpy as np
import yaml

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.resources import package_file

JOINTS = ('yaw', 'pitch', 'insertion', 'roll')
MODELS = ('classic', 'si', 'virtual')


class JointLimitsError(MT3DNetError, ValueError):
    """A file of joint limits that does not hold any."""


@cache
def read_joint_limits(model: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest position of each joint, (4,) radians and metres, which are not to be written to.

    :param model: of ``MODELS``
    :raises JointLimitsError: its file does not hold a range for every joint
    :raises ResourceError: there is no such file
    """
    path = package_file('config', 'arms', f'ecm_{model}.yaml')
    try:
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
        lower, upper = (np.array([float(content[end][joint]) for joint in JOINTS]) for end in ('lower', 'upper'))
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise JointLimitsError(f"'{path}' needs lower and upper, each with {', '.join(JOINTS)}: {error!r}") from error
    if not (np.isfinite([lower, upper]).all() and (lower < upper).all()):
        raise JointLimitsError(f"'{path}': every lower limit must be finite and below the upper one")
    lower.flags.writeable = upper.flags.writeable = False
    return lower, upper
