"""What can go wrong between machines."""

from __future__ import annotations

from mt3dnet_ros.errors import MT3DNetError


class ClusterError(MT3DNetError, RuntimeError):
    """A cluster cannot be used; the message says why and what to do."""


class NotSharedError(ClusterError):
    """A worker does not see a file or a folder of the machine that gives the work."""


class WorkerLostError(ClusterError):
    """The worker died again and again on the same item."""


class RemoteTracebackError(MT3DNetError):
    """Where in another process an error was raised: its cause, as people read it."""

    def __str__(self) -> str:
        return f'\n{self.args[0]}'


class ClusterWarning(UserWarning):
    """What keeps a cluster from working for now."""
