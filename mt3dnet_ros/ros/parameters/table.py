"""Node parameters from one typed table: a frozen dataclass whose fields are made by ``parameter``.

Declaration, validation, reading and the documentation are derived from the dataclass, so they cannot disagree.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter
from rclpy.time_source import USE_SIM_TIME_NAME

Changes = Literal['at start', 'while unconfigured', 'any time']
T = TypeVar('T')
_OFF = 'off'


@dataclass(frozen=True)
class Parameter:
    """One row of a table of parameters.

    :param default: a bool, int, float, str or tuple of str; it also decides the type
    :param range: least and largest value, both allowed
    :param choices: the allowed values; of each element where the value is a tuple
    :param missing: choices that cannot be had on this machine, each with what would have to be installed
    :param choices_in: where the documentation lists the choices, in Markdown; empty lists them in the table
    :param is_path: a file or folder: ``~`` is the home folder, as launch files and ROS arguments leave it
    :param check: raises a ValueError, whose text is the reason, for values that cannot be told by range and choices
    :param changes: when it may be changed
    """

    name: str
    default: Any
    description: str
    unit: str = ''
    range: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    choices_in: str = ''
    is_path: bool = False
    check: Callable[[Any], Any] | None = None
    changes: Changes = 'while unconfigured'

    def read(self, value: Any) -> Any:
        """Return a value that came from ROS in the type of the default.

        An int is taken for a float, an empty list of any type for an empty tuple, as ROS has none of strings, a string
        for the strings between its commas, as launch files can give them, and false for ``off``, as YAML reads it.

        :raises ValueError: the value is not allowed; the text is the reason
        """
        kind = type(self.default)
        if value is False and _OFF in self.choices:
            value = _OFF
        if kind is tuple and isinstance(value, str):
            value = [item.strip() for item in value.split(',')]
        if kind is tuple and not isinstance(value, str) and not isinstance(value, bool):
            value = tuple(item for item in value or () if item != '')
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind or (kind is tuple and not all(isinstance(item, str) for item in value)):
            raise ValueError(f'{self.name} must be of type {_type_name(self.default)}, got {value!r}')
        self._check(value)
        return os.path.expanduser(value) if self.is_path else value

    def _check(self, value: Any) -> None:
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f'{self.name} must be a finite number, got {value}')
        if self.range and not self.range[0] <= value <= self.range[1]:
            raise ValueError(f'{self.name} must be within {self._range_text()}, got {value:g}')
        for item in value if isinstance(value, tuple) else (value,):
            if self.choices and item not in self.choices:
                raise ValueError(f"{self.name}: '{item}' is not known (known: {', '.join(self.choices)})")
            if self.missing and item in self.missing:
                raise ValueError(f"{self.name}: '{item}' cannot be had: {self.missing[item]}")
        if self.check is not None:
            self.check(value)

    def descriptor(self) -> ParameterDescriptor:
        """Return what ROS tools show and enforce."""
        unit = f' [{self.unit}]' if self.unit else ''
        descriptor = ParameterDescriptor(name=self.name, description=self.description + unit)
        descriptor.dynamic_typing = True  # types are checked by read(), whose refusals name them
        # Not by ROS's read_only, which refuses the value that the parameter has already.
        read_only = 'read-only after the start' if self.changes == 'at start' else ''
        choices = 'one of: ' + ', '.join(self.choices) if self.choices else ''
        descriptor.additional_constraints = '; '.join(filter(None, (choices, read_only)))
        if self.range and isinstance(self.default, float):
            least, largest = self.range
            descriptor.floating_point_range = [FloatingPointRange(from_value=least, to_value=largest)]
        elif self.range:
            least, largest = (int(limit) for limit in self.range)
            descriptor.integer_range = [IntegerRange(from_value=least, to_value=largest, step=1)]
        return descriptor

    def allowed(self) -> str:
        """Return the values that are allowed, in words; of most strings all are."""
        return ', '.join(self.choices) or self._range_text()

    def _range_text(self) -> str:
        return f'{self.range[0]:g} to {self.range[1]:g} {self.unit}'.strip() if self.range else self.unit

    def markdown_row(self) -> str:
        """Return the row for the documentation."""
        cells = (
            f'`{self.name}`',
            _type_name(self.default),
            _default_text(self.default, self.choices),
            self.choices_in or self.allowed(),
            self.changes,
            self.description,
        )
        return '| ' + ' | '.join(cells) + ' |'


def parameter(
    default: Any,
    description: str,
    *,
    unit: str = '',
    range: tuple[float, float] | None = None,
    choices: tuple[str, ...] = (),
    missing: Mapping[str, str] | None = None,
    choices_in: str = '',
    is_path: bool = False,
    check: Callable[[Any], Any] | None = None,
    changes: Changes = 'while unconfigured',
) -> Any:
    """Return a dataclass field that is one row of the table; see ``Parameter``."""
    row = {'description': description, 'unit': unit, 'range': range, 'choices': choices, 'choices_in': choices_in}
    told = {'missing': missing or {}, 'is_path': is_path, 'check': check, 'changes': changes}
    return field(default=default, metadata=row | told)


def parameter_table(table: type) -> tuple[Parameter, ...]:
    """Return the rows of a dataclass of parameters."""
    for row in fields(table):
        if row.default is MISSING or 'description' not in row.metadata:
            raise TypeError(f'{table.__name__}.{row.name} is not made by parameter()')
    return tuple(Parameter(name=ros_name(row.name), default=row.default, **row.metadata) for row in fields(table))


def ros_name(field_name: str) -> str:
    """Return the name of the parameter of a field: two underscores stand for the dot of a group."""
    return field_name.replace('__', '.')


def declare_parameters(
    node: Node, table: type, is_configured: Callable[[], bool] = lambda: True, keeps_clock: bool = False
) -> None:
    """Declare the table on a node and refuse what it does not allow, from now on and in the node's overrides.

    A value that the parameter has already is no change, and never refused.

    :param is_configured: whether parameters that change only ``while unconfigured`` are locked at the moment
    :param keeps_clock: ``use_sim_time`` is locked then as well: another clock would tell nothing of what came before
    :raises rclpy.exceptions.ParameterException: an override has the wrong type or is out of range
    """
    rows = {row.name: row for row in parameter_table(table)}
    starting = True

    def refusal(changed: RosParameter) -> str:
        row = rows.get(changed.name)
        if row is None:
            locks = keeps_clock and changed.name == USE_SIM_TIME_NAME and not starting
            return _lock_clock(node, changed, is_configured()) if locks else ''
        if changed.value is None and not starting:
            return f'{row.name} cannot be deleted'
        try:
            value = row.read(changed.value)
        except ValueError as error:
            return str(error)
        if starting or value == row.read(node.get_parameter(row.name).value):
            return ''
        return _lock(row, is_configured())

    def validate(parameters: list[RosParameter]) -> SetParametersResult:
        reason = next(filter(None, map(refusal, parameters)), '')
        return SetParametersResult(successful=not reason, reason=reason)

    node.add_on_set_parameters_callback(validate)
    node.declare_parameters('', [(row.name, _ros_value(row.default), row.descriptor()) for row in rows.values()])
    starting = False


def _lock(row: Parameter, is_configured: bool) -> str:
    """Return why a parameter cannot change now; empty where it can."""
    if row.changes == 'at start':
        return f'{row.name} is read-only: give it another value when the node is started'
    if row.changes == 'while unconfigured' and is_configured:
        return f'{row.name} can only change while the node is unconfigured: deactivate and clean up first'
    return ''


def _lock_clock(node: Node, changed: RosParameter, is_configured: bool) -> str:
    """Return why the node cannot have another clock now; empty where it can, or keeps the one that it has."""
    if not is_configured or changed.value == node.get_parameter(USE_SIM_TIME_NAME).value:
        return ''
    return (
        f'{USE_SIM_TIME_NAME} can only change while the node is unconfigured, if it has such a state, or when it is '
        'started: the times of all that has come would be of another clock'
    )


def read_parameters(node: Node, table: type[T], changed: Iterable[RosParameter] = ()) -> T:
    """Return the current values as an instance of the table.

    :param changed: values that take the place of the node's
    """
    given = {parameter.name: parameter.value for parameter in changed}
    return table(
        **{
            row.name.replace('.', '__'): row.read(given.get(row.name, node.get_parameter(row.name).value))
            for row in parameter_table(table)
        }
    )


def markdown_table(table: type) -> str:
    """Return the table as Markdown, for the documentation."""
    head = ['| parameter | type | default | range | changes | meaning |', '|---|---|---|---|---|---|']
    return '\n'.join(head + [row.markdown_row() for row in parameter_table(table)]) + '\n'


def _ros_value(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


def _type_name(default: Any) -> str:
    names = {bool: 'bool', int: 'int', float: 'double', str: 'string', tuple: 'string[]'}
    return names[type(default)]


def _default_text(default: Any, choices: tuple[str, ...]) -> str:
    if isinstance(default, tuple) and 0 < 2 * len(default) <= len(choices):
        return ', '.join(f'`{item}`' for item in default)
    if isinstance(default, tuple):
        return 'all' if default else 'none'
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return f'`{text}`' if text else 'empty'
