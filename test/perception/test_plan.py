"""What is wanted decides what is computed."""

from __future__ import annotations

import pytest

from mt3dnet_ros.perception.plan import Plan, plan_stages


@pytest.mark.parametrize(
    ('outputs', 'has_camera', 'draws_attention', 'expected'),
    [
        pytest.param(set(), True, True, Plan(frozenset(), False, False, False), id='nothing'),
        pytest.param({'depth'}, False, True, Plan(frozenset({'depth'}), False, False, False), id='a map'),
        pytest.param({'cloud'}, True, False, Plan(frozenset({'labels', 'depth'}), False, False, True), id='cloud'),
        pytest.param({'cloud'}, False, False, Plan(frozenset(), False, False, False), id='cloud without a camera'),
        pytest.param(
            {'overlay', 'gaze'},
            False,
            False,
            Plan(frozenset({'gaze', 'labels', 'instances', 'detections'}), True, False, False),
            id='overlay',
        ),
        pytest.param(
            {'overlay'},
            False,
            True,
            Plan(frozenset({'labels', 'instances', 'detections', 'saliency', 'scanpath'}), True, True, False),
            id='overlay with saliency',
        ),
    ],
)
def test_stages_compute_what_they_are_asked_for_and_what_that_is_made_of(
    outputs, has_camera, draws_attention, expected
):
    assert plan_stages(outputs, has_camera, draws_attention) == expected
