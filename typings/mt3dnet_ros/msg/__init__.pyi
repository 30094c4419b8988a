# Made by `python tools/message_stubs.py` from the installed messages.

from collections.abc import Collection
from geometry_msgs.msg import Point, Vector3
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import ColorRGBA, Header
from ros_fields import FixedNumbers, Items, Numbers

class DepthScale:
    header: Header
    factor: float
    deviation: float
    lower: float
    upper: float
    shape_deviation: float
    guess: bool
    corrects_shape: bool
    sources: Items[str]
    measured: Items[str]
    factors: Numbers[float]
    deviations: Numbers[float]
    ages: Numbers[float]
    conflicts: Items[str]
    def __init__(self, *, header: Header = ..., factor: float = ..., deviation: float = ..., lower: float = ...,
        upper: float = ..., shape_deviation: float = ..., guess: bool = ..., corrects_shape: bool = ...,
        sources: Collection[str] = ..., measured: Collection[str] = ..., factors: Collection[float] = ...,
        deviations: Collection[float] = ..., ages: Collection[float] = ...,
        conflicts: Collection[str] = ...) -> None: ...

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
    position_deviation: float
    axis: ShaftAxis
    track_id: int
    track_age: float
    tip_velocity: Vector3
    tip_covariance: FixedNumbers[float]
    def __init__(self, *, class_id: int = ..., class_name: str = ..., score: float = ..., instance_id: int = ...,
        box: RegionOfInterest = ..., position: Point = ..., extent: Vector3 = ..., tip: Point = ...,
        class_scores: Collection[float] = ..., position_deviation: float = ..., axis: ShaftAxis = ...,
        track_id: int = ..., track_age: float = ..., tip_velocity: Vector3 = ...,
        tip_covariance: Collection[float] = ...) -> None: ...

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

class ShaftAxis:
    point: Point
    direction: Vector3
    deviation: float
    angle_deviation: float
    diameter: float
    def __init__(self, *, point: Point = ..., direction: Vector3 = ..., deviation: float = ...,
        angle_deviation: float = ..., diameter: float = ...) -> None: ...

class TissueDistance:
    track_id: int
    tip: Point
    nearest: Point
    distance: float
    deviation: float
    def __init__(self, *, track_id: int = ..., tip: Point = ..., nearest: Point = ..., distance: float = ...,
        deviation: float = ...) -> None: ...

class TissueDistanceArray:
    header: Header
    distances: Items[TissueDistance]
    def __init__(self, *, header: Header = ..., distances: Collection[TissueDistance] = ...) -> None: ...

class Track:
    id: int
    class_id: int
    class_name: str
    class_probability: float
    age: float
    unseen: float
    instance_id: int
    tip: Point
    tip_velocity: Vector3
    tip_covariance: FixedNumbers[float]
    def __init__(self, *, id: int = ..., class_id: int = ..., class_name: str = ..., class_probability: float = ...,
        age: float = ..., unseen: float = ..., instance_id: int = ..., tip: Point = ..., tip_velocity: Vector3 = ...,
        tip_covariance: Collection[float] = ...) -> None: ...

class TrackArray:
    header: Header
    tracks: Items[Track]
    born: Numbers[int]
    ended: Numbers[int]
    def __init__(self, *, header: Header = ..., tracks: Collection[Track] = ..., born: Collection[int] = ...,
        ended: Collection[int] = ...) -> None: ...
