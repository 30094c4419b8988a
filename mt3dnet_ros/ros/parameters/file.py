"""The parameter files of nodes: ``python -m mt3dnet_ros.ros.parameters.file perception > config/perception.yaml``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES
from mt3dnet_ros.ros.parameters.table import Parameter, parameter_table

FILES = {'perception': 'perception.yaml', 'camera_guidance': 'guidance.yaml'}  # in config/, by node
_WIDTH = 120
_NOTES = {
    'camera_guidance': [
        'Read docs/robot/guidance.md before you change limits.',
        "The launch file's own arguments (dvrk, arm, command, model, endoscope) go before those of the group dvrk, and",
        'its argument dead_man_heartbeat before the parameter of that name.',
    ]
}
_CHANGES = {'at start': 'at start only', 'while unconfigured': 'while unconfigured', 'any time': 'at any time'}
_LAUNCH_FILES = {'perception': 'perception.launch.xml', 'camera_guidance': 'guidance.launch.xml'}


def parameter_file(node: str) -> str:
    """Return the file with every parameter of a node at its default; each says what it means."""
    lines = [
        f'Parameters of the node {node}: every one, at its default.',
        f'Made by `python -m mt3dnet_ros.ros.parameters.file {node} > config/{FILES[node]}`. Use a copy:',
        f'  ros2 launch mt3dnet_ros {_LAUNCH_FILES[node]} params_file:=COPY',
        f'  ros2 run mt3dnet_ros {node} --ros-args --params-file COPY',
        *_NOTES.get(node, ()),
    ]
    rows = '\n\n'.join('\n'.join(_group(rows, group)) for group, rows in _groups(node))
    return ''.join(f'# {line}\n' for line in lines) + f'/**:\n  ros__parameters:\n{rows}\n'


def _groups(node: str) -> Iterator[tuple[str, list[Parameter]]]:
    """Yield the parameters without a dot in their names, then those of each group by its name."""
    rows = parameter_table(NODE_TABLES[node])
    for group in dict.fromkeys(row.name.rpartition('.')[0] for row in rows):
        yield group, [row for row in rows if row.name.rpartition('.')[0] == group]


def _group(rows: list[Parameter], group: str) -> Iterator[str]:
    indent = ' ' * (6 if group else 4)
    if group:
        yield f'    {group}:'
    for number, row in enumerate(rows):
        if number:
            yield ''
        comment = f'{indent}# '
        yield from wrap(_comment(row), _WIDTH, initial_indent=comment, subsequent_indent=comment)
        yield from _setting(row.name.rpartition('.')[2], row.default, indent)


def _comment(row: Parameter) -> str:
    allowed = '' if isinstance(row.default, tuple) else row.allowed()
    first = row.description.partition(' ')[0]
    sentence = (
        row.description if '_' in first or first in row.choices else row.description[0].upper() + row.description[1:]
    )
    return f'{sentence}{f" ({allowed})" if allowed else ""}. Changes {_CHANGES[row.changes]}.'


def _setting(name: str, default: Any, indent: str) -> Iterator[str]:
    if default == ():
        yield f'{indent}{name}: []'  # ROS refuses a file with a name that nothing follows
    elif isinstance(default, tuple):
        yield f'{indent}{name}:'
        yield from (f'{indent}  - {item}' for item in default)
    else:
        yield f'{indent}{name}: {_text(default)}'


def _text(default: Any) -> str:
    """Return a value as YAML; every string in quotes, so that none is taken for a number or a bool."""
    return f"'{default}'" if isinstance(default, str) else json.dumps(default)


if __name__ == '__main__':
    sys.stdout.write(parameter_file(sys.argv[1]))
