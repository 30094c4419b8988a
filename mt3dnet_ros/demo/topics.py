"""The names of the demo's graph, and the types of what is drawn."""

from __future__ import annotations

from sensor_msgs.msg import Image

from mt3dnet_ros.ros.topics.perception import BY_KEY, OUTPUTS
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS as _DIAGNOSTICS

NODE = '/perception'
IMAGE = '/endoscope/image_raw'
CAMERA_INFO = '/endoscope/camera_info'
DIAGNOSTICS = _DIAGNOSTICS.name
OVERLAY, DETECTIONS, DEPTH, CLOUD, SALIENCY, SCANPATH = (
    BY_KEY[key].below(NODE) for key in ('overlay', 'detections', 'depth/image', 'points', 'saliency', 'scanpath')
)
MESSAGES: dict[str, type] = {IMAGE: Image} | {
    output.below(NODE): output.message_class for output in OUTPUTS if not output.missing
}
