"""What goes wrong around a running node, and how soon it works again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from speed.node_under_load import NodeUnderLoad
from speed.tables import Size

SIZES: tuple[Size, ...] = ((320, 256), (640, 480), (1280, 1024), (1920, 1080))


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    :param happen: lets it happen, and returns when it is over
    :param patience: seconds after it in which every output must have come again
    """

    happen: Callable[[NodeUnderLoad, Size, random.Random], None]
    patience: float


def _kill(node: NodeUnderLoad, _: Size, chance: random.Random) -> None:
    node.kill()
    node.camera.pause(chance.uniform(0.0, 1.0))
    node.restart()


def _pause(node: NodeUnderLoad, _: Size, chance: random.Random) -> None:
    seconds = chance.uniform(1.0, 5.0)
    node.camera.pause(seconds)
    node.spin(seconds)


def _resize(node: NodeUnderLoad, size: Size, chance: random.Random) -> None:
    node.camera.resize(chance.choice(SIZES))
    node.spin(chance.uniform(1.0, 3.0))
    node.camera.resize(size)


def _spoil(node: NodeUnderLoad, _: Size, chance: random.Random) -> None:
    seconds = chance.uniform(1.0, 3.0)
    node.camera.spoil(seconds)
    node.spin(seconds)


KILLED = 'node killed'
FAULTS: Mapping[str, Fault] = {
    KILLED: Fault(_kill, 60.0),
    'camera paused': Fault(_pause, 3.0),
    'other size': Fault(_resize, 5.0),
    'bad messages': Fault(_spoil, 3.0),
}


def befall(node: NodeUnderLoad, name: str, size: Size, chance: random.Random) -> float:
    """Let a fault happen, and return the seconds after it until the node gives everything again.

    :param size: of the camera, before and after
    :raises NodeError: that takes longer than the fault's patience
    """
    fault = FAULTS[name]
    fault.happen(node, size, chance)
    return node.wait_for_outputs(fault.patience)


def accustom(node: NodeUnderLoad, size: Size) -> None:
    """Show a new node every size of camera, so that what it keeps is as large as any fault makes it.

    :param size: of the camera, before and after
    :raises NodeError: the node does not give everything again
    """
    for other in (*SIZES, size):
        node.camera.resize(other)
        node.spin(1.0)
    node.wait_for_outputs(FAULTS['other size'].patience)
