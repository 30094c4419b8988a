"""What a section of the benchmark finds, one by one while it measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mt3dnet_ros.errors import MT3DNetError


@dataclass(frozen=True)
class Value:
    """A cell of a table.

    :param case: name of its row
    :param figure: name of its column
    """

    case: str
    figure: str
    number: float


@dataclass(frozen=True)
class Unmeasured:
    """Why something could not be measured, and what would help.

    :param why: in words
    :param part: of the names of the cases, the figures or the curves that it holds for; empty for all
    """

    why: str
    part: str = ''


@dataclass(frozen=True)
class Point:
    """A point of a curve.

    :param heights: the curve's lines there, by name
    """

    curve: str
    x: float
    heights: Mapping[str, float]


Finding = Value | Unmeasured | Point


def values(case: str, numbers: Mapping[str, float]) -> Iterator[Value]:
    """Yield the cells of one row."""
    for figure, number in numbers.items():
        yield Value(case, figure, number)


def attempted(part: str, measure: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what is found, and where that fails why; what comes after it can still be measured.

    :param part: as for ``Unmeasured``
    """
    try:
        yield from measure()
    except (MT3DNetError, ImportError, OSError, RuntimeError) as error:
        yield Unmeasured(reason(error), part)


def reason(error: BaseException) -> str:
    """Return what an error says, in one line; one that was not foreseen also says its type."""
    text = ' '.join(str(error).split())
    return text if isinstance(error, MT3DNetError) else f'{type(error).__name__}: {text}'
