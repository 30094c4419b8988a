"""A stream that browsers watch: Rerun's server of data and the page that shows it, both on one address."""

from __future__ import annotations

import threading

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.viewer.layout import build_layout
from mt3dnet_ros.viewer.ports import LOOPBACK, choose_port, count_connections
from mt3dnet_ros.viewer.settings import ServerSettings
from mt3dnet_ros.viewer.web_page import WebPage

with needs_extra('view'):
    import rerun as rr

_CLOSING = 2.0  # s that a browser which takes nothing may hold up the end


class RerunServer:
    """Serves a stream until it is closed.

    :param live: follow what comes; a recording is played from its beginning instead
    :raises PortError: nothing can be served there
    :raises WebPageError: the SDK does not give the page
    """

    def __init__(self, stream: rr.RecordingStream, settings: ServerSettings, live: bool = True) -> None:
        self.data_port = choose_port(settings.host, settings.data_port, ServerSettings.data_port)
        self._page = WebPage(settings.host, settings.port, self.data_port)
        sink = rr.GrpcServerSink(
            settings.host,
            self.data_port,
            server_memory_limit=f'{settings.memory}MiB',
            cors_allow_origin=[f'http://*:{self._page.port}'] if settings.host != LOOPBACK else None,
        )
        stream.set_sinks(sink, default_blueprint=build_layout(live=live))
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
