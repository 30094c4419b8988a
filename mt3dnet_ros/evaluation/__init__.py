"""Metrics and reports."""

import mt3dnet_ros.renderer  # noqa: F401  (its data set, rendered_live, becomes known)
