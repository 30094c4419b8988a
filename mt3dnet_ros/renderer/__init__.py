"""Endoscopic scenes rendered by ray casting: images with exact types, parts, instances and depth."""

from mt3dnet_ros.datasets.registry import register
from mt3dnet_ros.renderer.plan import SPLITS

register('rendered_live', 'mt3dnet_ros.renderer.writing.live:open_live', SPLITS)
