"""Messages of a camera and of perception, of a scene that is easily told apart, as objects with their fields."""

from __future__ import annotations

from types import SimpleNamespace as Fields
from typing import Any

import numpy as np

GREEN, MAGENTA, BLUE, ORANGE = (0, 200, 0), (220, 0, 220), (30, 60, 250), (250, 140, 0)
CYAN = (0, 220, 220)
WIDTH, HEIGHT = 160, 128
STAMP = 1_700_000_000


def header(index: int = 0) -> Fields:
    return Fields(stamp=Fields(sec=STAMP + index // 10, nanosec=index % 10 * 100_000_000), frame_id='scope')


def image(pixels: np.ndarray, encoding: str, index: int = 0, padding: int = 0, big: bool = False) -> Fields:
    """Return an Image; rows end with some bytes that are no pixels."""
    values = pixels.astype(pixels.dtype.newbyteorder('>' if big else '<'))
    rows = values.reshape(len(pixels), -1).view(np.uint8)
    rows = np.pad(rows, ((0, 0), (0, padding)), constant_values=7)
    height, width = pixels.shape[:2]
    return Fields(
        header=header(index), height=height, width=width, encoding=encoding, is_bigendian=int(big),
        step=rows.shape[1], data=np.ascontiguousarray(rows).ravel(),
    )  # fmt: skip


def halves(left: tuple[int, ...], right: tuple[int, ...]) -> np.ndarray:
    """Return a picture of two colours side by side."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:, : WIDTH // 2], picture[:, WIDTH // 2 :] = left, right
    return picture


def cloud(xyz: np.ndarray, rgb: np.ndarray | None = None, index: int = 0) -> Fields:
    """Return an unorganised PointCloud2 with the fields of this package."""
    kinds = [('x', '<f4'), ('y', '<f4'), ('z', '<f4'), ('rgb', '<u4'), ('label', '<u4')]
    points = np.zeros(len(xyz), kinds)
    for axis, values in zip('xyz', xyz.T, strict=True):
        points[axis] = values
    if rgb is not None:
        red, green, blue = rgb.astype(np.uint32).T
        points['rgb'] = red << 16 | green << 8 | blue
    datatypes = {'<f4': 7, '<u4': 6}
    fields = [
        Fields(name=name, offset=4 * number, datatype=7 if name == 'rgb' else datatypes[kind], count=1)
        for number, (name, kind) in enumerate(kinds)
    ]
    return Fields(
        header=header(index), height=1, width=len(points), fields=fields, is_bigendian=False,
        point_step=points.itemsize, row_step=points.nbytes, data=points.view(np.uint8),
    )  # fmt: skip


def plane(side: int = 120, distance: float = 0.08) -> np.ndarray:
    """Return the points of a square before the camera, metres."""
    x, y = np.meshgrid(np.linspace(-0.04, 0.04, side), np.linspace(-0.03, 0.03, side))
    return np.stack([x, y, np.full_like(x, distance)], -1).reshape(-1, 3).astype(np.float32)


def xyz(x: float, y: float, z: float) -> Fields:
    return Fields(x=x, y=y, z=z)


def detection(class_id: int, name: str, placed: bool = True) -> Fields:
    nan = float('nan')
    return Fields(
        class_id=class_id, class_name=name, score=0.75, instance_id=1,
        box=Fields(x_offset=20, y_offset=30, width=60, height=40),
        position=xyz(0.01, 0.0, 0.07) if placed else xyz(nan, nan, nan),
        extent=xyz(0.02, 0.01, 0.005), tip=xyz(0.0, 0.0, 0.08) if placed else xyz(nan, nan, nan),
    )  # fmt: skip


def axis(direction: tuple[float, float, float]) -> Fields:
    """Return the axis of a shaft that passes 70 mm before the camera."""
    return Fields(
        point=xyz(0.01, 0.0, 0.07), direction=xyz(*direction), deviation=0.001, angle_deviation=0.01, diameter=0.0084
    )


def scale(factor: float, *sources: str, conflicts: tuple[str, ...] = (), index: int = 0) -> Fields:
    """Return a DepthScale whose interval is a tenth on either side."""
    return Fields(
        header=header(index), factor=factor, deviation=0.05, lower=0.9 * factor, upper=1.1 * factor,
        sources=list(sources), conflicts=list(conflicts),
    )  # fmt: skip


def labels() -> Fields:
    """Return a LabelInfo in which class 3 is blue."""
    colors = [Fields(r=0.0, g=0.0, b=0.0, a=1.0), Fields(r=0.0, g=0.0, b=1.0, a=1.0)]
    return Fields(header=header(), taxonomy='none', ids=[0, 3], names=['background', 'probe'], colors=colors)


def fixation(order: int, placed: bool = True) -> Fields:
    nan = float('nan')
    place = xyz(0.01 * order, 0.0, 0.07) if placed else xyz(nan, nan, nan)
    return Fields(instance_id=order, class_id=3, x=40.0 * order, y=50.0, position=place, weight=0.5, order=order)


def status(level: Any, message: str, **figures: str) -> Fields:
    values = [Fields(key=key, value=value) for key, value in figures.items()]
    return Fields(
        header=header(),
        status=[Fields(level=level, name='/perception', message=message, hardware_id='cpu', values=values)],
    )


def whole_scene(index: int = 0) -> dict[str, Any]:
    """Return one message of everything that can be shown, by the keys of ``SHOWN``."""
    depth = np.full((HEIGHT, WIDTH), 0.08, np.float32)
    depth[:, : WIDTH // 2] = 0.05
    saliency = np.zeros((HEIGHT, WIDTH), np.uint8)
    saliency[40:80, 40:80] = 255
    points = plane()
    return {
        'label_info': labels(),
        'image': image(halves(GREEN, MAGENTA), 'rgb8', index),
        'overlay': image(halves(MAGENTA, ORANGE), 'rgb8', index),
        'depth': image(depth, '32FC1', index),
        'saliency': image(saliency, 'mono8', index),
        'cloud': cloud(points, np.tile(np.array(CYAN, np.uint8), (len(points), 1)), index),
        'detections': Fields(header=header(index), detections=[detection(3, 'probe')]),
        'scanpath': Fields(header=header(index), fixations=[fixation(1), fixation(2)]),
        'scale': scale(1.2, 'shaft', index=index),
        'gaze': Fields(header=header(index), point=xyz(0.0, 0.0, 0.07)),
        'camera_info': Fields(
            header=header(index), height=HEIGHT, width=WIDTH, k=[160.0, 0, 80, 0, 160, 64, 0, 0, 1]
        ),
        'diagnostics': status(b'\0', 'OK', **{'latency median [ms]': '41.5', 'output rate [Hz]': '24.0'}),
    }  # fmt: skip
