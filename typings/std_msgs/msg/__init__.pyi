# Made by `python tools/message_stubs.py` from the installed messages.

from builtin_interfaces.msg import Time

class ColorRGBA:
    r: float
    g: float
    b: float
    a: float
    def __init__(self, *, r: float = ..., g: float = ..., b: float = ..., a: float = ...) -> None: ...

class Empty:
    def __init__(self) -> None: ...

class Header:
    stamp: Time
    frame_id: str
    def __init__(self, *, stamp: Time = ..., frame_id: str = ...) -> None: ...

class String:
    data: str
    def __init__(self, *, data: str = ...) -> None: ...
