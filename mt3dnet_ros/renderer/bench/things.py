"""Which things there are, and which of them stand on a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from mt3dnet_ros.renderer.bench import hardware, trainers
from mt3dnet_ros.renderer.bench.hands import hand
from mt3dnet_ros.renderer.bench.solids import Thing
from mt3dnet_ros.renderer.domains.bench import Things

# Every kind of ``domains.bench.Things``.
KINDS: dict[str, Callable[[np.random.Generator], Thing]] = {
    'blocks': trainers.block,
    'organs': trainers.organ,
    'bowls': trainers.bowl,
    'suture_pads': trainers.suture_pad,
    'peg_boards': trainers.peg_board,
    'rings': trainers.rings,
    'cloths': trainers.cloth,
    'hands': hand,
    'boards': hardware.board,
    'papers': hardware.paper,
    'cables': hardware.cables,
    'threads': hardware.threads,
    'buttons': hardware.button,
    'boxes': hardware.crate,
    'screws': hardware.screws,
    'containers': hardware.container,
    'pens': hardware.pens,
    'scraps': hardware.scraps,
}


def sample_thing(rng: np.random.Generator, kinds: Things) -> tuple[str, Thing]:
    """Sample a thing by the frequencies of the kinds; return its kind, too."""
    frequencies = asdict(kinds)
    weights = np.array(list(frequencies.values()))
    kind = str(rng.choice(list(frequencies), p=weights / weights.sum()))
    return kind, KINDS[kind](rng)
