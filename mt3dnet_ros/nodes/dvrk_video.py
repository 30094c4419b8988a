"""The node ``dvrk_video``: a video socket of a da Vinci Research Kit as Image and CameraInfo of one or both eyes."""

from __future__ import annotations

import sys
from contextlib import ExitStack

from rclpy.clock import Clock, ClockType
from rclpy.logging import get_logger
from rclpy.node import Node

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.gstreamer.eyes import EyeSocket, sockets_of_eyes
from mt3dnet_ros.gstreamer.sockets import parse_socket
from mt3dnet_ros.ros.native_video.eye_publisher import EyePublisher
from mt3dnet_ros.ros.native_video.report import stream_findings, stream_values
from mt3dnet_ros.ros.native_video.socket_stream import SocketStream
from mt3dnet_ros.ros.parameters.native_video import DvrkVideoParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.reporter import Reporter
from mt3dnet_ros.ros.run import run_node

_PERIOD = 1.0  # seconds between two reports


class DvrkVideo(Node):
    """Publishes the newest picture of each socket as it comes, stamped with the time when it was taken."""

    def __init__(self) -> None:
        super().__init__('dvrk_video')
        self._opened = ExitStack()  # what ends with the node
        declare_parameters(self, DvrkVideoParameters)
        self._settings = read_parameters(self, DvrkVideoParameters)
        socket = parse_socket(self._settings.socket)
        if socket.remark:
            self.get_logger().warning(socket.remark)
        if self.get_parameter('use_sim_time').value:
            self.get_logger().warning("use_sim_time: images are stamped by the system's clock, not by /clock")
        self._report = Reporter(self)
        sources = sockets_of_eyes(socket, self._settings.eye, self._settings.layout)
        self._streams = [self._open(source) for source in sources]
        self.create_timer(_PERIOD, self._tell, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _open(self, source: EyeSocket) -> SocketStream:
        """Return the stream of a socket, which runs from now on."""
        publishers = {eye: self._publisher(source, eye) for eye in source.eyes}
        try:
            stream = SocketStream(source, publishers, self.get_logger())
        except MT3DNetError:
            self._opened.close()
            raise
        self._opened.callback(stream.close)
        topics = ' and '.join(f"'{publisher.topic}'" for publisher in publishers.values())
        self.get_logger().info(f"'{source.socket}' on {topics}, by {stream.reader.version}")
        return stream

    def _publisher(self, source: EyeSocket, eye: str) -> EyePublisher:
        given = {
            'left': (self._settings.left_frame_id, self._settings.left_calibration),
            'right': (self._settings.right_frame_id, self._settings.right_calibration),
        }
        frame_id, calibration = given[eye]
        default = f'{source.socket.role}_{eye}_frame'  # as dvrk_data's gscam bridge names it
        return EyePublisher(self, eye, frame_id or default, calibration, self._settings.horizontal_fov)

    def _tell(self) -> None:
        self._report(stream_findings(self._streams), stream_values(self._streams))

    def destroy_node(self) -> None:
        """Stop reading."""
        self._opened.close()
        super().destroy_node()


def main(args: list[str] | None = None) -> None:
    """Run the node until Ctrl-C; end with status 1 where sockets cannot be named, or read on this machine."""
    try:
        run_node(DvrkVideo, args)
    except MT3DNetError as error:
        get_logger('dvrk_video').fatal(str(error))
        sys.exit(1)
