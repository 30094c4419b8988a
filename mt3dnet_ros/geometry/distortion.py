"""Lens distortion in normalised image coordinates (x / z, y / z), and its inverse.

The models and the order of their coefficients are OpenCV's:
plumb_bob (Brown-Conrady) k1 k2 p1 p2 [k3]; rational_polynomial k1 k2 p1 p2 k3 k4 k5 k6 [s1 s2 s3 s4 [tx ty]] with the
thin prism and the tilted sensor; equidistant (Kannala and Brandt, 2006) k1 k2 k3 k4.

A distortion is used only where it is one-to-one: polynomials fold back at some radius, and an image point has a second,
meaningless origin beyond it. Points beyond the fold become NaN.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.polynomial import Polynomial

from mt3dnet_ros.geometry.camera import Camera

_ITERATIONS = 20
_TOLERANCE = 1e-9  # of a focal length; less than a ten-thousandth of a pixel
_NOTHING = 1e-100  # of a polynomial's last coefficient, by which the others would be divided
_BLOCK = 8192  # points worked on at a time, so that the intermediate results stay in the cache


def distort(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Return where a lens images ideal points.

    :param points: (..., 2) normalised coordinates
    :returns: (..., 2) float64; NaN beyond the radius up to which the model is one-to-one
    """
    points = np.asarray(points, np.float64)
    return np.stack(distort_coordinates(camera, points[..., 0], points[..., 1]), axis=-1)


