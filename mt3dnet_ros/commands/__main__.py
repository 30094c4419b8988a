"""Entry of ``python -m mt3dnet_ros.commands``."""

import sys

from mt3dnet_ros.commands.main import main

sys.exit(main())
