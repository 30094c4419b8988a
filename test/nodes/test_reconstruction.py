"""The node reconstruction: perception's outputs in, a surface without instruments out, and honest where it fails."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip('open3d', reason="needs open3d: pip install 'mt3dnet_ros[render]'")

from diagnostic_msgs.msg import DiagnosticStatus
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_srvs.srv import Trigger
from support.bumpy_tissue import CAMERA, height, pose_on_the_way
from support.perceived_tissue import TRACK, perceive
from support.ros_probe import Probe
from support.ros_processes import NodeProcess
from support.small_disk import SmallDisk, small_disk
from visualization_msgs.msg import Marker

from mt3dnet_ros.msg import DepthScale, DetectionArray, TissueDistanceArray
from mt3dnet_ros.ros.qos import LATCHED, OUTPUT
from mt3dnet_ros.ros.reconstruction.messages import read_depth
from mt3dnet_ros.viewer.messages import read_plain_image, read_points

NODE, PERCEPTION = '/reconstruction', '/scope/perception'
SLACK = 60.0  # seconds that a busy machine may take
STEP = 0.002  # of the way, from image to image


class Scope:
    """A camera over still tissue, with a perception that sees it exactly, and an instrument in the middle."""

    def __init__(self, probe: Probe) -> None:
        self.probe, self.step, self.stamp = probe, 0, 0
        create = probe.node.create_publisher
        self._publishers = {
            'labels': create(Image, f'{PERCEPTION}/segmentation/labels', OUTPUT),
            'detections': create(DetectionArray, f'{PERCEPTION}/detections', OUTPUT),
            'depth': create(Image, f'{PERCEPTION}/depth/image', OUTPUT),
            'camera_info': create(CameraInfo, f'{PERCEPTION}/depth/camera_info', OUTPUT),
            'scale': create(DepthScale, f'{PERCEPTION}/depth/scale', OUTPUT),
            'image': create(Image, '/image', OUTPUT),
        }

    def look(self, without: str = '', **changes: Any) -> None:
        """Publish the next image with what is perceived in it.

        :param without: what is left out
        """
        self.stamp = max(self.stamp + 1, self.probe.node.get_clock().now().nanoseconds)
        self.step += 1
        seen = perceive(pose_on_the_way(STEP * self.step), self.stamp, **changes)
        for name, publisher in self._publishers.items():
            if name != without:
                publisher.publish(getattr(seen, name))

    def spin_until(self, condition: Callable[[], Any], **changes: Any) -> None:
        """Publish image after image until the condition holds."""

        def holds() -> bool:
            self.look(**changes)
            self.probe.spin(0.03)
            return bool(condition())

        self.probe.spin_until(holds, timeout=SLACK, what=f'after {self.said()[-1:]}')

    def spin_until_said(self, *words: str, **changes: Any) -> None:
        """Publish image after image until new diagnostics have all of these words."""
        begin = len(self.probe._status)
        self.spin_until(lambda: any(all(word in said for word in words) for said in self.said()[begin:]), **changes)

    def spin_until_fused(self) -> dict[str, str]:
        """Publish image after image until some are fused; return the figures of then."""
        begin = int(self.values()['images fused'])
        self.spin_until(lambda: int(self.values()['images fused']) > begin + 1)
        return self.values()

    def said(self) -> list[str]:
        """Return the messages of the node's diagnostics so far."""
        return [status.message for status in self.probe._status]

    def values(self) -> dict[str, str]:
        """Return the figures of the node's newest diagnostics."""
        figures = {pair.key: pair.value for status in self.probe._status[-1:] for pair in status.values}
        return {'images fused': '0'} | figures

    def call(self, name: str) -> Trigger.Response:
        """Call a service of the node."""
        return self.probe.call(Trigger, name, Trigger.Request())


@pytest.fixture(scope='module')
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    with small_disk(tmp_path_factory.mktemp('reconstruction') / 'disk', read_only=False) as disk:
        yield disk


@pytest.fixture(scope='module')
def process(disk: SmallDisk) -> Iterator[NodeProcess]:
    parameters = {'perception_ns': PERCEPTION, 'folder': str(disk.folder), 'surface_rate': 10.0, 'mesh_rate': 5.0}
    process = NodeProcess('reconstruction', parameters, log=disk.folder.parent / 'reconstruction.log')
    yield process
    status, output = process.stop()
    assert (status, 'Traceback' in output) == (0, False), output


@pytest.fixture
def scope(process: NodeProcess) -> Iterator[Scope]:
    probe = Probe(NODE)
    scope = Scope(probe)
    assert scope.call('reset').success
    yield scope
    assert process.running, process.output()
    probe.close()