def distort_coordinates(camera: Camera, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``distort`` does of coordinates that lie apart, float64 and of one shape: NumPy is then faster."""
    if camera.distortion_model == 'none':
        return x, y
    return _lens(camera.distortion_model, camera.distortion).distort(x, y)


def undistort(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Return the ideal points that a lens images at the given ones: the inverse of ``distort``.

    :param points: (..., 2) normalised coordinates
    :returns: (..., 2) float64; NaN where the lens images nothing
    """
    points = np.asarray(points, np.float64)
    if camera.distortion_model == 'none':
        return points.copy()
    lens = _lens(camera.distortion_model, camera.distortion)
    flat = points.reshape(-1, 2)
    ideal = np.empty_like(flat)
    for start in range(0, len(flat), _BLOCK):
        block = slice(start, start + _BLOCK)
        ideal[block, 0], ideal[block, 1] = lens.undistort(flat[block, 0].copy(), flat[block, 1].copy())
    return ideal.reshape(points.shape)


@lru_cache(maxsize=16)
def _lens(model: str, coefficients: tuple[float, ...]) -> _Fisheye | _Polynomial:
    """Return the lens of a distortion; finding where it folds takes longer than to distort a thousand points."""
    return _Fisheye(coefficients) if model == 'equidistant' else _Polynomial(coefficients)


class _Polynomial:
    """Brown-Conrady and its rational extension."""

    def __init__(self, given: tuple[float, ...]) -> None:
        coefficients = np.zeros(14)
        coefficients[: len(given)] = given
        k1, k2, self.p1, self.p2, k3, k4, k5, k6, self.s1, self.s2, self.s3, self.s4, *tilt = coefficients.tolist()
        self.numerator, self.denominator = Polynomial([1.0, k1, k2, k3]), Polynomial([1.0, k4, k5, k6])
        self.slopes = self.numerator.deriv(), self.denominator.deriv()
        self.rational = bool(np.any(self.denominator.coef[1:]))
        self.tangential = any((self.p1, self.p2))
        self.prism = any((self.s1, self.s2, self.s3, self.s4))
        self.tilt = _tilt(*tilt) if any(tilt) else None
        self.untilt = None if self.tilt is None else np.linalg.inv(self.tilt)
        self.limit = self._fold()

    def _fold(self) -> float:
        """Return the squared radius at which the radial part stops rising."""
        n, d = self.numerator, self.denominator
        squared_radius = Polynomial([0.0, 1.0])
        rise = n * d + 2.0 * squared_radius * (self.slopes[0] * d - n * self.slopes[1])  # numerator of d(r n / d) / dr
        return min(_first_root(rise), _first_root(d))

    def distort(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        squared = x * x + y * y
        radial = _horner(self.numerator, squared)
        if self.rational:
            radial /= _horner(self.denominator, squared)
        u, v = self._bend(x, y, squared, radial)
        folded = squared >= self.limit
        if folded.any():
            u, v = np.where(folded, np.nan, u), np.where(folded, np.nan, v)
        return _apply_tilt(self.tilt, u, v)

    def undistort(self, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Solve by Newton's method with the exact Jacobian."""
        u, v = _apply_tilt(self.untilt, u, v)
        x, y = u.copy(), v.copy()
        with np.errstate(all='ignore'):  # points without an origin diverge; they are marked at the end
            for _ in range(_ITERATIONS):
                squared = x * x + y * y
                radial, slope = self._radial(squared)
                du, dv = self._bend(x, y, squared, radial)
                du -= u
                dv -= v
                lost = ~(np.maximum(np.abs(du), np.abs(dv)) < _TOLERANCE)
                if not lost.any():
                    break
                self._step(x, y, du, dv, squared, radial, slope)
            lost |= ~(squared < self.limit)
        x[lost], y[lost] = np.nan, np.nan
        return x, y

    def _radial(self, squared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the radial factor and its derivative by the squared radius."""
        n, dn = _horner(self.numerator, squared), _horner(self.slopes[0], squared)
        if not self.rational:
            return n, dn
        d, dd = _horner(self.denominator, squared), _horner(self.slopes[1], squared)
        radial = n / d
        return radial, (dn - radial * dd) / d

    def _bend(
        self, x: np.ndarray, y: np.ndarray, squared: np.ndarray, radial: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        u, v = x * radial, y * radial
        if self.tangential:
            twice = 2.0 * x * y
            u += self.p1 * twice + self.p2 * (squared + 2.0 * x * x)
            v += self.p2 * twice + self.p1 * (squared + 2.0 * y * y)
        if self.prism:
            u += squared * (self.s1 + self.s2 * squared)
            v += squared * (self.s3 + self.s4 * squared)
        return u, v

    def _step(
        self,
        x: np.ndarray,
        y: np.ndarray,
        du: np.ndarray,
        dv: np.ndarray,
        squared: np.ndarray,
        radial: np.ndarray,
        slope: np.ndarray,
    ) -> None:
        """Move x and y by one Newton step towards the origin of the residual (du, dv)."""
        cross = 2.0 * x * y * slope + 2.0 * self.p1 * x + 2.0 * self.p2 * y
        prism_u, prism_v = self.s1 + 2.0 * self.s2 * squared, self.s3 + 2.0 * self.s4 * squared
        a = radial + 2.0 * x * x * slope + 2.0 * self.p1 * y + 6.0 * self.p2 * x + 2.0 * x * prism_u
        b = cross + 2.0 * y * prism_u
        c = cross + 2.0 * x * prism_v
        d = radial + 2.0 * y * y * slope + 6.0 * self.p1 * y + 2.0 * self.p2 * x + 2.0 * y * prism_v
        determinant = a * d - b * c
        x -= (d * du - b * dv) / determinant
        y -= (a * dv - c * du) / determinant


class _Fisheye:
    """The equidistant model: the image radius is a polynomial of the angle to the optical axis."""

    def __init__(self, coefficients: tuple[float, ...]) -> None:
        self.radius = Polynomial([1.0, *coefficients])  # of the squared angle, divided by the angle
        self.rise = self.radius + 2.0 * Polynomial([0.0, 1.0]) * self.radius.deriv()  # d(image radius) / d(angle)
        self.limit = min(math.sqrt(_first_root(self.rise)), 0.5 * math.pi)

    def distort(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        radius = np.hypot(x, y)
        angle = np.arctan(radius)
        image = np.where(angle < self.limit, angle * _horner(self.radius, angle * angle), np.nan)
        scale = np.where(radius > 1e-12, image / np.maximum(radius, 1e-12), 1.0)
        return x * scale, y * scale

    def undistort(self, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Solve for the angle by Newton's method."""
        image = np.hypot(u, v)
        angle = np.minimum(image, 0.9 * self.limit)
        with np.errstate(all='ignore'):
            for _ in range(_ITERATIONS):
                squared = angle * angle
                residual = angle * _horner(self.radius, squared) - image
                lost = ~(np.abs(residual) < _TOLERANCE)
                if not lost.any():
                    break
                angle -= residual / _horner(self.rise, squared)
        lost |= ~((angle >= 0.0) & (angle < self.limit))
        scale = np.where(image > 1e-12, np.tan(angle) / np.maximum(image, 1e-12), 1.0)
        scale[lost] = np.nan
        return u * scale, v * scale


def _horner(polynomial: Polynomial, x: np.ndarray) -> np.ndarray:
    value = np.full_like(x, polynomial.coef[-1])
    for coefficient in polynomial.coef[-2::-1]:
        value *= x
        value += coefficient
    return value


def _first_root(polynomial: Polynomial) -> float:
    """Return the least positive real root; infinity where there is none."""
    roots = polynomial.trim(_NOTHING).roots()
    real = roots[np.abs(roots.imag) < 1e-9 * np.maximum(1.0, np.abs(roots))].real
    return float(min(real[real > 0.0], default=math.inf))


def _tilt(tx: float, ty: float) -> np.ndarray:
    """Return the homography of a tilted sensor, (3, 3), as OpenCV defines it (after Louhichi et al., 2007)."""
    around_x = np.array([[1, 0, 0], [0, math.cos(tx), math.sin(tx)], [0, -math.sin(tx), math.cos(tx)]])
    around_y = np.array([[math.cos(ty), 0, -math.sin(ty)], [0, 1, 0], [math.sin(ty), 0, math.cos(ty)]])
    turn = around_y @ around_x
    project = np.array([[turn[2, 2], 0, -turn[0, 2]], [0, turn[2, 2], -turn[1, 2]], [0, 0, 1]])
    return project @ turn


def _apply_tilt(tilt: np.ndarray | None, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if tilt is None:
        return x, y
    u, v, w = (row[0] * x + row[1] * y + row[2] for row in tilt)
    return u / w, v / w
