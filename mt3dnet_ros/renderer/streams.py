"""Random numbers for single features of a scene."""

from __future__ import annotations

from typing import cast
from zlib import crc32

import numpy as np


def stream(rng: np.random.Generator, feature: str) -> np.random.Generator:
    """Return a feature's own generator, which the same seed and name always give alike.

    ``rng`` is not drawn from: a feature that is added, switched or changed leaves everything else in a scene as it was.
    """
    seed = cast(np.random.SeedSequence, rng.bit_generator.seed_seq)
    key = (*seed.spawn_key, crc32(feature.encode()))
    return np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=key))
