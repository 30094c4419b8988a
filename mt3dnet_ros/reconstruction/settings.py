"""How views become a surface; needs no open3d."""

from __future__ import annotations

from dataclasses import dataclass, field

from mt3dnet_ros.errors import InputError

GIVEN, ODOMETRY, FIXED = POSE_SOURCES = 'given', 'odometry', 'fixed'


@dataclass(frozen=True)
class SurfaceSettings:
    """How fine a surface is, and how it forgets.

    :param voxel: edge in metres
    :param truncation: of the distance function, in voxels: a frame's depth changes the surface so far around it
    :param steadiness: frames after which a newer one counts as much as all before it: tissue that has moved is replaced
        within about so many
    :param support: frames that must have seen a place before it is surface
    :param memory: seconds after which what was not seen any more is forgotten
    :param blocks: of 8 x 8 x 8 voxels, 10 kB each, that are kept at most; those that were not seen for longest go first
    :param reach: metres from the camera, beyond which depth is not taken
    """

    voxel: float = 1e-3
    truncation: float = 6.0
    steadiness: float = 12.0
    support: float = 2.0
    memory: float = 60.0
    blocks: int = 8192
    reach: float = 0.4


@dataclass(frozen=True)
class ReconstructionSettings:
    """How views become a surface.

    :param pose_source: of ``POSE_SOURCES``: as the caller says, found from what is seen, or a camera that stands still
    :param align_scale: bring each frame's depth to the scale of the surface before it is fused
    :param settling: frames at the beginning that are fused as they are: their scales' mean is that of the surface
    :param say_in_scale: share of its difference to that scale which a later frame keeps, so that the surface's scale
        becomes the mean of many
    :param follow_tissue: with poses that are known, follow tissue that moves as one against them: it breathes
    :param use_parallax: with poses that are given, correct depth by what a travelling camera sees from two places
    :param patience: frames in a row that may not fit the surface before it is taken for another place: with a given
        pose they are then fused, by odometry a new map begins
    """

    pose_source: str = GIVEN
    align_scale: bool = True
    settling: int = 12
    say_in_scale: float = 0.1
    follow_tissue: bool = True
    use_parallax: bool = True
    patience: int = 10
    surface: SurfaceSettings = field(default_factory=SurfaceSettings)

    def __post_init__(self) -> None:
        """Refuse a source that there is not."""
        if self.pose_source not in POSE_SOURCES:
            raise InputError(f'pose source {self.pose_source!r} is none of {", ".join(POSE_SOURCES)}')
