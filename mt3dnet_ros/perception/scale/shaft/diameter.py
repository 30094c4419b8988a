"""The diameter of a shaft."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mt3dnet_ros.errors import InputError

_MEASURED = 0.1  # mm, deviation of a diameter that is given without one: that of a calliper on a worn tube
_LEAST, _MOST = 1.0, 30.0  # mm; what is outside is of another unit
_NUMBER = r'\d+(?:\.\d*)?|\.\d+'
_NOTATION = re.compile(rf'\s*({_NUMBER})\s*(?:mm)?\s*(?:(?:\+-|\+/-|±)\s*({_NUMBER})\s*(?:mm)?\s*)?')


@dataclass(frozen=True)
class Diameter:
    """Of a shaft.

    :param value: metres
    :param deviation: standard deviation, metres
    """

    value: float
    deviation: float

    @property
    def log_deviation(self) -> float:
        """Standard deviation of its logarithm, which is that of a depth measured by it."""
        return self.deviation / self.value

    def __str__(self) -> str:
        """Return it as ``parse_diameter`` reads it."""
        return f'{1e3 * self.value:g}+-{1e3 * self.deviation:g}'


def parse_diameter(text: str) -> Diameter:
    """Read a diameter in millimetres, such as ``8.6+-0.2`` or ``5``.

    :raises InputError: when it is not written so, or is no shaft's
    """
    match = _NOTATION.fullmatch(text)
    if match is None:
        raise InputError(f"shaft diameter '{text}' must be millimetres, such as '8.6' or '8.6+-0.2'")
    value, deviation = float(match[1]), _MEASURED if match[2] is None else float(match[2])
    if not _LEAST <= value <= _MOST:
        raise InputError(f"shaft diameter '{text}' must lie between {_LEAST:g} and {_MOST:g} mm")
    if not 0.0 < deviation < 0.5 * value:
        raise InputError(f"deviation of the shaft diameter '{text}' must be above 0 and less than half of it")
    return Diameter(1e-3 * value, 1e-3 * deviation)
