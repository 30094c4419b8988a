"""Time how arrays become messages, against the ways of cv_bridge and sensor_msgs_py.

    python benchmark/message_packing.py [--size 1280x1024] [--stride 2] [--repeats 50]

Where cv_bridge and sensor_msgs_py are installed they are timed themselves; else what they do is done here in the same
steps. The figure is the fastest of all repeats; ratios are to our own way.
"""

from __future__ import annotations

import argparse
import time
from array import array
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.lib.recfunctions import unstructured_to_structured
from sensor_msgs.msg import Image, PointCloud2, PointField
from std_msgs.msg import Header

from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros.messages.clouds import fill_cloud, pack_rgb
from mt3dnet_ros.ros.messages.images import decode_image, fill_image

try:
    from cv_bridge import CvBridge
except ImportError:
    CvBridge = None
try:
    from sensor_msgs_py.point_cloud2 import create_cloud
except ImportError:
    create_cloud = None

FIELDS = [
    PointField(name=name, offset=4 * at, count=1, datatype=PointField.UINT32 if name == 'label' else PointField.FLOAT32)
    for at, name in enumerate(('x', 'y', 'z', 'rgb', 'label'))
]
POINT = np.dtype([('x', 'f4'), ('y', 'f4'), ('z', 'f4'), ('rgb', 'f4'), ('label', 'u4')])


def fastest(work: Callable[[], Any], repeats: int) -> float:
    """Return the shortest time of some calls in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def like_cv2_to_imgmsg(picture: np.ndarray) -> Image:
    """Make a message in the steps of cv_bridge's `cv2_to_imgmsg`: bytes of the array, then into the message."""
    message = Image(height=picture.shape[0], width=picture.shape[1], encoding='rgb8')
    message.data.frombytes(picture.tobytes())
    message.step = len(message.data) // message.height
    return message


def assigned(picture: np.ndarray, data: Any) -> Image:
    """Make a message by assigning the data, as much code does."""
    message = Image(height=picture.shape[0], width=picture.shape[1], encoding='rgb8', step=3 * picture.shape[1])
    message.data = data
    return message


def like_imgmsg_to_cv2(message: Image) -> np.ndarray:
    """Read a bgr8 message in the steps of cv_bridge's `imgmsg_to_cv2(message, 'rgb8')`."""
    view = np.ndarray((message.height, message.width, 3), np.uint8, message.data, strides=(message.step, 3, 1))
    return cv2.cvtColor(view, cv2.COLOR_BGR2RGB)


def columns(cloud: Cloud) -> np.ndarray:
    """Return (N, 5) float32 of a cloud, the form in which callers hand points to `create_cloud`."""
    color = pack_rgb(cloud.rgb).view(np.float32)
    return np.concatenate([cloud.xyz, color[..., None], cloud.labels[..., None].astype(np.float32)], -1).reshape(-1, 5)


def like_create_cloud(points: np.ndarray) -> PointCloud2:
    """Make a message in the steps of sensor_msgs_py's `create_cloud` of an unstructured array."""
    structured = unstructured_to_structured(points, dtype=POINT)
    data = array('B')
    data.frombytes(structured.data.cast('B'))
    size = POINT.itemsize
    return PointCloud2(
        header=Header(),
        height=1,
        width=len(structured),
        is_dense=False,
        fields=FIELDS,
        point_step=size,
        row_step=size * len(structured),
        data=data,
    )


def report(title: str, ways: dict[str, Callable[[], Any]], repeats: int) -> None:
    """Time some ways and print them; the first is ours."""
    times = {name: fastest(work, repeats) for name, work in ways.items()}
    ours = next(iter(times.values()))
    print(title)
    for name, milliseconds in times.items():
        print(f'  {name:44} {milliseconds:9.3f} ms  {milliseconds / ours:8.1f}')


def main() -> None:
    """Time images and clouds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', default='1280x1024', metavar='WxH')
    parser.add_argument('--stride', type=int, default=2, help='of the cloud')
    parser.add_argument('--repeats', type=int, default=50)
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split('x'))
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (height, width, 3), np.uint8)
    rows, cells = -(-height // arguments.stride), -(-width // arguments.stride)
    cloud = Cloud(
        rng.normal(size=(rows, cells, 3)).astype(np.float32),
        picture[:rows, :cells].copy(),
        rng.integers(0, 9, (rows, cells), np.uint8),
    )
    received = fill_image(picture, 'bgr8', Header())

    bridge = CvBridge() if CvBridge else None
    report(
        f'write an rgb8 image of {width} x {height}',
        {
            'fill_image': lambda: fill_image(picture, 'rgb8', Header()),
            'cv_bridge' if bridge else 'as cv_bridge: tobytes, frombytes': (
                lambda: bridge.cv2_to_imgmsg(picture, 'rgb8')
            )
            if bridge
            else (lambda: like_cv2_to_imgmsg(picture)),
            'data = tobytes()': lambda: assigned(picture, picture.tobytes()),
        },
        arguments.repeats,
    )
    report(
        'the same, by assigning an array (3 repeats)',
        {
            'fill_image': lambda: fill_image(picture, 'rgb8', Header()),
            'data = picture.ravel()': lambda: assigned(picture, picture.ravel()),
        },
        3,
    )
    report(
        f'read a bgr8 image of {width} x {height} as rgb',
        {
            'decode_image': lambda: decode_image(received),
            'cv_bridge' if bridge else 'as cv_bridge: view, cvtColor': (lambda: bridge.imgmsg_to_cv2(received, 'rgb8'))
            if bridge
            else (lambda: like_imgmsg_to_cv2(received)),
        },
        arguments.repeats,
    )
    report(
        f'write a cloud of {cells} x {rows} points with colour and label',
        {
            'fill_cloud': lambda: fill_cloud(cloud, Header()),
            'sensor_msgs_py' if create_cloud else 'as sensor_msgs_py: columns, create_cloud': (
                lambda: create_cloud(Header(), FIELDS, columns(cloud))
            )
            if create_cloud
            else (lambda: like_create_cloud(columns(cloud))),
        },
        arguments.repeats,
    )


if __name__ == '__main__':
    main()
