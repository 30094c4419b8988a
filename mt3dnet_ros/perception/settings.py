"""What may change from one frame to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.perception.scale.shaft.mounted import parse_mounted

SECOND_EYE_USES = ('off', 'sparse', 'dense')

_LEAST_SCALE = 0.05  # and its inverse the largest


@dataclass(frozen=True)
class Settings:
    """What may change from one frame to the next.

    :param score_threshold: least score of a detection, 0 to 1
    :param type_threshold: least probability of its type by which an instrument is called; below it is ``other``, 0 to
        1. Of an instrument with a track, it is the probability by all of its frames
    :param view_threshold: least probability of a view that the network knows, 0 to 1; below it there is nothing here
    :param stride: the cloud has a point for every ``stride``-th pixel of every ``stride``-th row
    :param max_depth: metres beyond which depth is unknown
    :param overlay_opacity: of the masks in the overlay, 0 to 1
    :param overlay_saliency: draw saliency and scanpath in the overlay
    :param saliency_reset_gap: seconds without a frame after which the frames before are forgotten
    :param frozen_timeout: seconds for which the same picture may be repeated, in every sample, until it is no live one
        and there is no gaze and no scanpath; 0 does not look
    :param gaze_time_constant: seconds over which the gaze is smoothed; 0 does not smooth
    :param mask_time_constant: seconds over which masks are smoothed where the picture rests; 0 does not smooth
    :param track_memory: seconds for which an instrument that is out of view keeps its id; 0 follows none
    :param shaft_scale: measure the scale of the depth by the shafts of instruments whose diameter is known
    :param shaft_diameters: of what is mounted, millimetres by class, such as ``large needle driver=8.4+-0.1``, or
        ``all=8.5``; they go before those of the label file
    :param fixed_scale: factor on the network's depth that was measured for this camera and network; 0 for none
    :param fixed_scale_deviation: standard deviation of its logarithm: 0.02 is 2 %
    :param second_eye: what a second eye is used for, of ``SECOND_EYE_USES``: nothing, the scale of depth alone, or its
        shape as well
    :param second_eye_period: seconds between two uses of it; 0 uses it for every frame
    :param eye_tolerance: seconds that the images of both eyes may be apart
    :raises ValueError: when a value is out of its range
    """

    score_threshold: float = 0.5
    type_threshold: float = 0.6
    view_threshold: float = 0.5
    stride: int = 2
    max_depth: float = 0.5
    overlay_opacity: float = 0.5
    overlay_saliency: bool = False
    saliency_reset_gap: float = 1.0
    frozen_timeout: float = 0.2
    gaze_time_constant: float = 0.3
    mask_time_constant: float = 0.0
    track_memory: float = 5.0
    shaft_scale: bool = True
    shaft_diameters: tuple[str, ...] = ()
    fixed_scale: float = 0.0
    fixed_scale_deviation: float = 0.02
    second_eye: str = 'sparse'
    second_eye_period: float = 0.0
    eye_tolerance: float = 0.02

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        for name in ('score_threshold', 'type_threshold', 'view_threshold', 'overlay_opacity'):
            if not 0.0 <= (value := getattr(self, name)) <= 1.0:
                raise InputError(f'{name} {value} must lie between 0 and 1')
        if self.stride < 1:
            raise InputError(f'stride {self.stride} must be at least 1')
        if not self.max_depth > 0.0:
            raise InputError(f'max_depth {self.max_depth} m must be positive')
        if not self.saliency_reset_gap > 0.0:
            raise InputError(f'saliency_reset_gap {self.saliency_reset_gap} s must be positive')
        if self.fixed_scale and not _LEAST_SCALE <= self.fixed_scale <= 1.0 / _LEAST_SCALE:
            raise InputError(
                f'fixed_scale {self.fixed_scale} must lie between {_LEAST_SCALE:g} and {1.0 / _LEAST_SCALE:g}, or be 0 '
                'for none: metres per metre of the network'
            )
        if not 0.0 < (value := self.fixed_scale_deviation) <= 1.0:
            raise InputError(f'fixed_scale_deviation {value} must be above 0 and at most 1: 0.02 is 2 %')
        if self.second_eye not in SECOND_EYE_USES:
            raise InputError(f'second_eye {self.second_eye!r} must be one of {", ".join(SECOND_EYE_USES)}')
        for name in (
            'frozen_timeout',
            'gaze_time_constant',
            'mask_time_constant',
            'track_memory',
            'second_eye_period',
            'eye_tolerance',
        ):
            if not 0.0 <= (value := getattr(self, name)) < math.inf:
                raise InputError(f'{name} {value} s must be finite and not negative')
        parse_mounted(self.shaft_diameters)
