"""Entry of ``python -m mt3dnet_ros``: the command ``mt3dnet``."""

import sys

from mt3dnet_ros.commands.main import main

sys.exit(main())
