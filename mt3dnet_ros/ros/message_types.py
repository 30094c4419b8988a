"""Message types by their names: the Python class, and the definition as recordings carry it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

from mt3dnet_ros.errors import MT3DNetError

PRIMITIVES = frozenset(
    (
        'bool',
        'byte',
        'char',
        'float32',
        'float64',
        'int8',
        'uint8',
        'int16',
        'uint16',
        'int32',
        'uint32',
        'int64',
        'uint64',
        'string',
        'wstring',
    )
)
_SEPARATOR = '=' * 80
_FIELD_TYPE = re.compile(r'^\s*([A-Za-z][\w/]*)')


class MessageTypeError(MT3DNetError, LookupError):
    """A message type that is not installed."""


def message_name(message: type) -> str:
    """Return the name of a message class as ROS tools write it, such as ``sensor_msgs/msg/Image``."""
    return f'{message.__module__.partition(".")[0]}/msg/{message.__name__}'


def load_message_class(message_type: str) -> Any:
    """Return the Python class of a type such as ``sensor_msgs/msg/Image``.

    :raises MessageTypeError: it is not installed
    """
    package, *_, name = message_type.split('/')
    try:
        return getattr(import_module(f'{package}.msg'), name)
    except (ImportError, AttributeError) as error:
        debian = f'ros-{os.environ.get("ROS_DISTRO", "<distribution>")}-{package.replace("_", "-")}'
        raise MessageTypeError(
            f"message type '{message_type}' is not installed; source its workspace, or install {debian}"
        ) from error


def message_definition(message_type: str) -> str:
    """Return the definition of a type followed by those of all types it contains (MCAP's encoding ``ros2msg``).

    :param message_type: such as ``sensor_msgs/msg/Image``
    :raises MessageTypeError: its package, or that of a type it contains, has no such .msg file
    """
    package, name = _split(message_type)
    texts = {f'{package}/{name}': _read(package, name)}
    waiting = list(texts)
    while waiting:
        package = waiting[0].split('/')[0]
        for dependency in _dependencies(texts[waiting.pop(0)], package):
            if dependency not in texts:
                texts[dependency] = _read(*dependency.split('/'))
                waiting.append(dependency)
    root, *others = texts.items()
    return '\n'.join([root[1], *(f'{_SEPARATOR}\nMSG: {name}\n{text}' for name, text in others)])


def _split(message_type: str) -> tuple[str, str]:
    parts = message_type.split('/')
    if len(parts) not in (2, 3) or parts[1:-1] not in ([], ['msg']):
        raise MessageTypeError(f"'{message_type}' is not a message type; expected package/msg/Name")
    return parts[0], parts[-1]


def _read(package: str, name: str) -> str:
    try:
        path = Path(get_package_share_directory(package)) / 'msg' / f'{name}.msg'
        return path.read_text(encoding='utf-8')
    except PackageNotFoundError as error:
        raise MessageTypeError(
            f"package '{package}' of the message {name} is not installed; source its workspace"
        ) from error
    except OSError as error:
        raise MessageTypeError(f"'{path}' cannot be read; install the package '{package}' with its messages") from error


def _dependencies(text: str, package: str) -> Iterator[str]:
    for line in text.splitlines():
        match = _FIELD_TYPE.match(line)
        if match and match[1] not in PRIMITIVES:
            yield match[1] if '/' in match[1] else f'{package}/{match[1]}'
