"""What the nodes make of messages, without the nodes: the decoders of perception and of guidance."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from geometry_msgs.msg import Point, PointStamped
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, JointState, Joy
from std_msgs.msg import Header

from attack.messages import spoil
from attack.pictures import FORMATS, good_picture, spoiled_picture
from attack.target import FoundError, Target
from mt3dnet_ros import msg
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.guide import Guide
from mt3dnet_ros.guidance.joint_limits import JOINTS
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.media.codecs.picture_header import CODECS
from mt3dnet_ros.perception.scale.depth_scale import DepthScale, SupportingSource
from mt3dnet_ros.ros.guidance.ages import check_age
from mt3dnet_ros.ros.guidance.messages import decode_depth, read_joints, read_scale
from mt3dnet_ros.ros.guidance.targets import Target as GuidanceTarget
from mt3dnet_ros.ros.guidance.targets import TargetReader
from mt3dnet_ros.ros.latest_camera import LatestCamera
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.depth_scale import fill_depth_scale
from mt3dnet_ros.ros.messages.encodings import PACKED, PLANAR
from mt3dnet_ros.ros.messages.headers import SECOND, make_header, stamp_to_ns
from mt3dnet_ros.ros.messages.images import ImageDecoder
from mt3dnet_ros.viewer.messages import read_picture

MOST_PIXELS = 1_000_000  # that the decoders under attack may decode
NOW = 1_000.0  # seconds, when messages of guidance come
_SIZE = 32, 24  # width and height of images whose camera is asked for
_ARM = np.array([0.2, -0.1, 0.1, 0.2])
Take = Callable[[Any], str]


def header(chance: random.Random) -> Header:
    """Return a header of now."""
    return make_header(round((NOW - chance.uniform(0.0, 0.01)) * SECOND), 'camera')


def good_image(chance: random.Random) -> Image:
    """Return a raw image of any encoding, with padding or without."""
    encoding = chance.choice((*PACKED, *PLANAR))
    height, width = 2 * chance.randint(1, 12), 2 * chance.randint(1, 16)
    message = Image(header=header(chance), height=height, width=width, encoding=encoding)
    if encoding in PACKED:
        length, rows = width * PACKED[encoding].channels * PACKED[encoding].size, height
    else:
        length, rows = width, int(height * PLANAR[encoding].rows)
    message.step = length + chance.choice((0, 0, 4, 7))
    message.data.frombytes(chance.randbytes(message.step * rows))
    return message


def good_compressed(chance: random.Random) -> CompressedImage:
    """Return a JPEG or PNG."""
    message = CompressedImage(header=header(chance), format=chance.choice(FORMATS))
    message.data.frombytes(good_picture(chance))
    return message


def spoiled_compressed(message: CompressedImage, chance: random.Random) -> CompressedImage:
    """Return a message whose data, or whose fields, are not what they should be."""
    if chance.random() < 0.2:
        return spoil(message, chance)
    spoiled = CompressedImage(header=message.header, format=message.format)
    spoiled.data.frombytes(spoiled_picture(message.data.tobytes(), chance))
    return spoiled


def good_camera_info(chance: random.Random) -> CameraInfo:
    """Return a calibration of an image, or of a larger sensor."""
    factor = chance.choice((1, 1, 2, 20))
    model, numbers = chance.choice((('none', 0), ('plumb_bob', 5), ('rational_polynomial', 8), ('equidistant', 4)))
    coefficients = tuple(chance.uniform(-0.05, 0.05) for _ in range(numbers))
    width, height = _SIZE[0] * factor, _SIZE[1] * factor
    focal = width * chance.uniform(0.7, 1.5)
    camera = Camera(width, height, focal, focal, 0.51 * width, 0.49 * height, model, coefficients)
    return info_from_camera(camera, header(chance))


def good_joints(chance: random.Random) -> JointState:
    """Return joints of an ECM near where it stands."""
    position = (_ARM + [chance.gauss(0.0, 1e-4) for _ in JOINTS]).tolist()
    return JointState(header=header(chance), name=list(JOINTS), position=position)


def good_switch(chance: random.Random) -> Joy:
    """Return a dead-man switch, pressed or not."""
    return Joy(header=header(chance), buttons=[chance.randrange(2)])


def good_gaze(chance: random.Random) -> PointStamped:
    """Return a point before the camera."""
    point = Point(x=chance.gauss(0.0, 0.01), y=chance.gauss(0.0, 0.01), z=chance.uniform(0.05, 0.2))
    return PointStamped(header=header(chance), point=point)


def good_scanpath(chance: random.Random) -> msg.Scanpath:
    """Return one to three fixations."""
    stops = [
        msg.Fixation(instance_id=number, class_id=1, position=good_gaze(chance).point, weight=0.5, order=number)
        for number in range(chance.randint(1, 3))
    ]
    return msg.Scanpath(header=header(chance), fixations=stops)


def good_depth(chance: random.Random) -> Image:
    """Return a depth image in one of the two encodings of REP 118."""
    height, width = chance.randint(1, 24), chance.randint(1, 32)
    metres = np.full((height, width), chance.uniform(0.05, 0.2), np.float32)
    encoding, samples = chance.choice((('32FC1', metres), ('16UC1', (1e3 * metres).astype(np.uint16))))
    message = Image(header=header(chance), height=height, width=width, encoding=encoding, step=samples[0].nbytes)
    message.data.frombytes(samples.tobytes())
    return message


def good_scale(chance: random.Random) -> msg.DepthScale:
    """Return a scale that rests on a shaft."""
    factor = chance.uniform(0.8, 1.2)
    return fill_depth_scale(DepthScale(factor, 0.02, (SupportingSource('shaft', factor, 0.02, 0.0),)), header(chance))


@contextmanager
def _images(codecs: tuple[str, ...]) -> Iterator[Take]:
    decoder = ImageDecoder(0, MOST_PIXELS, codecs)

    def take(message: Image | CompressedImage) -> str:
        stamp_to_ns(message.header.stamp)
        _check_picture(decoder(message), message)
        return '' if len(decoder.encoding) < 200 else 'an encoding that fills diagnostics'

    yield take


@contextmanager
def _viewer() -> Iterator[Take]:
    def take(message: CompressedImage) -> str:
        _check_picture(read_picture(message), message)
        return ''

    yield take


def _check_picture(rgb: np.ndarray, message: Any) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise FoundError(f'a picture of shape {rgb.shape} and type {rgb.dtype}')
    if hasattr(message, 'width') and rgb.shape[:2] != (message.height, message.width):
        raise FoundError(f'a picture of {rgb.shape[:2]} out of a message of {message.height, message.width}')


@contextmanager
def _cameras() -> Iterator[Take]:
    reasons: list[str] = []
    cameras = [LatestCamera(rectified, reasons.append) for rectified in (False, True)]

    def take(info: CameraInfo) -> str:
        reasons.clear()
        for camera in cameras:
            camera.update(copy.copy(info))
            fitted = camera.fit(*_SIZE)
            if fitted is not None:
                ray_grid(fitted)
        return reasons[0] if reasons else ''

    yield take


@contextmanager
def _guidance(take_with: Callable[[Guide, Any], str]) -> Iterator[Take]:
    """Give messages to a guide, and see that it goes on to work."""
    guide = Guide(GuidanceSettings(ecm=Ecm()))
    guide.enable(True)

    def take(message: Any) -> str:
        reason = take_with(guide, message)
        command = guide.step(NOW)
        if not np.isfinite(command.twist).all():
            raise FoundError(f'a command that is not finite: {command}')
        return reason

    yield take


def _take_joints(guide: Guide, message: JointState) -> str:
    check_age(message.header, NOW, 1.0)
    assert guide.arm is not None
    guide.arm.take_joints(read_joints(message), NOW)
    return ''


def _take_switch(guide: Guide, message: Joy) -> str:
    check_age(message.header, NOW, 1.0)
    guide.inputs.dead_man.take(message.buttons[:1].tolist() == [1], NOW, b'one')
    return ''


def _take_depth(guide: Guide, message: Image) -> str:
    stamp = stamp_to_ns(message.header.stamp) / SECOND
    guide.inputs.take_depth(decode_depth(message), stamp, NOW)
    return ''


def _take_scale(guide: Guide, message: msg.DepthScale) -> str:
    guide.inputs.take_scale(read_scale(message), stamp_to_ns(message.header.stamp) / SECOND, NOW)
    return ''


def _take_target(guide: Guide, target: GuidanceTarget | None) -> str:
    if target is None:
        return 'no target'
    guide.inputs.take_target(target.point, target.stamp / SECOND, target.confidence, NOW)
    return ''


def _take_gaze(guide: Guide, message: PointStamped) -> str:
    return _take_target(guide, TargetReader('gaze', False).take_gaze(message))


def _take_scanpath(guide: Guide, message: msg.Scanpath) -> str:
    return _take_target(guide, TargetReader('scanpath', False).take_scanpath(message))


MESSAGES = (
    Target('Image', good_image, spoil, lambda: _images(('jpeg', 'png')), 3.0),
    Target('CompressedImage', good_compressed, spoiled_compressed, lambda: _images(('jpeg', 'png')), 3.0),
    Target('CompressedImage, every codec', good_compressed, spoiled_compressed, lambda: _images(CODECS), 1.0),
    Target('CompressedImage, viewer', good_compressed, spoiled_compressed, _viewer, 1.0),
    Target('CameraInfo', good_camera_info, spoil, _cameras),
    Target('depth', good_depth, spoil, lambda: _guidance(_take_depth), 2.0),
    Target('DepthScale', good_scale, spoil, lambda: _guidance(_take_scale)),
    Target('PointStamped', good_gaze, spoil, lambda: _guidance(_take_gaze)),
    Target('Scanpath', good_scanpath, spoil, lambda: _guidance(_take_scanpath)),
    Target('JointState', good_joints, spoil, lambda: _guidance(_take_joints)),
    Target('Joy', good_switch, spoil, lambda: _guidance(_take_switch)),
)
