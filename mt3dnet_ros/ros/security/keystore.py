"""The keys, certificates and signed permissions of a policy, made by the tools of SROS 2."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from mt3dnet_ros.errors import InputError, describe_os_error

POLICY = 'policy.xml'


def make_keystore(folder: Path, policy: str) -> None:
    """Make a keystore, or add to it; the policy is kept in it.

    Only its owner may enter the folder, as the keys in it are those of every node.

    :raises InputError: sros2 is not installed or fails, or the folder cannot be written
    """
    if shutil.which('ros2') is None:
        raise InputError('a keystore is made by `ros2 security`: source a ROS installation that has the package sros2')
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / POLICY).write_text(policy, encoding='utf-8')
    except OSError as error:
        raise InputError(f"keystore '{folder}': {describe_os_error(error)}") from error
    # With them set, sros2 itself would look for an enclave of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith('ROS_SECURITY_')}
    command = ['ros2', 'security', 'generate_artifacts', '-k', str(folder), '-p', str(folder / POLICY)]
    status = subprocess.run(command, env=environment).returncode
    if status:
        raise InputError(f'`{" ".join(command)}` failed with status {status}; see above')
