"""What the messages of one image show of the tissue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.reconstruction.tip_distance import SeenTip
from mt3dnet_ros.reconstruction.tissue_view import TissueView, view_tissue
from mt3dnet_ros.ros.evidence.halves import split_halves
from mt3dnet_ros.ros.latest_camera import LatestCamera
from mt3dnet_ros.ros.messages.headers import clean_frame_id
from mt3dnet_ros.ros.messages.images import ImageDecoder
from mt3dnet_ros.ros.parameters.reconstruction import ReconstructionParameters
from mt3dnet_ros.ros.reconstruction.inputs import ImageMessages
from mt3dnet_ros.ros.reconstruction.messages import read_depth, read_labels, read_tips

_EYES = 2  # in an image that holds them side by side


@dataclass(frozen=True, eq=False)
class StampedView:
    """A view of the tissue, and what is known with it.

    :param camera: of the image, with its distortion
    :param stamp: of the image, nanoseconds
    :param frame_id: optical frame of the camera
    :param tips: of tracks; None where no detections came of the image
    :param has_scale: whether something says that the depth is metric; None where nothing was said of its scale
    """

    view: TissueView
    camera: Camera
    stamp: int
    frame_id: str
    tips: list[SeenTip] | None
    has_scale: bool | None


class ViewReader:
    """Reads the messages of one image after another.

    :param on_error: called with the reason why a CameraInfo cannot be used
    """

    def __init__(self, parameters: ReconstructionParameters, on_error: Callable[[str], None]) -> None:
        self.parameters = parameters
        topic = f'{parameters.perception_ns.rstrip("/")}/depth/camera_info'
        self.camera = LatestCamera(rectified=False, on_error=on_error, topic=topic)
        self._decode = ImageDecoder()

    def __call__(self, messages: ImageMessages) -> StampedView:
        """Return the view.

        :raises InputError: a message cannot be used, or the messages do not go together
        :raises ImageError: the image cannot be decoded
        """
        depth, labels = read_depth(messages.depth), read_labels(messages.labels)
        rgb = self._picture(messages, depth.shape)
        height, width = depth.shape
        if labels.shape != depth.shape:
            raise InputError(f'labels of {labels.shape[1]} x {labels.shape[0]} pixels, depth of {width} x {height}')
        self.camera.update(messages.camera_info)
        camera = self.camera.fit(width, height)
        if camera is None:
            raise InputError(self.camera.problem)
        depth = self._within_reach(depth)
        view = view_tissue(rgb, depth, labels, camera, self.parameters.view_width, self.parameters.margin)
        return StampedView(
            view,
            camera,
            messages.stamp,
            clean_frame_id(messages.depth.header.frame_id),
            read_tips(messages.detections) if messages.detections else None,
            None if messages.scale is None else not messages.scale.guess,
        )

    def _picture(self, messages: ImageMessages, shape: tuple[int, ...]) -> np.ndarray:
        """Return the picture of the depth: of an image that holds both eyes, the left one."""
        rgb = self._decode(messages.image)
        if rgb.shape[:2] == (shape[0], _EYES * shape[1]):
            rgb, _ = split_halves(rgb)
        if rgb.shape[:2] != shape:
            raise InputError(
                f'the image has {rgb.shape[1]} x {rgb.shape[0]} pixels, its depth {shape[1]} x {shape[0]}; '
                'remap image to that which perception takes'
            )
        return rgb

    def _within_reach(self, depth: np.ndarray) -> np.ndarray:
        reach = self.parameters.reach
        known = depth[depth > 0.0]  # NaN is not
        if known.size and (middle := float(np.median(known))) > reach:
            raise InputError(
                f'the depth is {middle:.3g} m in the median, more than reach {reach:g} m; is it in metres (REP 118)? '
                'Or raise reach'
            )
        return np.where(depth <= reach, depth, np.float32(np.nan))
