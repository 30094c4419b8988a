"""The command ``mt3dnet``: one thin file per sub-command."""

import mt3dnet_ros.renderer  # noqa: F401  (its data set, rendered_live, becomes known)
