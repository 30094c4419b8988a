"""CameraInfo to Camera: region of interest, binning, other sizes, and calibrations that cannot be used."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from sensor_msgs.msg import CameraInfo, RegionOfInterest
from std_msgs.msg import Header

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError, camera_from_info, info_from_camera, read_calibration

PLUMB_BOB = (-0.3, 0.1, 0.001, -0.002, 0.0)
CAMERA = Camera(1300, 1024, 1100.0, 1105.0, 660.5, 500.25, 'plumb_bob', PLUMB_BOB)


def make_info(**changes: object) -> CameraInfo:
    info = info_from_camera(CAMERA, Header())
    info.p = [1000.0, 0.0, 640.0, -5.0, 0.0, 1000.0, 512.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    for name, value in changes.items():
        setattr(info, name, value)
    return info


def k(fx: float = 1100.0, fy: float = 1105.0, cx: float = 660.5, cy: float = 500.25, skew: float = 0.0) -> list[float]:
    return [fx, skew, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]


def dummy(width: int = 1920, height: int = 1080) -> CameraInfo:
    """Return the placeholder that dvrk_display publishes."""
    matrix = k(float(width), float(width), width / 2, height / 2)
    return make_info(width=width, height=height, k=matrix, p=[0.0] * 12, d=[0.0] * 5)


def dummy_with_centre() -> CameraInfo:
    """Return such a placeholder whose P has a centre, but no focal length."""
    info = dummy()
    info.p[2], info.p[6], info.p[10] = 960.0, 540.0, 1.0
    return info


def test_a_raw_image_uses_k_and_distortion() -> None:
    assert camera_from_info(make_info(), 1300, 1024) == CAMERA


def test_a_rectified_image_uses_p_without_distortion() -> None:
    assert camera_from_info(make_info(), 1300, 1024, rectified=True) == Camera(1300, 1024, 1000.0, 1000.0, 640.0, 512.0)


@pytest.mark.parametrize('model', ['plumb_bob', 'rational_polynomial', 'equidistant', 'none'])
def test_a_camera_survives_the_round_trip(model: str) -> None:
    sizes = {'plumb_bob': 5, 'rational_polynomial': 8, 'equidistant': 4, 'none': 0}
    camera = replace(CAMERA, distortion_model=model, distortion=tuple(0.01 * (i + 1) for i in range(sizes[model])))
    assert camera_from_info(info_from_camera(camera, Header()), 1300, 1024) == camera


@pytest.mark.parametrize(
    'changes',
    [
        {'d': []},
        {'d': [0.0] * 5},
        {'d': [0.0] * 5, 'distortion_model': ''},
        {'d': [], 'distortion_model': ''},
        {'d': [0.0] * 5, 'distortion_model': 'none'},
        {'d': [], 'distortion_model': 'pinhole'},
        {'d': [0.0] * 14, 'distortion_model': 'rational_polynomial'},
    ],
)
def test_no_or_zero_coefficients_are_no_distortion(changes: dict[str, object]) -> None:
    camera = camera_from_info(make_info(**changes), 1300, 1024)
    assert (camera.distortion_model, camera.distortion) == ('none', ())


@pytest.mark.parametrize('d', [[], [0.0] * 4, [0.0] * 5])
def test_a_fisheye_without_coefficients_is_no_pinhole(d: list[float]) -> None:
    camera = camera_from_info(make_info(d=d, distortion_model='equidistant'), 1300, 1024)
    assert (camera.distortion_model, camera.distortion) == ('equidistant', (0.0,) * 4)


def test_a_driver_may_pad_the_coefficients_with_zeros() -> None:
    assert camera_from_info(make_info(d=[*PLUMB_BOB, 0.0, 0.0, 0.0]), 1300, 1024) == CAMERA


def test_a_region_of_interest_moves_the_principal_point() -> None:
    roi = RegionOfInterest(x_offset=100, y_offset=40, width=640, height=480)
    camera = camera_from_info(make_info(roi=roi), 640, 480)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (1100.0, 1105.0, 560.5, 460.25)


@pytest.mark.parametrize('roi', [RegionOfInterest(), RegionOfInterest(width=1300, height=1024)])
def test_an_empty_and_a_full_region_are_the_whole_sensor(roi: RegionOfInterest) -> None:
    assert camera_from_info(make_info(roi=roi), 1300, 1024) == CAMERA


@pytest.mark.parametrize('binning', [(0, 0), (1, 1), (2, 2), (2, 1), (4, 4)])
def test_binning_divides_and_zero_means_one(binning: tuple[int, int]) -> None:
    bx, by = max(binning[0], 1), max(binning[1], 1)
    camera = camera_from_info(make_info(binning_x=binning[0], binning_y=binning[1]), 1300 // bx, 1024 // by)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (1100.0 / bx, 1105.0 / by, 660.5 / bx, 500.25 / by)
    assert camera.distortion == PLUMB_BOB


def test_binning_applies_to_the_region_of_interest() -> None:
    roi = RegionOfInterest(x_offset=100, y_offset=40, width=640, height=480)
    camera = camera_from_info(make_info(roi=roi, binning_x=2, binning_y=2), 320, 240)
    assert (camera.width, camera.height, camera.fx, camera.cx) == (320, 240, 550.0, 560.5 / 2)


@pytest.mark.parametrize('size', [(650, 512), (325, 256), (2600, 2048), (1299, 1023), (433, 341)])
def test_an_image_of_another_size_but_the_same_aspect_is_a_resized_one(size: tuple[int, int]) -> None:
    assert camera_from_info(make_info(), *size) == CAMERA.resized(*size)


@pytest.mark.parametrize('size', [(1024, 1300), (1300, 1000), (1280, 960), (640, 360)])
def test_an_image_of_another_aspect_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(CameraInfoError, match=f'1300 x 1024.*{size[0]} x {size[1]}'):
        camera_from_info(make_info(), *size)


@pytest.mark.parametrize(
    ('info', 'message'),
    [
        (CameraInfo(), 'not calibrated'),
        (make_info(k=[0.0] * 9), 'not calibrated'),
        (dummy(), 'placeholder'),
        (dummy(1280, 1024), 'placeholder'),
        (dummy_with_centre(), 'placeholder'),
        (make_info(width=0), '0x1024'),
        (make_info(k=k(fx=-1100.0)), 'fx = -1100'),
        (make_info(k=k(fy=0.0)), 'fy = 0'),
        (make_info(k=k(cx=math.nan)), 'finite'),
        (make_info(k=k(fx=math.nan)), 'fx = nan'),
        (make_info(k=k(fy=math.inf)), 'fy = inf'),
        (make_info(k=k(skew=3.0)), 'skew of 3'),
        (make_info(k=k(skew=math.nan)), 'skew of nan'),
        (make_info(d=[0.1, 0.2, 0.3]), '4 or 5 coefficients, not 3'),
        (make_info(d=[0.1] * 5, distortion_model='equidistant'), '4 coefficients, not 5'),
        (make_info(d=[0.1] * 5, distortion_model='none'), 'none takes 0 coefficients, not 5; name the model'),
        (make_info(d=[0.1] * 15, distortion_model='rational_polynomial'), '8 or 12 or 14 coefficients, not 15'),
        (make_info(d=[0.1] * 8), '4 or 5 coefficients, not 8; name the model rational_polynomial'),
        (make_info(d=[0.1, math.nan, 0.0, 0.0, 0.0]), 'must be finite'),
        (make_info(distortion_model='division'), "'division' is not supported"),
        (make_info(roi=RegionOfInterest(x_offset=1000, width=640, height=480)), '640x480 pixels at .1000'),
        (make_info(binning_x=2000), '0x1024'),
    ],
)
def test_a_calibration_that_cannot_be_used_is_refused_with_the_reason(info: CameraInfo, message: str) -> None:
    with pytest.raises(CameraInfoError, match=message):
        camera_from_info(info, info.width or 640, info.height or 480)


def test_zero_p_is_refused_for_rectified_images_alone() -> None:
    info = make_info(p=[0.0] * 12)
    assert camera_from_info(info, 1300, 1024) == CAMERA
    with pytest.raises(CameraInfoError, match='P of the calibration is zero'):
        camera_from_info(info, 1300, 1024, rectified=True)


@pytest.mark.parametrize(
    ('at', 'value', 'message'), [(0, math.nan, 'fx = nan'), (6, math.inf, 'cy = inf'), (1, math.nan, 'skew of nan')]
)
def test_a_p_that_is_not_finite_is_refused_for_rectified_images_alone(at: int, value: float, message: str) -> None:
    info = make_info()
    info.p[at] = value
    assert camera_from_info(info, 1300, 1024) == CAMERA
    with pytest.raises(CameraInfoError, match=message):
        camera_from_info(info, 1300, 1024, rectified=True)


def test_the_example_of_gscam_is_no_calibration_of_an_image_of_its_aspect() -> None:
    example = [467.1411, 0.0, 158.56653, 0.0, 465.42608, 131.37432, 0.0, 0.0, 1.0]
    info = make_info(width=320, height=240, k=example, d=[-0.16999, 0.31931, 0.00929, 0.0004, 0.0])
    with pytest.raises(CameraInfoError, match=r'placeholder \(gscam'):
        camera_from_info(info, 640, 480)


CALIBRATION = """
image_width: 1300
image_height: 1024
camera_name: endoscope
camera_matrix: {rows: 3, cols: 3, data: [1100.0, 0, 660.5, 0, 1105.0, 500.25, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [-0.3, 0.1, 0.001, -0.002, 0.0]}
rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}
projection_matrix: {rows: 3, cols: 4, data: [1000, 0, 640, 0, 0, 1000, 512, 0, 0, 0, 1, 0]}
"""


def test_a_calibration_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / 'left.yaml'
    path.write_text(CALIBRATION)
    info = read_calibration(path)
    assert camera_from_info(info, 1300, 1024) == CAMERA
    assert info.p[0] == 1000.0


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('', 'the file is empty'),
        ('[1, 2]', 'no names with values'),
        ('{a: ', 'line 1: '),
        (CALIBRATION.replace('camera_matrix', 'matrix'), 'camera_matrix'),
        (CALIBRATION.replace('1100.0, 0,', '1100.0,'), 'camera_matrix has 8 numbers'),
        (CALIBRATION.replace('1300', 'wide'), "line 2: image_width 'wide' is not a whole number"),
        (CALIBRATION.replace('1300', '-1300'), "line 2: image_width '-1300' is not a whole number"),
        (CALIBRATION.replace('1100.0', '-1100.0'), 'must be positive'),
        (CALIBRATION.replace('plumb_bob', 'fancy'), "'fancy' is not supported"),
    ],
)
def test_a_wrong_calibration_file_is_refused_by_name(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / 'wrong.yaml'
    path.write_text(content)
    with pytest.raises(CameraInfoError, match=message) as error:
        read_calibration(path)
    assert str(path) in str(error.value)


def test_a_missing_calibration_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CameraInfoError, match=r'absent\.yaml.*cannot be read'):
        read_calibration(tmp_path / 'absent.yaml')
