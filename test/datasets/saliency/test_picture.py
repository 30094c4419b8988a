"""The picture of the ground truth shows a frame, its fixations, its map and its scanpath."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.datasets.saliency.picture import attention_picture
from mt3dnet_ros.datasets.saliency.truth import AttentionRules


def test_each_panel_marks_the_working_end_and_leaves_the_rest_dark():
    parts = np.zeros((72, 90), np.uint8)
    parts[20:50, 30:60] = 3
    tool = (parts > 0).astype(np.uint8)
    frame = LabelledFrame('a/f0001', np.full((72, 90, 3), 120, np.uint8), tool, parts, tool)
    picture, *marked = np.split(attention_picture(frame, frame, AttentionRules(ids_persist=True)), 4, axis=1)
    np.testing.assert_array_equal(picture, frame.image)
    for panel in marked:
        assert panel[20:50, 30:60].max() > 200
        assert panel[60:, :20].max() <= 60
