"""The stages of ASTO: whose loss is minimised, by which parts of the network, on frames or on sequences.

ST-MTL (arXiv 2112.08189) says that ASTO computes independent gradients for each decoder; its listing could not be
read. Both readings that the same group's earlier and later code supports are here, and joint training beside them:

- staged, the default: ``segmentation, saliency, temporal``, and perhaps ``fine_tuning``
- alternating: ``alternating, temporal``
- joint, for comparison: ``joint, joint_temporal``
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mt3dnet_ros.training.recipe import RecipeError

SEGMENTATION, SALIENCY = 'segmentation', 'saliency'  # tasks, and the parts that are their decoders
ENCODER, SEGMENTATION_CELL, SALIENCY_CELL = 'encoder', 'segmentation_cell', 'saliency_cell'

_SPATIAL = (ENCODER, SEGMENTATION, SALIENCY)
_CELLS = (SEGMENTATION_CELL, SALIENCY_CELL)


@dataclass(frozen=True)
class Update:
    """One optimisation step.

    :param tasks: whose losses are summed
    :param parts: of the network, that follow the gradient; all others are frozen
    """

    tasks: tuple[str, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """What is done again and again until the stage's steps are used up.

    :param updates: of each step, in order
    :param over_time: windows of frames instead of single ones, and the temporal cells take part
    :param rate: factor of the learning rate
    """

    updates: tuple[Update, ...]
    over_time: bool = False
    rate: float = 1.0


_BOTH = (SEGMENTATION, SALIENCY)
_APART_OVER_TIME = (Update((SEGMENTATION,), (SEGMENTATION_CELL,)), Update((SALIENCY,), (SALIENCY_CELL,)))
STAGES = {
    'segmentation': Stage((Update((SEGMENTATION,), (ENCODER, SEGMENTATION)),)),
    'saliency': Stage((Update((SALIENCY,), (SALIENCY,)),)),
    'temporal': Stage(_APART_OVER_TIME, over_time=True),
    'saliency_temporal': Stage((Update((SALIENCY,), (SALIENCY, SALIENCY_CELL)),), over_time=True),
    'alternating': Stage((Update((SEGMENTATION,), (ENCODER, SEGMENTATION)), Update((SALIENCY,), (SALIENCY,)))),
    'joint': Stage((Update(_BOTH, _SPATIAL),)),
    'joint_temporal': Stage((Update(_BOTH, _SPATIAL + _CELLS),), over_time=True),
    'fine_tuning': Stage((Update(_BOTH, _SPATIAL + _CELLS),), over_time=True, rate=0.1),
}


def updates_of(stage: str, tasks: Collection[str], parts: Collection[str]) -> tuple[Update, ...]:
    """Return the updates of a stage that a network has the tasks for.

    :param tasks: of the network that may be trained, and ``parts`` likewise
    :raises RecipeError: the stage needs parts that the network does not have, or keeps frozen
    """
    updates = tuple(update for update in STAGES[stage].updates if set(update.tasks) <= set(tasks))
    missing = sorted({part for update in updates for part in update.parts} - set(parts))
    if missing or not updates:
        raise RecipeError(
            f"stage '{stage}' trains {', '.join(missing) or 'tasks'} that this network lacks or keeps frozen "
            f'(it trains {", ".join(sorted(parts))}); leave the stage out of stages'
        )
    return updates
