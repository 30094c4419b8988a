"""Tables as Markdown, which a terminal shows as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    return [_row(head), _row(['---'] * len(head)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return '| ' + ' | '.join(cells) + ' |'
