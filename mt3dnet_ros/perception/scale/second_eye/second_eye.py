"""What a second eye tells of the network's depth."""

from __future__ import annotations

from typing import NamedTuple

from mt3dnet_ros.geometry.displacement import displacement
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.perception.scale.evidence import RightEye
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.second_eye.consensus import LogRatios, consensus
from mt3dnet_ros.perception.scale.second_eye.faults import fault_of_matches, fault_of_views
from mt3dnet_ros.perception.scale.second_eye.instruments import scales_of_instruments
from mt3dnet_ros.perception.scale.second_eye.matches import match
from mt3dnet_ros.perception.scale.second_eye.rectification import StereoError
from mt3dnet_ros.perception.scale.second_eye.shape import correct_shape
from mt3dnet_ros.perception.scale.second_eye.views import see
from mt3dnet_ros.perception.scale.view import ScaleView

_SOURCE = 'second_eye'
_LEAST_NOISE = 0.002  # of the logarithm, of many matches
_SAME_CAMERA = 1.0  # pixels; two calibrations of one camera differ by less


class _Effort(NamedTuple):
    """How closely both eyes' views are compared.

    :param columns: of the views
    :param finest: as ``match`` takes it
    """

    columns: int
    finest: int


_EFFORTS = {'sparse': _Effort(320, 2), 'dense': _Effort(640, 1)}


class SecondEye:
    """Compares the network's depth with that of points that both eyes see."""

    def __init__(self) -> None:
        self._used = 0

    def observe(self, view: ScaleView) -> list[ScaleObservation | Rejection]:
        """Return one observation, or the reason why there is none; nothing between two uses, or without a second eye.

        The settings say how often it is used, how far apart in time the two images may be, and whether the shape of the
        depth is corrected as well.
        """
        right = view.evidence.right
        if right is None or view.settings.second_eye == 'off' or not self._is_due(view):
            return []
        self._used = view.frame.stamp
        try:
            return [_observation(view, right)]
        except StereoError as error:
            return [Rejection(_SOURCE, str(error))]

    def forget(self) -> None:
        """Forget when it was used last."""
        self._used = 0

    def _is_due(self, view: ScaleView) -> bool:
        stamp = view.frame.stamp
        return not self._used or not stamp or 1e-9 * (stamp - self._used) >= view.settings.second_eye_period


def _observation(view: ScaleView, right: RightEye) -> ScaleObservation:
    effort = _EFFORTS[view.settings.second_eye]
    views = see(view.frame.rgb, right.rgb, _usable_pair(view, right), effort.columns)
    _refuse(fault_of_views(views))
    matches = match(views, view.cell_rays, effort.finest)
    ratios = LogRatios(matches.depth, view.cell_depth)
    _refuse(fault_of_matches(matches, ratios, views))
    log_factor, deviation, sampling = consensus(ratios)
    dense = view.settings.second_eye == 'dense'
    shape = correct_shape(ratios.values - log_factor, view.cell_instances) if dense else None
    return ScaleObservation(
        _SOURCE,
        log_factor,
        deviation,
        frame_noise=max(sampling, _LEAST_NOISE),
        instruments=scales_of_instruments(ratios, view.cell_instances),
        shape=shape,
    )


def _refuse(reason: str) -> None:
    if reason:
        raise StereoError(reason)


def _usable_pair(view: ScaleView, right: RightEye) -> StereoCamera:
    """Return both cameras, where the right eye's image is of the frame's time and the calibration of its camera."""
    if right.pair is None:
        raise StereoError('the second eye has no calibration; give the CameraInfo, or the file, of both cameras')
    apart = 1e-9 * abs(right.stamp - view.frame.stamp)
    if right.stamp and view.frame.stamp and apart > view.settings.eye_tolerance:
        raise StereoError(
            f'the images of both eyes are {1e3 * apart:.0f} ms apart, more than '
            f'{1e3 * view.settings.eye_tolerance:.0f} ms (eye_tolerance)'
        )
    if displacement(right.pair.left, view.camera) > _SAME_CAMERA:
        raise StereoError("the calibration of the pair is not that of the frame's camera")
    return right.pair
