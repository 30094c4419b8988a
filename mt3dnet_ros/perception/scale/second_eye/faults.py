"""What is wrong with a pair of eyes, as far as their pictures show it; every reason is for people, '' where none."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mt3dnet_ros.perception.scale.second_eye.consensus import LogRatios
from mt3dnet_ros.perception.scale.second_eye.matches import EyeMatches
from mt3dnet_ros.perception.scale.second_eye.views import EyeViews

_SAME = 0.3  # of the difference that a shift by one pixel makes
_LEAST_MATCHES = 40
_LEAST_SHARE = 0.1  # of the points that were looked for
_ROWS_OFF = 0.004  # of the picture's width
_ROWS_SPREAD = 0.003  # likewise
_AT_INFINITY = 0.5  # share of the matches
_REVERSED = -0.5  # rank correlation of depth by both eyes with that of the network
_REVERSED_SPREAD = 0.05  # of the logarithm; in a flat view, ranks are chance
_LARGEST_FACTOR = 4.0


def fault_of_views(views: EyeViews) -> str:
    """Return whether both eyes are one camera."""
    left, right = views.raw
    shifted = cv2.absdiff(left[:, 1:], left[:, :-1]).mean()
    if cv2.absdiff(left, right).mean() < _SAME * shifted:
        return 'both eyes show one and the same picture: one camera is given as two'
    return ''


def fault_of_matches(matches: EyeMatches, ratios: LogRatios, views: EyeViews) -> str:
    """Return the first of what may be wrong with matches.

    :param ratios: of those matches where the network knows depth
    """
    return (
        _too_few(matches)
        or _beyond_infinity(matches, views)
        or _unknown(ratios)
        or _reversed(ratios)
        or _off_their_rows(matches, views)
        or _beyond_belief(ratios)
    )


def _too_few(matches: EyeMatches) -> str:
    found, least = int(matches.found.sum()), max(_LEAST_MATCHES, math.ceil(_LEAST_SHARE * matches.tried))
    if found >= least:
        return ''
    return f'too few points match in both eyes: {found} of {matches.tried} that have texture, {least} needed'


def _beyond_infinity(matches: EyeMatches, views: EyeViews) -> str:
    if np.mean(matches.disparity[matches.found] <= views.rectification.offset) < _AT_INFINITY:
        return ''
    return 'most points lie at infinity or beyond for both eyes: the eyes are swapped, or one camera is given as two'


def _unknown(ratios: LogRatios) -> str:
    if len(ratios.found) >= _LEAST_MATCHES:
        return ''
    return f'too few points match where the network knows depth: {len(ratios.found)}, {_LEAST_MATCHES} needed'


def _reversed(ratios: LogRatios) -> str:
    depth = ratios.found + np.log(ratios.network)
    if ratios.spread < _REVERSED_SPREAD or _rank_correlation(depth, ratios.network) > _REVERSED:
        return ''
    return 'what is near for the network is far for both eyes: the eyes are swapped'


def _off_their_rows(matches: EyeMatches, views: EyeViews) -> str:
    height, width = views.left.shape
    offsets = matches.row_offset[matches.found]
    offset = float(np.median(offsets))
    spread = float(np.median(np.abs(offsets - offset)))
    if spread > _ROWS_SPREAD * width:
        return (
            f'matches lie off their rows by {spread:.1f} of {height} rows, here up and there down: the eyes are not '
            'synchronous, or the calibration is not theirs'
        )
    if abs(offset) > _ROWS_OFF * width:
        return (
            f'matches lie {offset:+.1f} of {height} rows off their rows: the calibration is not, or is no longer, that '
            'of these eyes; calibrate them again'
        )
    return ''


def _beyond_belief(ratios: LogRatios) -> str:
    factor = math.exp(float(np.median(ratios.found)))
    if 1.0 / _LARGEST_FACTOR < factor < _LARGEST_FACTOR:
        return ''
    return (
        f'depth by both eyes is {factor:.3g} times that of the network: the calibration is not theirs (its translation '
        'must be in metres), or one camera is given as two'
    )


def _rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Return Spearman's correlation."""
    ranks = np.argsort(np.argsort([a, b], axis=1), axis=1).astype(float)
    first, second = ranks - ranks.mean(axis=1, keepdims=True)
    return float(first @ second / max(first @ first, 1.0))
