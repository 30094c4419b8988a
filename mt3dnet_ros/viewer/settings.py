"""How much is shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LogSettings:
    """How much of the messages is logged.

    :param max_size: pixels of the longer side of a picture; larger ones are made smaller
    :param max_points: of a cloud; denser ones are thinned
    :param live: follow what comes; a recording is played from its beginning instead
    """

    max_size: int = 960
    max_points: int = 60000
    live: bool = True


@dataclass(frozen=True)
class ServerSettings:
    """Where and how much is served.

    :param host: address to listen on
    :param port: of the page; the next free one where it is the default and in use
    :param data_port: of the data; likewise
    :param memory: MiB kept for browsers that come later; what is older is dropped
    """

    host: str = '127.0.0.1'
    port: int = 9090
    data_port: int = 9876
    memory: int = 256
