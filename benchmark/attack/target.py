"""What is attacked: something that is given good and bad, and has to take the one and refuse the other by a reason."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from mt3dnet_ros.errors import MT3DNetError

GOOD_SHARE = 0.125  # of what is given
_VALUES = re.compile(r"'.*?'|\"[^\"]*\"|[-+\d][\w.+-]*|\(.*?\)|\[.*?\]", re.DOTALL)
_SHOWN = 60  # characters of a reason
_MOST_CHARACTERS = 2_500  # of a message, a name of a file included


class FoundError(AssertionError):
    """Something that must not be: what is good is refused, or a reason is no text that people could read."""


@dataclass(frozen=True)
class Target:
    """Something that takes what others send or wrote.

    :param good: makes something that has to be taken
    :param spoil: makes something hostile of it
    :param open: begins a stream; what it gives is called with one thing after another, and returns why it cannot be
        used, or raises an error of this package that says so; it returns '' for what it took
    :param weight: how often it is attacked, in comparison with others
    """

    name: str
    good: Callable[[random.Random], Any]
    spoil: Callable[[Any, random.Random], Any]
    open: Callable[[], AbstractContextManager[Callable[[Any], str]]]
    weight: float = 1.0


def chance_of(seed: int, target: str, number: int) -> random.Random:
    """Return the chance that one attack is made by, whatever came before it."""
    return random.Random(f'{seed} {target} {number}')


def attack(target: Target, take: Callable[[Any], str], seed: int, number: int) -> str:
    """Give one thing to a target; return the kind of reason why it cannot be used, '' where it was taken.

    :raises FoundError: it is good and was refused, or the reason is no text for people
    :raises Exception: whatever else than an error of this package comes out
    """
    chance = chance_of(seed, target.name, number)
    thing, is_good = target.good(chance), chance.random() < GOOD_SHARE
    if not is_good:
        thing = target.spoil(thing, chance)
    try:
        reason = take(thing)
        name = 'refused'
    except MT3DNetError as error:
        reason, name = str(error) or type(error).__name__, type(error).__name__
    if is_good and reason:
        raise FoundError(f'what is good was refused: {reason}')
    if len(reason) > _MOST_CHARACTERS or not all(letter.isprintable() or letter in '\n\t' for letter in reason):
        raise FoundError(f'{name} of {len(reason)} characters: {reason[:200]!r}')
    return kind_of(name, reason) if reason else ''


def kind_of(name: str, reason: str) -> str:
    """Return a reason without the values in it, by which reasons are counted."""
    words = ' '.join(_VALUES.sub('_', reason).split())
    return f'{name}: {words[:_SHOWN]}'
