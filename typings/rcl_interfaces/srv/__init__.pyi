# Made by `python tools/message_stubs.py` from the installed messages.

from collections.abc import Collection
from rcl_interfaces.msg import Parameter, SetParametersResult
from ros_fields import Items

class SetParameters:
    class Request:
        parameters: Items[Parameter]
        def __init__(self, *, parameters: Collection[Parameter] = ...) -> None: ...
    class Response:
        results: Items[SetParametersResult]
        def __init__(self, *, results: Collection[SetParametersResult] = ...) -> None: ...
