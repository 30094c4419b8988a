"""JSON that others wrote: whatever is wrong with it is one kind of error."""

from __future__ import annotations

import json
from typing import Any

from mt3dnet_ros.errors import InputError


class JsonError(InputError):
    """A text that is no JSON, or is nested more deeply than anybody writes."""


_MOST_DIGITS = 20  # of a whole number


def parse_json(text: str | bytes) -> Any:
    """Return what a JSON text says.

    :raises JsonError: it is no JSON, nested too deeply, or has a number of thousands of digits
    """
    try:
        return json.loads(text, parse_int=_whole_number)
    except (ValueError, RecursionError) as error:
        raise JsonError(f'no JSON: {error}') from error


def _whole_number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise JsonError(f'a number of {len(digits)} digits is none of anything')
    return int(digits)
