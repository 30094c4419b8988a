"""What does not go together is refused with the reason, before anything is fused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from support.bumpy_tissue import CAMERA, shot
from support.perceived_tissue import SECOND, instrument, perceive

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.parameters.reconstruction import ReconstructionParameters
from mt3dnet_ros.ros.reconstruction.inputs import ImageMessages
from mt3dnet_ros.ros.reconstruction.views import StampedView, ViewReader

SHAPE = CAMERA.height, CAMERA.width
SEEN = perceive(np.eye(4), SECOND)


def read(messages: ImageMessages = SEEN) -> StampedView:
    return ViewReader(ReconstructionParameters(), lambda _: None)(messages)


def image(array: np.ndarray, encoding: str) -> Image:
    return fill_image(array, encoding, Header(frame_id='/scope'))


def test_the_instrument_is_cut_out_with_a_margin() -> None:
    seen = read()
    cut_out = ~seen.view.known
    assert cut_out[instrument(SHAPE) > 0].all() and cut_out[48, 75] and not cut_out[40, 75]
    assert (seen.frame_id, seen.stamp, seen.has_scale) == ('scope', SECOND, True)
    assert [tip.track_id for tip in seen.tips or ()] == [7]
    assert read(replace(SEEN, detections=None)).tips is None


def test_depth_may_be_in_millimetres_and_an_image_hold_both_eyes() -> None:
    view = shot(np.eye(4))
    millimetres = image(np.round(1000 * view.depth).astype(np.uint16), '16UC1')
    both = image(np.hstack([view.rgb, 255 - view.rgb]), 'rgb8')
    seen = read(replace(SEEN, depth=millimetres, image=both, scale=None)).view
    np.testing.assert_allclose(seen.depth[seen.known], view.depth[seen.known], atol=6e-4)
    np.testing.assert_allclose(seen.rgb, view.rgb, atol=2)


@pytest.mark.parametrize(
    ('changes', 'reason'),
    [
        (lambda: {'depth': image(np.full(SHAPE, 90.0, np.float32), '32FC1')}, '90 m in the median.*is it in metres'),
        (lambda: {'depth': image(np.zeros((*SHAPE, 3), np.uint8), 'rgb8')}, 'neither 32FC1 .* nor 16UC1'),
        (lambda: {'labels': image(np.zeros(SHAPE, np.float32), '32FC1')}, 'are no mono8'),
        (lambda: {'labels': image(np.zeros((4, 5), np.uint8), 'mono8')}, 'labels of 5 x 4 pixels, depth of 160 x 128'),
        (
            lambda: {'image': image(np.zeros((4, 5, 3), np.uint8), 'rgb8')},
            'image has 5 x 4 pixels, its depth 160 x 128',
        ),
        (lambda: {'camera_info': CameraInfo()}, 'CameraInfo'),
        (lambda: {'image': Image(encoding='rgb8', width=9, height=9)}, 'needs a step'),
    ],
)
def test_what_cannot_be_used_is_refused(changes: Callable[[], dict[str, Any]], reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as error:
        read(replace(SEEN, **changes()))
    assert isinstance(error.value, InputError) or 'step' in reason
