"""One marker for RViz."""

from __future__ import annotations

from collections.abc import Sequence

from geometry_msgs.msg import Pose, Vector3
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mt3dnet_ros.ros.detections import point


def make_marker(
    header: Header,
    namespace: str,
    number: int,
    kind: int,
    position: Sequence[float],
    size: Sequence[float],
) -> Marker:
    """Return a marker without a colour.

    :param kind: such as ``Marker.SPHERE``
    :param position: metres, in the header's frame
    :param size: along x, y and z, metres
    """
    marker = Marker(header=header, ns=namespace, id=number, type=kind, action=Marker.ADD)
    marker.pose = Pose(position=point(position))
    marker.scale = Vector3(x=float(size[0]), y=float(size[1]), z=float(size[2]))
    return marker
