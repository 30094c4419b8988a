# Made by `python tools/message_stubs.py` from the installed messages.

from collections.abc import Collection
from typing import Final
from std_msgs.msg import Header
from ros_fields import Items

class DiagnosticArray:
    header: Header
    status: Items[DiagnosticStatus]
    def __init__(self, *, header: Header = ..., status: Collection[DiagnosticStatus] = ...) -> None: ...

class DiagnosticStatus:
    OK: Final[bytes]
    WARN: Final[bytes]
    ERROR: Final[bytes]
    STALE: Final[bytes]
    level: bytes
    name: str
    message: str
    hardware_id: str
    values: Items[KeyValue]
    def __init__(self, *, level: bytes = ..., name: str = ..., message: str = ..., hardware_id: str = ...,
        values: Collection[KeyValue] = ...) -> None: ...

class KeyValue:
    key: str
    value: str
    def __init__(self, *, key: str = ..., value: str = ...) -> None: ...
