"""What is known beside a labelled frame: the second eye's view, shafts' diameters, and tips as a robot tells them."""

from __future__ import annotations

import zlib

import numpy as np

from mt3dnet_ros.datasets.depth.sources import has_stereo
from mt3dnet_ros.datasets.frames import IGNORED, FrameSet
from mt3dnet_ros.evaluation.order import EvaluationStep
from mt3dnet_ros.perception.scale.evidence import Evidence, KnownTip, RightEye
from mt3dnet_ros.perception.scale.shaft.diameter import Diameter

TIP_ERROR = 1e-3  # metres, root of the mean square in space
CALLIPER_ERROR = 1e-4  # metres
_LEAST_OVERLAP = 0.5  # of the pixels of a predicted instrument, with the true one that it is taken for


class FrameEvidence:
    """Reads the evidence of the frames of a data set.

    True tips are moved by an error like that of a hand-eye calibration: the same all through a sequence, drawn for each
    tool and each still.

    :param frames: of a data set; one without a second eye, or without true tips, gives none of these
    """

    def __init__(self, frames: FrameSet) -> None:
        self._frames = frames
        self.has_eye = has_stereo(frames)
        self.has_tips = hasattr(frames, 'tips')

    def __call__(self, step: EvaluationStep, true: np.ndarray | None, predicted: np.ndarray) -> Evidence:
        """Return what is known beside a frame.

        :param true: (H, W) uint8 instance ids of the data set; None where it has none
        :param predicted: (H, W) uint8 instance ids of the network, for which the diameters are told
        """
        return Evidence(self._right(step), self._tips(step), self._diameters(step, true, predicted))

    def _right(self, step: EvaluationStep) -> RightEye | None:
        frames = self._frames
        if not has_stereo(frames):
            return None
        return RightEye(frames.right_image(step.frame), step.stamp, frames.stereo_camera(step.frame))

    def _tips(self, step: EvaluationStep) -> tuple[KnownTip, ...]:
        true = getattr(self._frames, 'tips', None)
        tips = true(step.frame).items() if true else ()
        place = step.sequence or self._frames.names[step.frame]
        return tuple(_known(place, number, np.array(point), step.stamp) for number, point in tips)

    def _diameters(self, step: EvaluationStep, true: np.ndarray | None, predicted: np.ndarray) -> dict[int, Diameter]:
        known = getattr(self._frames, 'shaft_diameters', None)
        if known is None or true is None:
            return {}
        diameters = dict(enumerate(known(step.frame), start=1))
        return {
            instance: Diameter(diameters[number], CALLIPER_ERROR)
            for instance, number in match_instances(predicted, true).items()
            if number in diameters
        }


def match_instances(predicted: np.ndarray, true: np.ndarray) -> dict[int, int]:
    """Return the true instance that each predicted one shows; none for those that show two, or something else.

    :param predicted: (H, W) uint8 instance ids, 0 for none (and ``true``)
    """
    matches = {}
    for instance in range(1, int(predicted.max(initial=0)) + 1):
        counts = np.bincount(true[predicted == instance], minlength=256)
        counts[IGNORED] = 0
        best = int(counts[1:].argmax()) + 1
        if counts[best] > _LEAST_OVERLAP * counts.sum():
            matches[instance] = best
    return matches


def _known(place: str, number: int, point: np.ndarray, stamp: int) -> KnownTip:
    rng = np.random.default_rng(zlib.crc32(f'{place} {number}'.encode()))
    deviation = TIP_ERROR / np.sqrt(3.0)
    x, y, z = (point + deviation * rng.standard_normal(3)).tolist()
    return KnownTip(f'PSM{number}', (x, y, z), float(deviation), stamp)
