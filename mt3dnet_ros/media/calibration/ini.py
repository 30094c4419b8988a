"""The INI format of ROS's camera_calibration (Videre's), in which a name stands above its numbers."""

from __future__ import annotations

import re

from mt3dnet_ros.media.calibration.values import Value

_NAMES = ('width', 'height', 'camera matrix', 'distortion', 'rectification', 'projection')
_IMAGE = 'image'  # the section with the size, which counts for all cameras after it


def is_ini(text: str) -> bool:
    """Return whether a text has the sections and names of such a file."""
    return bool(re.search(r'^[ \t]*\[[^\],\n]+\][ \t]*$', text, re.MULTILINE)) and 'camera matrix' in text


def parse_ini(text: str) -> Value:
    """Return the values of each camera, by the names of the sections; the size is copied to each."""
    size: dict[str, Value] = {}
    cameras: dict[str, Value] = {}
    section = size
    name = ''
    for number, line in enumerate(text.split('\n'), start=1):
        words = line.split('#')[0].split(';')[0].strip()
        if heading := re.fullmatch(r'\[(.+)\]', words):
            section = size if heading[1].strip() == _IMAGE else dict(size)
            name = ''
            if section is not size:
                cameras[heading[1].strip()] = Value(section, heading[1].strip(), number)
        elif words.lower() in _NAMES:
            name = words.lower()
            section[name] = Value('', name, number)
        elif words and name in section:
            section[name] = Value(f'{section[name].content} {words}', name, section[name].line)
    if len(cameras) == 1:
        return next(iter(cameras.values()))
    return Value(dict(cameras), '', 1)
