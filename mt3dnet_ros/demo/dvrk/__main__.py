"""Entry of ``python -m mt3dnet_ros.demo.dvrk``."""

from __future__ import annotations

import sys

from mt3dnet_ros.demo.interruption import INTERRUPTION

if __name__ == '__main__':
    INTERRUPTION.listen()

try:
    from mt3dnet_ros.demo.dvrk.command import main
except ImportError as error:
    sys.exit(f'error: {error}; use `make demo`, or source `.venv/ros.sh`, or the setup file of your ROS workspace')

if __name__ == '__main__':
    status = main()
    INTERRUPTION.end()
    sys.exit(status)
