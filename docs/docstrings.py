"""What the reader of docstrings (griffe) does not know about ours; mkdocs.yml names this extension."""

from __future__ import annotations

import re
from typing import Any

import griffe

RAISES = re.compile(r'^( *):raises ([\w.]+(?:, [\w.]+)+):', re.MULTILINE)


class OurDocstrings(griffe.Extension):
    """Take ``:raises A, B:`` for a line each, and ``:param x:`` of a named tuple for its field."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object that was just read."""
        if obj.docstring is None:
            return
        obj.docstring.value = RAISES.sub(_one_line_each, obj.docstring.value)
        if isinstance(obj, griffe.Class) and 'NamedTuple' in map(str, obj.bases):
            obj.docstring.value = obj.docstring.value.replace(':param ', ':var ')


def _one_line_each(match: re.Match[str]) -> str:
    *first, last = match[2].split(', ')
    return ''.join(f'{match[1]}:raises {name}: or\n' for name in first) + f'{match[1]}:raises {last}:'
