"""A stream that browsers watch: Rerun's server of data and the page that shows it, both on one address."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.viewer.layout import build_layout
from mt3dnet_ros.viewer.ports import LOOPBACK, choose_port, count_connections
from mt3dnet_ros.viewer.web_page import WebPage

if TYPE_CHECKING:
    import rerun as rr

DEFAULT_DATA_PORT = 9876
_CLOSING = 2.0  # s that a browser which takes nothing may hold up the end


class RerunServer:
    """Serves a stream until it is closed.

    :param host: address to listen on
    :param port: of the page; the next free one where it is the default and in use
    :param data_port: of the data; likewise
    :param memory: MiB kept for browsers that come later; what is older is dropped
    :raises MissingExtraError: the SDK is not installed
    :raises PortError: nothing can be served there
    :raises WebPageError: the SDK does not give the page
    """

    def __init__(self, stream: rr.RecordingStream, host: str, port: int, data_port: int, memory: int) -> None:
        with needs_extra('view'):
            import rerun
        self.data_port = choose_port(host, data_port, DEFAULT_DATA_PORT)
        self._page = WebPage(host, port, self.data_port)
        origins = [f'http://*:{self._page.port}'] if host != LOOPBACK else None
        sink = rerun.GrpcServerSink(host, self.data_port, server_memory_limit=f'{memory}MiB', cors_allow_origin=origins)
        stream.set_sinks(sink, default_blueprint=build_layout())
        self._stream = stream
        self.url = self._page.url

    def is_watched(self) -> bool:
        """Return whether a browser is connected; true where the system does not tell."""
        return count_connections(self.data_port) != 0

    def close(self) -> None:
        """End both servers."""
        self._page.close()
        ending = threading.Thread(target=self._stream.disconnect, name='rerun-end', daemon=True)
        ending.start()
        ending.join(_CLOSING)
