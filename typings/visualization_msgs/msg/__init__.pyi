# Made by `python tools/message_stubs.py` from the installed messages.

from collections.abc import Collection
from typing import Final
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Pose, Vector3
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import ColorRGBA, Header
from ros_fields import Items, Numbers

class Marker:
    ARROW: Final[int]
    CUBE: Final[int]
    SPHERE: Final[int]
    CYLINDER: Final[int]
    LINE_STRIP: Final[int]
    LINE_LIST: Final[int]
    CUBE_LIST: Final[int]
    SPHERE_LIST: Final[int]
    POINTS: Final[int]
    TEXT_VIEW_FACING: Final[int]
    MESH_RESOURCE: Final[int]
    TRIANGLE_LIST: Final[int]
    ARROW_STRIP: Final[int]
    ADD: Final[int]
    MODIFY: Final[int]
    DELETE: Final[int]
    DELETEALL: Final[int]
    header: Header
    ns: str
    id: int
    type: int
    action: int
    pose: Pose
    scale: Vector3
    color: ColorRGBA
    lifetime: Duration
    frame_locked: bool
    points: Items[Point]
    colors: Items[ColorRGBA]
    texture_resource: str
    texture: CompressedImage
    uv_coordinates: Items[UVCoordinate]
    text: str
    mesh_resource: str
    mesh_file: MeshFile
    mesh_use_embedded_materials: bool
    def __init__(self, *, header: Header = ..., ns: str = ..., id: int = ..., type: int = ..., action: int = ...,
        pose: Pose = ..., scale: Vector3 = ..., color: ColorRGBA = ..., lifetime: Duration = ...,
        frame_locked: bool = ..., points: Collection[Point] = ..., colors: Collection[ColorRGBA] = ...,
        texture_resource: str = ..., texture: CompressedImage = ..., uv_coordinates: Collection[UVCoordinate] = ...,
        text: str = ..., mesh_resource: str = ..., mesh_file: MeshFile = ...,
        mesh_use_embedded_materials: bool = ...) -> None: ...

class MarkerArray:
    markers: Items[Marker]
    def __init__(self, *, markers: Collection[Marker] = ...) -> None: ...

class MeshFile:
    filename: str
    data: Numbers[int]
    def __init__(self, *, filename: str = ..., data: Collection[int] = ...) -> None: ...

class UVCoordinate:
    u: float
    v: float
    def __init__(self, *, u: float = ..., v: float = ...) -> None: ...
