"""Random streams: every generator of random numbers that a frame is drawn from.

The seed of a plan, the split and the number of a frame give its generator. A feature of a scene or of the camera has a
stream of its own below that: one that is added, switched or changed leaves everything else in a frame as it was.
"""

from __future__ import annotations

from typing import cast
from zlib import crc32

import numpy as np

from mt3dnet_ros.renderer.plan import SPLITS, RenderPlan

SCENE, LOOK, GRAIN = 1, 2, 3  # what a sequence's seed is for; a still frame's has no such number


def plan_stream(plan: RenderPlan, split: str, *key: int) -> np.random.Generator:
    """Return the generator of a still frame, or one of a sequence.

    :param key: the number of a still frame; or that of a sequence, followed by ``SCENE``, by ``LOOK``, or by ``GRAIN``
        and the number of a frame
    """
    return np.random.default_rng([plan.seed, SPLITS.index(split), *key])


def stream(rng: np.random.Generator, feature: str) -> np.random.Generator:
    """Return a feature's own generator, which depends on the seed of ``rng`` and the feature's name only.

    ``rng`` is not drawn from, and its state does not matter.
    """
    seed = cast(np.random.SeedSequence, rng.bit_generator.seed_seq)
    key = (*seed.spawn_key, crc32(feature.encode()))
    return np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=key))
