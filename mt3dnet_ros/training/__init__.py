"""Losses and Lightning modules."""

import mt3dnet_ros.renderer  # noqa: F401  (its data set, rendered_live, becomes known)