def test_the_surface_is_published_without_the_instrument(scope: Scope) -> None:
    collect = scope.probe.collect
    clouds, meshes = collect(PointCloud2, f'{NODE}/surface'), collect(Marker, f'{NODE}/mesh', LATCHED)
    depths, pictures = collect(Image, f'{NODE}/depth/image'), collect(Image, f'{NODE}/image')
    infos, distances = (
        collect(CameraInfo, f'{NODE}/depth/camera_info'),
        collect(TissueDistanceArray, f'{NODE}/distances'),
    )
    scope.spin_until(lambda: len(clouds) > 5 and meshes and depths and pictures and infos and distances)
    scope.spin_until(lambda: scope.probe._status and scope.probe._status[-1].level == DiagnosticStatus.OK)
    values = scope.values()
    start = np.linalg.inv(pose_on_the_way(STEP))  # the map begins where the camera does
    xyz, rgb = read_points(clouds[-1], 1_000_000)
    placed = (xyz - start[:3, 3]) @ start[:3, :3]
    assert 1e3 * np.abs(height(placed[:, 0], placed[:, 1]) - placed[:, 2]).mean() < 1.0
    assert rgb is not None and len(xyz) > 2000 and clouds[-1].header.frame_id == 'map'
    assert [field.name for field in clouds[-1].fields] == ['x', 'y', 'z', 'rgb', 'age']
    assert len(meshes[-1].points) == len(meshes[-1].colors) > 6000 and meshes[-1].type == Marker.TRIANGLE_LIST
    depth = read_depth(depths[-1])
    assert depths[-1].header.frame_id == 'scope' and depths[-1].header.stamp.sec > 0
    assert (infos[-1].width, infos[-1].height) == depth.shape[::-1] == (CAMERA.width, CAMERA.height)
    assert 0.08 < np.nanmedian(depth) < 0.12 and np.isnan(depth[60, 75])  # where only the instrument was seen
    assert not read_plain_image(pictures[-1])[60, 75].any()
    (found,) = distances[-1].distances
    assert found.track_id == TRACK and 0.015 < found.distance < 0.045
    assert values['pose source'] == 'odometry' and values['frame of the map'] == 'map'
    assert int(values['images fused']) and int(values['blocks']) and int(values['points of the last cloud'])
    assert float(values['scale factor']) == pytest.approx(1, 0.05) and float(values['fusion [ms]']) > 0.0


def test_what_cannot_be_fused_is_said_and_the_surface_kept(scope: Scope) -> None:
    before = scope.spin_until_fused()
    scope.spin_until_said('no tissue is seen', depth=np.full((CAMERA.height, CAMERA.width), np.nan))
    scope.spin_until_said('is it in metres', depth=np.full((CAMERA.height, CAMERA.width), 90.0))
    scope.spin_until_said('depth without scale', guess=True)
    scope.spin_until_said('nothing to fuse', 'the camera is not calibrated', without='camera_info')
    assert scope.probe._status[-1].level == DiagnosticStatus.ERROR
    after = scope.spin_until_fused()
    assert int(after['images without perception']) and int(after['messages rejected'])
    assert after['map'] == before['map'] and int(after['blocks']) >= int(before['blocks'])


def test_the_surface_is_saved_kept_while_inactive_and_a_full_disk_said(scope: Scope, disk: SmallDisk) -> None:
    assert scope.call('save').message == 'nothing is saved: there is no surface yet'
    before = scope.spin_until_fused()
    answer = scope.call('save')
    assert answer.success, answer.message
    (folder,) = (path for path in disk.folder.iterdir() if path.is_dir())
    assert sorted(path.name for path in folder.iterdir()) == ['surface.glb', 'surface.ply']
    assert (folder / 'surface.ply').stat().st_size > 30_000 and str(folder) in answer.message
    assert scope.probe.transition('deactivate')
    fill(disk.folder / 'filler')
    answer = scope.call('save')
    assert not answer.success and 'the surface is kept' in answer.message and '\n' not in answer.message
    assert scope.probe.transition('activate')
    assert 'unconfigured: deactivate and clean up' in scope.probe.set_parameter('voxel', 0.002).reason
    after = scope.spin_until_fused()
    assert after['map'] == before['map'] and int(after['blocks'])


def fill(path: Path) -> None:
    """Write until the disk is full; where that is not one of its own, leave the test."""
    if not os.path.ismount(path.parent):
        pytest.skip('a small disk needs the right to mount one')
    with contextlib.suppress(OSError), path.open('wb', buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_without_a_transform_the_node_says_so_and_falls_back(start_node: Callable[..., NodeProcess]) -> None:
    known = {'perception_ns': PERCEPTION, 'pose_source': 'tf', 'pose_fallback': 'odometry', 'map_frame': 'base'}
    start_node('reconstruction', known, {'__node': 'other'})
    probe = Probe('/other')
    scope = Scope(probe)
    scope.spin_until_said('tf2', 'odometry takes its place (pose_fallback)')
    assert scope.values()['frame of the map'] == 'base_unplaced'
    probe.close()


def test_without_open3d_the_node_says_what_to_install(start_node: Callable[..., NodeProcess], tmp_path: Path) -> None:
    (tmp_path / 'open3d.py').write_text("raise ModuleNotFoundError(name='open3d')")
    path = os.pathsep.join((str(tmp_path), os.environ.get('PYTHONPATH', '')))
    process = start_node('reconstruction', {}, {'__node': 'bare'}, environment={'PYTHONPATH': path})
    process.wait_for_output("not configured: open3d is not installed: pip install 'mt3dnet_ros[render]'", timeout=SLACK)
    probe = Probe('/bare')
    status, _ = probe.status()
    assert status.level == DiagnosticStatus.ERROR and "pip install 'mt3dnet_ros[render]'" in status.message
    probe.close()


def test_the_node_starts_without_open3d() -> None:
    script = 'import sys, mt3dnet_ros.nodes.reconstruction; print(*sys.modules)'
    started = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    assert {'open3d', 'torch', 'matplotlib'} & set(started.stdout.split()) == set()
