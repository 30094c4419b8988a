"""What is wanted decides what is computed."""

from __future__ import annotations

import pytest

from mt3dnet_ros.perception.plan import Plan, plan_stages


@pytest.mark.parametrize(
    ('outputs', 'has_camera', 'draws_attention', 'expected'),
    [
        pytest.param(set(), True, True, Plan(frozenset(), False, False, False, False, False), id='nothing'),
        pytest.param({'depth'}, False, True, Plan(frozenset({'depth'}), False, False, False, True, False), id='a map'),
        pytest.param(
            {'labels'}, True, False, Plan(frozenset({'labels'}), False, False, False, False, True), id='no scale'
        ),
        pytest.param({'scale'}, True, False, Plan(frozenset(), False, False, False, True, False), id='scale'),
        pytest.param({'tracks'}, True, False, Plan(frozenset(), False, False, False, True, True), id='tracks'),
        pytest.param(
            {'cloud'}, True, False, Plan(frozenset({'labels', 'depth'}), False, False, True, True, True), id='cloud'
        ),
        pytest.param(
            {'cloud'}, False, False, Plan(frozenset(), False, False, False, False, False), id='cloud without a camera'
        ),
        pytest.param(
            {'overlay', 'gaze'},
            False,
            False,
            Plan(frozenset({'gaze', 'labels', 'instances', 'detections'}), True, False, False, True, True),
            id='overlay',
        ),
        pytest.param(
            {'overlay'},
            False,
            True,
            Plan(
                frozenset({'labels', 'instances', 'detections', 'saliency', 'scanpath'}), True, True, False, True, True
            ),
            id='overlay with saliency',
        ),
    ],
)
def test_stages_compute_what_they_are_asked_for_and_what_that_is_made_of(
    outputs, has_camera, draws_attention, expected
):
    assert plan_stages(outputs, has_camera, draws_attention) == expected
