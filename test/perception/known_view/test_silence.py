"""A silenced prediction is read as one that sees nothing, whatever it was."""

from __future__ import annotations

import numpy as np
from support.drawing import CONFIG, NETWORK, Drawing

from mt3dnet_ros.perception.known_view.silence import silenced
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings

TOOL = (20, 20, 40, 40)
EVERYTHING = Settings(score_threshold=0.0, max_depth=10.0)


def seeing() -> Drawing:
    return Drawing().tool(TOOL, 4).part(TOOL, 3).peak((50, 10, 60, 20), 2, 0.9).salient(TOOL, 0.9)


def interpret(prediction) -> Interpretation:
    return Interpretation(prediction, Letterbox((512, 640), NETWORK), None, CONFIG, EVERYTHING)


def test_a_silenced_prediction_has_nothing_to_say():
    before, after = (interpret(prediction) for prediction in (seeing().prediction, silenced(seeing().prediction)))
    assert before.labels.any() and before.detections and before.scanpath and before.saliency.any()
    for name in ('labels', 'instances', 'parts', 'saliency'):
        assert not getattr(after, name).any(), name
    assert np.isnan(after.depth).all() and np.isnan(after.gaze).all()
    assert (after.detections, after.scanpath) == ([], ())


def test_the_prediction_itself_stays_as_it_is():
    drawing = seeing()
    silenced(drawing.prediction)
    assert np.array_equal(drawing.prediction.types, seeing().prediction.types) and (drawing.prediction.depth > 0).all()


def test_what_the_network_does_not_give_stays_away():
    silent = silenced(Drawing().prediction)
    assert silent.saliency is None and silent.view is None
    assert silenced(Drawing().prediction._replace(view=np.ones((1, 1, 1, 1)))).view.item() < -1e3
