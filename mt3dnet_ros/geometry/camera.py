"""The camera model: pinhole with an optional lens distortion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.errors import MT3DNetError

DISTORTION_SIZES = {'none': (0,), 'plumb_bob': (4, 5), 'rational_polynomial': (8, 12, 14), 'equidistant': (4,)}
_LEAST_FOCAL, _MOST_PIXELS = 1e-3, 1e9  # of a focal length; of a focal length or a principal point
_MOST_COEFFICIENT = 1e6  # the fits of narrow lenses reach thousands
_TILT, _MOST_TILT = 12, 1.0  # from which coefficient on they are angles of the sensor; radians
DISTORTION_ALIASES = {
    'plumbbob': 'plumb_bob',
    'radtan': 'plumb_bob',
    'radialtangential': 'plumb_bob',
    'brownconrady': 'plumb_bob',
    'opencv': 'plumb_bob',
    'pinhole': '',
    'perspective': '',
    'rational': 'rational_polynomial',
    'rationalpolynomial': 'rational_polynomial',
    'equidistant': 'equidistant',
    'equi': 'equidistant',
    'fisheye': 'equidistant',
    'opencvfisheye': 'equidistant',
    'kannalabrandt': 'equidistant',
    'kannalabrandt4': 'equidistant',
    'kannalabrandt8': 'equidistant',
    'kb4': 'equidistant',
    'none': 'none',
    '': '',
}
"""ROS's names of distortion models by those that drivers and tools use, of which letters and digits count; '' where the
coefficients have to tell."""


class CameraError(MT3DNetError, ValueError):
    """A camera that cannot be: its message names the value and what is expected."""


def read_distortion(model: str, coefficients: Sequence[float]) -> tuple[str, tuple[float, ...]]:
    """Return a distortion as ``Camera`` takes it, from the ways in which calibrations write it.

    Models go by other names too; without a name, five coefficients are plumb_bob and more are rational_polynomial.
    Zeros at the end are added or left out until the model has one of its sizes. Where all are zero, plumb_bob and
    rational_polynomial are no distortion; equidistant is its own mapping even then.

    :param model: as the calibration names it; may be empty
    :param coefficients: in OpenCV's order
    :returns: a key of ``DISTORTION_SIZES``, and as many coefficients as it has
    :raises CameraError: the model is not known, a coefficient is not finite, or the model has not so many
    """
    given = tuple(map(float, coefficients))
    _check_finite(given)
    used = max((number for number, value in enumerate(given, 1) if value), default=0)
    name = distortion_name(model)
    if name is None:
        raise _unknown_model(model)
    name = name or ('plumb_bob' if used <= 5 else 'rational_polynomial')
    if not used and name != 'equidistant':
        return 'none', ()
    sizes = DISTORTION_SIZES[name]
    least = {'rational_polynomial': 4, 'equidistant': 0}.get(name, sizes[0])  # of which the others can only be zero
    if len(given) in sizes or used > sizes[-1] or len(given) < least:
        return name, given
    fitting = [size for size in sizes if size >= used]
    size = max((size for size in fitting if size <= len(given)), default=fitting[0])
    return name, (*given[:size], *(0.0,) * (size - len(given)))


def distortion_name(model: str) -> str | None:
    """Return ROS's name of a distortion model; empty where the coefficients have to tell, None where it is unknown."""
    return DISTORTION_ALIASES.get(''.join(filter(str.isalnum, model.lower())))


def _unknown_model(model: str) -> CameraError:
    known = ', '.join(DISTORTION_SIZES)
    return CameraError(
        f'distortion model {model!r} is not supported (supported: {known}, and by their other names radtan, fisheye, '
        'kannala_brandt4, pinhole); rectify the image'
    )


def _check_finite(coefficients: tuple[float, ...]) -> None:
    if not all(abs(coefficient) <= _MOST_COEFFICIENT for coefficient in coefficients):
        raise CameraError(
            f'distortion coefficients {list(coefficients)} must be finite, as lenses have them; calibrate the camera'
        )
    if not all(abs(angle) <= _MOST_TILT for angle in coefficients[_TILT:]):
        raise CameraError(f'a sensor tilted by {list(coefficients[_TILT:])} rad sees nothing; calibrate the camera')


