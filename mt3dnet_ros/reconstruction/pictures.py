"""Pictures of a film, perceived and fused one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration_file import CameraCalibrationError, fit_camera
from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.pictures import Picture
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.prediction.track_files import TrackFiles
from mt3dnet_ros.reconstruction.reconstructor import Reconstructor, SurfaceUpdate
from mt3dnet_ros.reconstruction.tissue_view import TissueView, view_tissue
from mt3dnet_ros.reconstruction.trajectory import StampedPose, pose_at

_OUTPUTS = frozenset({'labels', 'depth', 'detections', 'tracks', 'scale'})
_NANOSECOND = 1e-9


@dataclass(frozen=True)
class PoseFile:
    """Poses that are known beforehand.

    :param poses: by time in seconds since the film began
    :param within: seconds that a pose may be away from its picture
    """

    poses: list[StampedPose]
    within: float = 0.05


@dataclass
class PictureReconstruction:
    """What the pictures of one camera show, fused.

    :param camera: of the pictures, which may have other sizes of the same aspect
    :param width: of the views that are fused, pixels
    :param margin: share of the width that is cut away around instruments
    """

    perceiver: Perceiver
    camera: Camera
    reconstructor: Reconstructor
    width: int = 320
    margin: float = 0.02
    known: PoseFile | None = None
    problems: Counter[str] = field(default_factory=Counter)
    fused: int = 0
    seen: int = 0
    measured: int = 0  # by parallax
    tracks: TrackFiles = field(default_factory=TrackFiles)

    def add(self, picture: Picture) -> tuple[TissueView, SurfaceUpdate] | None:
        """Perceive and fuse the next picture; None, and a problem counted, where it cannot even be perceived."""
        self.seen += 1
        try:
            rgb = picture.read()
            camera = fit_camera(self.camera, rgb.shape[1], rgb.shape[0])
            scene = self.perceiver(Frame(rgb, picture.stamp), camera, _OUTPUTS)
        except (SourceError, CameraCalibrationError) as error:
            self.problems[str(error)] += 1
            return None
        if picture.stamp:
            self.tracks.add(self.seen, picture.stem, scene)
        assert scene.depth is not None and scene.labels is not None  # for mypy
        view = view_tissue(rgb, scene.depth, scene.labels, camera, self.width, self.margin)
        time = _NANOSECOND * picture.stamp
        pose = pose_at(self.known.poses, time, self.known.within) if self.known else None
        update = self.reconstructor.add(view, time, pose)
        self.fused += not update.problem
        self.measured += update.measured
        if update.problem:
            self.problems[scene.nothing or update.problem] += 1
        return view, update
