"""The parameters of the node ``reconstruction``."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.reconstruction.settings import FIXED, ODOMETRY, ReconstructionSettings, SurfaceSettings
from mt3dnet_ros.ros.parameters.table import parameter
from mt3dnet_ros.ros.topics.perception import IMAGES

TF, WAIT = 'tf', 'wait'
_SURFACE, _VIEWS = SurfaceSettings(), ReconstructionSettings()


@dataclass(frozen=True)
class ReconstructionParameters:
    """Parameters of the node ``reconstruction``."""

    perception_ns: str = parameter('/perception', 'full name of the node perception whose outputs are fused')
    image_transport: str = parameter(
        'raw', 'raw subscribes to image, compressed to image/compressed', choices=tuple(IMAGES)
    )
    image_qos: str = parameter(
        'auto',
        'reliability asked of the image; auto is reliable when every publisher offers it, else best effort',
        choices=('auto', 'reliable', 'best_effort'),
    )
    pose_source: str = parameter(
        ODOMETRY,
        'where the camera is: tf asks the robot (map_frame to the frame of the images), odometry follows what it sees, '
        'fixed takes it for standing still',
        choices=(TF, ODOMETRY, FIXED),
    )
    pose_fallback: str = parameter(
        WAIT,
        'with pose_source tf, where there is no transform, or one that jumps: wait fuses nothing, odometry follows '
        'what the camera sees, fixed takes it for standing still',
        choices=(WAIT, ODOMETRY, FIXED),
    )
    map_frame: str = parameter(
        'map',
        'frame of the surface: with tf one that the robot publishes, with odometry that in which the camera began; '
        'with fixed the surface is in the frame of the images',
    )
    publish_tf: bool = parameter(
        True, 'with odometry, publish the transform from map_frame to the frame of the images; needs tf2_msgs'
    )
    most_speed: float = parameter(
        0.5,
        'with tf, a camera that would move faster has jumped; of what it sees 0.1 m ahead as well',
        unit='m/s',
        range=(0.01, 10.0),
    )
    patience: int = parameter(
        _VIEWS.patience,
        'images in a row that may not fit the surface, or transforms after a jump that are not believed; then another '
        'map begins with odometry, and with tf the transform is believed',
        range=(0, 1000),
    )
    view_width: int = parameter(
        320, 'width of the views that are fused, and of ~/depth/image and ~/image', unit='pixels', range=(32, 4096)
    )
    margin: float = parameter(
        0.02, 'share of the width that is cut away around instruments', range=(0.0, 0.2), changes='any time'
    )
    align_scale: bool = parameter(True, "bring each image's depth to the scale of the surface before it is fused")
    voxel: float = parameter(_SURFACE.voxel, 'edge of a voxel', unit='m', range=(0.0002, 0.02))
    blocks: int = parameter(
        _SURFACE.blocks,
        'blocks of 8 x 8 x 8 voxels that are kept at most, 10 kB each; those not seen for longest go first',
        range=(64, 200_000),
    )
    memory: float = parameter(
        _SURFACE.memory, 'what was not seen for so long is forgotten', unit='s', range=(0.1, 86400.0)
    )
    steadiness: float = parameter(
        _SURFACE.steadiness, 'tissue that has moved is replaced within about so many images', range=(1.0, 1000.0)
    )
    reach: float = parameter(
        _SURFACE.reach,
        'depth beyond is not taken; an image whose median is beyond is refused',
        unit='m',
        range=(0.01, 5.0),
    )
    surface_rate: float = parameter(
        2.0, 'clouds of ~/surface per second at most', unit='Hz', range=(0.01, 30.0), changes='any time'
    )
    mesh_rate: float = parameter(
        0.2, 'meshes of ~/mesh per second at most', unit='Hz', range=(0.001, 5.0), changes='any time'
    )
    folder: str = parameter(
        'surfaces',
        'where ~/save puts surface.ply and surface.glb, into a new folder below it that is named by time and map',
        is_path=True,
    )
    no_view_warning: float = parameter(
        2.0,
        'say that something is wrong when nothing has been fused for so long',
        unit='s',
        range=(0.1, 3600.0),
        changes='any time',
    )
    autostart: bool = parameter(True, 'configure and activate when the node starts', changes='at start')