@dataclass(frozen=True)
class Camera:
    """A calibrated camera in the geometry of the image it belongs to.

    Pixels have their centre at integer coordinates (OpenCV and ROS convention); the optical frame is that of REP 103:
    x right, y down, z forward. The class is hashable, so that what is derived from it can be cached.

    :param width: image width in pixels
    :param height: image height in pixels
    :param fx: focal length along x in pixels (and ``fy`` along y)
    :param cx: principal point's column in pixels (and ``cy`` its row)
    :param distortion_model: a key of ``DISTORTION_SIZES``
    :param distortion: coefficients in OpenCV's order
    :raises CameraError: when a value is impossible
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion_model: str = 'none'
    distortion: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that no camera has, before they turn into points at the wrong place."""
        if self.width < 1 or self.height < 1:
            raise CameraError(f'image size {self.width}x{self.height} of the camera must be positive')
        for name in ('fx', 'fy'):
            if not _LEAST_FOCAL <= (value := getattr(self, name)) <= _MOST_PIXELS:
                raise CameraError(f'focal length {name} = {value} pixels must be positive; calibrate the camera')
        for name in ('cx', 'cy'):
            if not abs(value := getattr(self, name)) <= _MOST_PIXELS:
                raise CameraError(f'principal point {name} = {value} pixels must be finite; calibrate the camera')
        self._check_distortion()

    def _check_distortion(self) -> None:
        sizes = DISTORTION_SIZES.get(self.distortion_model)
        if sizes is None:
            raise _unknown_model(self.distortion_model)
        if len(self.distortion) not in sizes:
            expected = ' or '.join(map(str, sizes))
            raise CameraError(
                f'distortion model {self.distortion_model} takes {expected} coefficients, not {len(self.distortion)}'
                f'{self._remedy()}'
            )
        _check_finite(self.distortion)

    def _remedy(self) -> str:
        if self.distortion_model == 'plumb_bob' and len(self.distortion) in DISTORTION_SIZES['rational_polynomial']:
            return "; name the model rational_polynomial, if it is OpenCV's"
        if self.distortion_model == 'none':
            return '; name the model, such as plumb_bob'
        return ''

    @classmethod
    def from_field_of_view(cls, width: int, height: int, horizontal: float) -> Camera:
        """Return an ideal camera with square pixels and a horizontal field of view in radians.

        :raises CameraError: when the field of view is not between 0 and pi
        """
        if not 0.0 < horizontal < math.pi:
            raise CameraError(f'horizontal field of view {horizontal} rad must lie between 0 and pi')
        focal = 0.5 * width / math.tan(0.5 * horizontal)
        return cls(width, height, focal, focal, 0.5 * (width - 1), 0.5 * (height - 1))

    @property
    def matrix(self) -> np.ndarray:
        """The intrinsic matrix K, (3, 3) float64."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    def resized(self, width: int, height: int) -> Camera:
        """Return the camera of the same view resampled to another size, as cv2.resize does it."""
        sx, sy = width / self.width, height / self.height
        return replace(
            self,
            width=width,
            height=height,
            fx=self.fx * sx,
            fy=self.fy * sy,
            cx=(self.cx + 0.5) * sx - 0.5,
            cy=(self.cy + 0.5) * sy - 0.5,
        )

    def cropped(self, x: int, y: int, width: int, height: int) -> Camera:
        """Return the camera of a window of the image.

        :param x: first column of the window (and ``y`` its first row)
        :raises CameraError: when the window leaves the image
        """
        if min(x, y) < 0 or x + width > self.width or y + height > self.height:
            raise CameraError(
                f'region of {width}x{height} pixels at ({x}, {y}) is not inside the image of {self.width}x{self.height}'
            )
        return replace(self, width=width, height=height, cx=self.cx - x, cy=self.cy - y)

    def binned(self, x: int, y: int) -> Camera:
        """Return the camera of the image that keeps every ``x``-th column and every ``y``-th row.

        The principal point is divided by the factor, as ROS's image_geometry does: exact where rows and columns are
        skipped, and, where they are averaged, in agreement with every ROS node that reads the same CameraInfo.
        Unlike ``resized``, which keeps the corners of the image in place.

        :raises CameraError: when a factor is not a positive whole number
        """
        if x < 1 or y < 1 or int(x) != x or int(y) != y:
            raise CameraError(f'binning {x}x{y} must be positive whole numbers')
        return replace(
            self,
            width=self.width // x,
            height=self.height // y,
            fx=self.fx / x,
            fy=self.fy / y,
            cx=self.cx / x,
            cy=self.cy / y,
        )
