# Made by `python tools/message_stubs.py` from the installed messages.

from collections.abc import Collection
from typing import Final
from std_msgs.msg import Header
from ros_fields import FixedNumbers, Items, Numbers

class CameraInfo:
    header: Header
    height: int
    width: int
    distortion_model: str
    d: Numbers[float]
    k: FixedNumbers[float]
    r: FixedNumbers[float]
    p: FixedNumbers[float]
    binning_x: int
    binning_y: int
    roi: RegionOfInterest
    def __init__(self, *, header: Header = ..., height: int = ..., width: int = ..., distortion_model: str = ...,
        d: Collection[float] = ..., k: Collection[float] = ..., r: Collection[float] = ..., p: Collection[float] = ...,
        binning_x: int = ..., binning_y: int = ..., roi: RegionOfInterest = ...) -> None: ...

class CompressedImage:
    header: Header
    format: str
    data: Numbers[int]
    def __init__(self, *, header: Header = ..., format: str = ..., data: Collection[int] = ...) -> None: ...

class Image:
    header: Header
    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: Numbers[int]
    def __init__(self, *, header: Header = ..., height: int = ..., width: int = ..., encoding: str = ...,
        is_bigendian: int = ..., step: int = ..., data: Collection[int] = ...) -> None: ...

class JointState:
    header: Header
    name: Items[str]
    position: Numbers[float]
    velocity: Numbers[float]
    effort: Numbers[float]
    def __init__(self, *, header: Header = ..., name: Collection[str] = ..., position: Collection[float] = ...,
        velocity: Collection[float] = ..., effort: Collection[float] = ...) -> None: ...

class Joy:
    header: Header
    axes: Numbers[float]
    buttons: Numbers[int]
    def __init__(self, *, header: Header = ..., axes: Collection[float] = ...,
        buttons: Collection[int] = ...) -> None: ...

class PointCloud2:
    header: Header
    height: int
    width: int
    fields: Items[PointField]
    is_bigendian: bool
    point_step: int
    row_step: int
    data: Numbers[int]
    is_dense: bool
    def __init__(self, *, header: Header = ..., height: int = ..., width: int = ...,
        fields: Collection[PointField] = ..., is_bigendian: bool = ..., point_step: int = ..., row_step: int = ...,
        data: Collection[int] = ..., is_dense: bool = ...) -> None: ...

class PointField:
    INT8: Final[int]
    UINT8: Final[int]
    INT16: Final[int]
    UINT16: Final[int]
    INT32: Final[int]
    UINT32: Final[int]
    FLOAT32: Final[int]
    FLOAT64: Final[int]
    name: str
    offset: int
    datatype: int
    count: int
    def __init__(self, *, name: str = ..., offset: int = ..., datatype: int = ..., count: int = ...) -> None: ...

class RegionOfInterest:
    x_offset: int
    y_offset: int
    height: int
    width: int
    do_rectify: bool
    def __init__(self, *, x_offset: int = ..., y_offset: int = ..., height: int = ..., width: int = ...,
        do_rectify: bool = ...) -> None: ...
