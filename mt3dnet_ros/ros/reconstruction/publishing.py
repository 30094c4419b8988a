"""What is published of a surface once an image is fused."""

from __future__ import annotations

import numpy as np
from std_msgs.msg import Header

from mt3dnet_ros.perception.stopwatch import Stopwatch
from mt3dnet_ros.reconstruction.reconstructor import SurfaceUpdate
from mt3dnet_ros.reconstruction.surface import SurfaceLook, TissueSurface
from mt3dnet_ros.reconstruction.tip_distance import tip_distances
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.messages.images import bulk_image
from mt3dnet_ros.ros.parameters.reconstruction import ReconstructionParameters
from mt3dnet_ros.ros.reconstruction.mesh import serialized_mesh
from mt3dnet_ros.ros.reconstruction.messages import bulk_surface, fill_distances, fill_odometry, fill_transforms
from mt3dnet_ros.ros.reconstruction.outputs import ReconstructionOutputs
from mt3dnet_ros.ros.reconstruction.views import StampedView
from mt3dnet_ros.ros.topics.reconstruction import (
    CAMERA_INFO,
    DEPTH,
    DISTANCES,
    MESH,
    ODOMETRY,
    PICTURE,
    SURFACE,
    TRANSFORM,
)


class SurfacePublishing:
    """Makes and publishes what somebody subscribes to."""

    def __init__(self, outputs: ReconstructionOutputs, parameters: ReconstructionParameters) -> None:
        self.parameters = parameters
        self.points = 0  # of the last cloud
        self._outputs = outputs

    def publish_pose(self, seen: StampedView, pose: np.ndarray, map_frame: str) -> None:
        """Publish where the camera is, where this node has found that out.

        :param pose: (4, 4) from the camera's optical frame to the map
        """
        header = make_header(seen.stamp, map_frame)
        if self._outputs.wants(ODOMETRY):
            message = fill_odometry(ODOMETRY.message_class(), pose, header, seen.frame_id)
            self._outputs.publish(ODOMETRY, message)
        if seen.frame_id not in ('', map_frame) and self._outputs.wants(TRANSFORM):
            message = fill_transforms(TRANSFORM.message_class(), pose, header, seen.frame_id)
            self._outputs.publish(TRANSFORM, message)

    def publish_look(
        self,
        surface: TissueSurface,
        seen: StampedView,
        update: SurfaceUpdate,
        has_depth: bool,
        watch: Stopwatch,
    ) -> None:
        """Publish what the camera would see of the surface, and how far tips are from that.

        :param has_depth: whether depth is published
        """
        if update.pose is None or not self._outputs.wants(DEPTH, CAMERA_INFO, PICTURE, DISTANCES):
            return
        with watch.stage('looking'):
            look = surface.look(seen.view.camera, update.pose)
        with watch.stage('pictures'):
            self._publish_pictures(look, seen, has_depth)
        with watch.stage('distances'):
            self._publish_distances(look, seen, update)

    def publish_surface(self, surface: TissueSurface, header: Header, shift: np.ndarray, watch: Stopwatch) -> None:
        """Publish cloud and mesh, where their time has come, where the tissue is now.

        :param header: with the frame of the map
        :param shift: (3,) metres by which the tissue has to move to be where the surface keeps it
        """
        if self._outputs.is_due(SURFACE, self.parameters.surface_rate):
            with watch.stage('cloud'):
                points = surface.points()
                self.points = len(points.xyz)
                self._outputs.publish(SURFACE, bulk_surface(points.xyz - shift, points.rgb, points.age, header))
        if self._outputs.is_due(MESH, self.parameters.mesh_rate):
            with watch.stage('mesh'):
                mesh = surface.mesh()
                self._outputs.publish(MESH, serialized_mesh(mesh.vertices - shift, mesh.rgb, mesh.triangles, header))

    def _publish_pictures(self, look: SurfaceLook, seen: StampedView, has_depth: bool) -> None:
        header = make_header(seen.stamp, seen.frame_id)
        if has_depth and self._outputs.wants(DEPTH):
            depth = np.where(look.depth > 0.0, look.depth, np.float32(np.nan)).astype(np.float32)
            self._outputs.publish(DEPTH, bulk_image(depth, '32FC1', header))
        if self._outputs.wants(CAMERA_INFO):
            self._outputs.publish(CAMERA_INFO, info_from_camera(seen.view.camera, header))
        if self._outputs.wants(PICTURE):
            picture = np.where(look.depth[..., None] > 0.0, look.rgb, np.uint8(0))
            self._outputs.publish(PICTURE, bulk_image(picture, 'rgb8', header))

    def _publish_distances(self, look: SurfaceLook, seen: StampedView, update: SurfaceUpdate) -> None:
        if seen.tips is None or not self._outputs.wants(DISTANCES):
            return
        factor = update.alignment.factor if self.parameters.align_scale else 1.0
        found = tip_distances(seen.tips, look.depth, seen.view.camera, update.alignment.deviation, factor)
        self._outputs.publish(DISTANCES, fill_distances(found, make_header(seen.stamp, seen.frame_id)))
