"""The values of a calibration file, each with the line on which it stands, found by any of the names that tools use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibrationError

_SPECIAL = {'.nan': 'nan', '.inf': 'inf', '+.inf': 'inf', '-.inf': '-inf'}  # as YAML writes them
_SHOWN = 60  # characters of a value in a message


class CalibrationValueError(CameraCalibrationError):
    """A value of a calibration file that is not what it must be.

    :param line: on which it stands, from 1; 0 where that is not known
    """

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Value:
    """A value as the file has it: a mapping, a list or a text.

    :param name: under which it stands, with those of the mappings around it
    :param line: on which it begins, from 1
    """

    content: dict[str, Value] | list[Value] | str
    name: str
    line: int

    def error(self, problem: str) -> CalibrationValueError:
        """Return the error that says what is wrong with this value."""
        return CalibrationValueError(f'{self.name} {problem}' if self.name else problem, self.line)

    def numbers(self, *counts: int) -> list[float]:
        """Return the numbers of a list, of lists in lists, of a text or of a matrix of ROS's or OpenCV's.

        :param counts: how many there may be; none for any number
        :raises CalibrationValueError: one is no number, or there are more or fewer
        """
        found = [self._number(text) for text in self._texts()]
        if counts and len(found) not in counts:
            expected = ' or '.join(map(str, counts))
            hint = '; write decimals with a point, not a comma' if len(found) == 2 * counts[0] else ''
            raise self.error(f'has {len(found)} numbers, {expected} are expected{hint}')
        return found

    def whole_number(self) -> int:
        """Return a whole number above 0.

        :raises CalibrationValueError: it is none
        """
        texts = list(self._texts()) if isinstance(self.content, str) else []
        number = self._number(texts[0]) if len(texts) == 1 and _is_number(texts[0]) else 0.0
        if number < 1 or not number.is_integer():
            raise self.error(f'{self._shown()} is not a whole number above 0')
        return int(number)

    def _texts(self) -> Iterator[str]:
        content = self.content
        if isinstance(content, str):
            yield from content.split()
        elif isinstance(content, list):
            for value in content:
                yield from value._texts()
        elif 'data' in content:
            yield from content['data']._texts()
        else:
            raise self.error(f'must be numbers, it has the keys {", ".join(content) or "none"}')

    def _number(self, text: str) -> float:
        if not _is_number(text):
            hint = f'; write {text.replace(",", ".")}' if _is_number(text.replace(',', '.', 1)) else ''
            raise self.error(f'has {text[:_SHOWN]!r}, which is not a number{hint}')
        return float(_SPECIAL.get(text.lower(), text))

    def _shown(self) -> str:
        if isinstance(self.content, str):
            return repr(self.content[:_SHOWN])
        return 'a list' if isinstance(self.content, list) else 'a mapping'


class NamedValues:
    """A mapping of a calibration file; case, hyphens, underscores and dots of its names do not matter."""

    def __init__(self, value: Value) -> None:
        if not isinstance(value.content, dict):
            raise value.error('must be names with values, such as camera_matrix: ...')
        self.value = value
        self.entries: Mapping[str, Value] = {plain(name): entry for name, entry in value.content.items()}

    def find(self, *names: str) -> Value | None:
        """Return the first of the named values that is there."""
        return next((self.entries[name] for name in map(plain, names) if name in self.entries), None)

    def sections(self) -> Iterator[tuple[str, NamedValues]]:
        """Yield the mappings inside, by the names that the file gives them."""
        assert isinstance(self.value.content, dict)
        for name, value in self.value.content.items():
            if isinstance(value.content, dict):
                yield name, NamedValues(value)


def plain(name: str) -> str:
    """Return a name without what tools write differently: ``cameraMatrix``, ``camera_matrix`` and ``camera-matrix``."""
    return re.sub(r'[\W_]', '', name).lower()


def _is_number(text: str) -> bool:
    try:
        float(_SPECIAL.get(text.lower(), text))
    except ValueError:
        return False
    return '_' not in text
