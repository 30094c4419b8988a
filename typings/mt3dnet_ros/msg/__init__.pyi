# Made by `python tools/message_stubs.py` from the installed messages.

from collections.abc import Collection
from geometry_msgs.msg import Point, Vector3
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import ColorRGBA, Header
from ros_fields import Items, Numbers

class Detection:
    class_id: int
    class_name: str
    score: float
    instance_id: int
    box: RegionOfInterest
    position: Point
    extent: Vector3
    tip: Point
    class_scores: Numbers[float]
    def __init__(self, *, class_id: int = ..., class_name: str = ..., score: float = ..., instance_id: int = ...,
        box: RegionOfInterest = ..., position: Point = ..., extent: Vector3 = ..., tip: Point = ...,
        class_scores: Collection[float] = ...) -> None: ...

class DetectionArray:
    header: Header
    detections: Items[Detection]
    def __init__(self, *, header: Header = ..., detections: Collection[Detection] = ...) -> None: ...

class Fixation:
    instance_id: int
    class_id: int
    x: float
    y: float
    position: Point
    weight: float
    order: int
    def __init__(self, *, instance_id: int = ..., class_id: int = ..., x: float = ..., y: float = ...,
        position: Point = ..., weight: float = ..., order: int = ...) -> None: ...

class LabelInfo:
    header: Header
    taxonomy: str
    ids: Numbers[int]
    names: Items[str]
    colors: Items[ColorRGBA]
    threshold: float
    def __init__(self, *, header: Header = ..., taxonomy: str = ..., ids: Collection[int] = ...,
        names: Collection[str] = ..., colors: Collection[ColorRGBA] = ..., threshold: float = ...) -> None: ...

class Scanpath:
    header: Header
    fixations: Items[Fixation]
    def __init__(self, *, header: Header = ..., fixations: Collection[Fixation] = ...) -> None: ...
