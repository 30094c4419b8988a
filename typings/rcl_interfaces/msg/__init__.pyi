# Made by `python tools/message_stubs.py` from the installed messages.

from collections.abc import Collection
from ros_fields import Items, Numbers

class FloatingPointRange:
    from_value: float
    to_value: float
    step: float
    def __init__(self, *, from_value: float = ..., to_value: float = ..., step: float = ...) -> None: ...

class IntegerRange:
    from_value: int
    to_value: int
    step: int
    def __init__(self, *, from_value: int = ..., to_value: int = ..., step: int = ...) -> None: ...

class Parameter:
    name: str
    value: ParameterValue
    def __init__(self, *, name: str = ..., value: ParameterValue = ...) -> None: ...

class ParameterDescriptor:
    name: str
    type: int
    description: str
    additional_constraints: str
    read_only: bool
    dynamic_typing: bool
    floating_point_range: Items[FloatingPointRange]
    integer_range: Items[IntegerRange]
    def __init__(self, *, name: str = ..., type: int = ..., description: str = ..., additional_constraints: str = ...,
        read_only: bool = ..., dynamic_typing: bool = ..., floating_point_range: Collection[FloatingPointRange] = ...,
        integer_range: Collection[IntegerRange] = ...) -> None: ...

class ParameterValue:
    type: int
    bool_value: bool
    integer_value: int
    double_value: float
    string_value: str
    byte_array_value: Items[bytes]
    bool_array_value: Items[bool]
    integer_array_value: Numbers[int]
    double_array_value: Numbers[float]
    string_array_value: Items[str]
    def __init__(self, *, type: int = ..., bool_value: bool = ..., integer_value: int = ..., double_value: float = ...,
        string_value: str = ..., byte_array_value: Collection[bytes] = ..., bool_array_value: Collection[bool] = ...,
        integer_array_value: Collection[int] = ..., double_array_value: Collection[float] = ...,
        string_array_value: Collection[str] = ...) -> None: ...

class SetParametersResult:
    successful: bool
    reason: str
    def __init__(self, *, successful: bool = ..., reason: str = ...) -> None: ...
