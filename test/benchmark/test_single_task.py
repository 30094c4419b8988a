"""The networks of single tasks have the size of the published ones."""

from __future__ import annotations

import pytest
import torch

from speed.single_task import make_networks
from speed.tables import SINGLE_TASK

PARAMETERS = dict(zip(SINGLE_TASK, (3.75e6, 24.79e6, 20.2e6), strict=True))


@pytest.fixture(scope='module')
def networks() -> dict[str, torch.nn.Module]:
    pytest.importorskip('transformers')
    return make_networks()


@pytest.mark.parametrize('name', SINGLE_TASK)
def test_a_network_has_the_parameters_of_the_published_one(networks: dict[str, torch.nn.Module], name: str) -> None:
    count = sum(parameter.numel() for parameter in networks[name].parameters())
    assert count == pytest.approx(PARAMETERS[name], rel=0.01)


def test_each_answers_its_task(networks: dict[str, torch.nn.Module]) -> None:
    with torch.inference_mode():
        masks, depth, boxes = (networks[name](pixel_values=torch.zeros(1, 3, 56 * 8, 56 * 8)) for name in SINGLE_TASK)
    assert masks.logits.shape == (1, 150, 112, 112)
    assert depth.predicted_depth.shape == (1, 448, 448)
    assert boxes.pred_boxes.shape == (1, 300, 4) and boxes.logits.shape == (1, 300, 80)
