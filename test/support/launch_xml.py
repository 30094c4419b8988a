"""What a launch file starts with given arguments, by ROS's rules for launch files, without ROS's launch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

from support.paths import ROOT

SHARE = '$(find-pkg-share mt3dnet_ros)'
_INNERMOST = re.compile(r'\$\((var|env|find-pkg-share) ([^()\s]+)(?: ([^()]*))?\)')
_EVAL = re.compile(r"\$\(eval '(.*)'\)", re.DOTALL)


@dataclass(frozen=True)
class Started:
    """A node, or a launch file of another package (``executable`` is its path), with all that it is told."""

    package: str
    executable: str
    name: str
    namespace: str
    parameters: Mapping[str, str]
    files: tuple[str, ...]
    remaps: Mapping[str, str]
    attributes: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """The node's name with its namespace."""
        return f'{self.namespace.rstrip("/")}/{self.name}'


@dataclass
class _Scope:
    """What holds at one place of a launch file."""

    variables: dict[str, str]
    namespace: str = ''
    parameters: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)  # the user's, then what the file sets

    def copy(self) -> _Scope:
        copied = {name: dict(getattr(self, name)) for name in ('variables', 'parameters', 'environment')}
        return replace(self, **copied)

    def value(self, text: str) -> str:
        """Return a text with its substitutions made."""
        while match := _INNERMOST.search(text):
            text = text[: match.start()] + self._substitute(*match.groups()) + text[match.end() :]
        while match := _EVAL.search(text):
            text = text[: match.start()] + str(eval(match[1].replace("\\'", "'"))) + text[match.end() :]
        return text

    def _substitute(self, kind: str, name: str, default: str | None) -> str:
        if kind == 'var':
            return self.variables[name]
        return self.environment.get(name, (default or '').strip("'")) if kind == 'env' else str(ROOT)

    def applies(self, item: ElementTree.Element) -> bool:
        conditions = [(item.get('if', 'true'), True), (item.get('unless', 'false'), False)]
        return all((self.value(text).lower() in ('true', '1')) == wanted for text, wanted in conditions)


def started(path: Path, arguments: Mapping[str, str], environment: Mapping[str, str] | None = None) -> list[Started]:
    """Return what a launch file starts.

    :param arguments: as they would be given behind ``ros2 launch``
    :param environment: the variables of the user's shell
    """
    return list(each_started(path, arguments, environment))


def each_started(
    path: Path, arguments: Mapping[str, str], environment: Mapping[str, str] | None = None
) -> Iterator[Started]:
    """Yield the same in the order in which it is started."""
    scope = _Scope(dict(arguments), environment=dict(environment or {}))
    yield from _run(ElementTree.parse(path).getroot(), scope)


def _run(parent: ElementTree.Element, scope: _Scope) -> Iterator[Started]:
    for item in parent:
        if not scope.applies(item):
            continue
        if item.tag == 'group':
            yield from _run(item, scope.copy())
        elif item.tag == 'include':
            yield from _include(item, scope)
        elif item.tag == 'node':
            yield _node(item, scope)
        else:
            _set(item, scope)


def _set(item: ElementTree.Element, scope: _Scope) -> None:
    value = {name: scope.value(text) for name, text in item.attrib.items()}
    if item.tag == 'arg':
        scope.variables.setdefault(value['name'], value['default'])
        choices = [choice.attrib['value'] for choice in item.findall('choice')]
        assert not choices or scope.variables[value['name']] in choices
    elif item.tag == 'let':
        scope.variables[value['name']] = value['value']
    elif item.tag == 'push_ros_namespace':
        scope.namespace = _join(scope.namespace, value['namespace'])
    elif item.tag == 'set_parameter':
        scope.parameters[value['name']] = value['value']
    elif item.tag == 'set_parameters_from_file':
        scope.files += (value['filename'],)
    else:
        assert item.tag == 'set_env', item.tag
        scope.environment[value['name']] = value['value']


def _join(namespace: str, pushed: str) -> str:
    return pushed if pushed.startswith('/') else f'{namespace}/{pushed}'


def _include(item: ElementTree.Element, scope: _Scope) -> Iterator[Started]:
    """Run an included file in the scope that includes it, as ROS does: what it is given stays.

    Its arguments are set one after another: one may refer to what another has set before.
    """
    given = {}
    file = item.attrib['file']
    for each in item.findall('arg'):
        given[each.attrib['name']] = scope.variables[each.attrib['name']] = scope.value(each.attrib['value'])
    if file.startswith(SHARE):
        yield from _run(ElementTree.parse(ROOT / file.removeprefix(f'{SHARE}/')).getroot(), scope)
    else:
        yield Started('', scope.value(file), '', '', given, (), {}, {})


def _node(item: ElementTree.Element, scope: _Scope) -> Started:
    value = {name: scope.value(text) for name, text in item.attrib.items() if name not in ('if', 'unless')}
    parameters = {scope.value(each.attrib['name']): scope.value(each.attrib['value']) for each in item.findall('param')}
    remaps = {each.attrib['from']: scope.value(each.attrib['to']) for each in item.findall('remap')}
    package, executable, name = (value.pop(key) for key in ('pkg', 'exec', 'name'))
    namespace = _join(scope.namespace, value.pop('namespace')) if 'namespace' in value else scope.namespace
    return Started(
        package,
        executable,
        name,
        namespace,
        scope.parameters | parameters,
        scope.files,
        remaps,
        value,
        dict(scope.environment),
    )
