"""Write type stubs of the ROS messages that this repository imports, for mypy: `python tools/message_stubs.py`.

The Python classes of messages have no types. The stubs in `typings/` are made from the installed messages and are in
the repository, so that types are checked, and editors complete, in the same way where no ROS is installed.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / 'typings'
SOURCES = ('mt3dnet_ros', 'examples', 'benchmark')
OWN = 'mt3dnet_ros.msg'
_KINDS = ('msg', 'srv')
_PRIMITIVES = {'boolean': 'bool', 'octet': 'bytes', 'char': 'int', 'float': 'float', 'double': 'float'}
_HEAD = '# Made by `python tools/message_stubs.py` from the installed messages.\n'

Names = dict[str, set[str]]  # of classes, by module such as 'sensor_msgs.msg'

FIELDS = '''"""How fields of ROS messages are read and set: what is set is copied into a container of their own."""

from array import array
from collections.abc import Collection
from typing import Any, Generic, TypeVar

import numpy as np

N = TypeVar('N', int, float)
T = TypeVar('T')

class Numbers(Generic[N]):
    """A sequence of numbers of any length."""

    def __get__(self, message: Any, kind: type | None = None) -> array[N]: ...
    def __set__(self, message: Any, values: Collection[N]) -> None: ...

class FixedNumbers(Generic[N]):
    """A sequence of so many numbers."""

    def __get__(self, message: Any, kind: type | None = None) -> np.ndarray: ...
    def __set__(self, message: Any, values: Collection[N]) -> None: ...

class Items(Generic[T]):
    """A sequence of anything else."""

    def __get__(self, message: Any, kind: type | None = None) -> list[T]: ...
    def __set__(self, message: Any, values: Collection[T]) -> None: ...
'''


def imported_names(files: Iterable[Path]) -> Names:
    """Return the messages and services that files import when they are loaded; what they try later is left out."""
    names: Names = {}
    for path in files:
        for item in ast.parse(path.read_text(encoding='utf-8')).body:
            if isinstance(item, ast.ImportFrom) and (item.module or '').endswith(('.msg', '.srv')):
                names.setdefault(str(item.module), set()).update(alias.name for alias in item.names)
    return names


def with_own(names: Names) -> Names:
    """Return the names together with all messages of this package."""
    own = {path.stem for path in (ROOT / 'msg').glob('*.msg')}
    return names | {OWN: names.get(OWN, set()) | own}


def with_parts(names: Names) -> Names:
    """Return the names together with those of all messages that they are made of."""
    found: Names = {module: set() for module in names}
    waiting = [(module, name) for module, known in names.items() for name in known]
    while waiting:
        module, name = waiting.pop()
        if name not in found.setdefault(module, set()):
            found[module].add(name)
            for kind in _classes(getattr(import_module(module), name)):
                waiting += filter(None, map(_message_of, kind.get_fields_and_field_types().values()))
    return found


def _classes(kind: Any) -> tuple[Any, ...]:
    """Return a message's class, or those of the request and the response of a service."""
    return (kind.Request, kind.Response) if hasattr(kind, 'Request') else (kind,)


def _element(field_type: str) -> str:
    """Return the type of a field, or of the elements of a sequence: of 'sequence<double, 3>' and 'double[3]' double."""
    return field_type.removeprefix('sequence<').split('[')[0].split(',')[0].removesuffix('>').split('<=')[0]


def _message_of(field_type: str) -> tuple[str, str] | None:
    package, _, name = _element(field_type).rpartition('/')
    return (f'{package}.msg', name) if package else None


def _python_type(field_type: str) -> str:
    element = _element(field_type)
    if '/' in element:
        plain = element.split('/')[1]
    elif element in ('string', 'wstring'):
        plain = 'str'
    else:
        plain = _PRIMITIVES.get(element, 'int')
    if field_type == element or ('<=' in field_type and not field_type.startswith('sequence')):
        return plain
    if plain not in ('int', 'float'):
        return f'Items[{plain}]'
    return f'FixedNumbers[{plain}]' if '[' in field_type else f'Numbers[{plain}]'


def _argument(name: str, python_type: str) -> str:
    kind, _, element = python_type.rstrip(']').partition('[')
    return f'{name}:~{f"Collection[{element}]" if element else kind}~=~...'  # ~: no end of a line here


def _class_lines(name: str, kind: Any) -> Iterator[str]:
    yield f'class {name}:'
    constants = getattr(type(kind), f'_{type(kind).__name__}__constants')
    for constant, value in constants.items():
        yield f'    {constant}: Final[{type(value).__name__}]'
    fields = {name: _python_type(of) for name, of in kind.get_fields_and_field_types().items()}
    for field, python_type in fields.items():
        yield f'    {field}: {python_type}'
    arguments = ', '.join(['self', *(['*'] if fields else []), *map(_argument, fields, fields.values())])
    signature = f'    def __init__({arguments})~->~None:~...'
    wrapped = textwrap.wrap(signature, 120, subsequent_indent=' ' * 8, break_on_hyphens=False)
    yield from (line.replace('~', ' ') for line in wrapped)


def _lines(name: str, kind: Any) -> Iterator[str]:
    if not hasattr(kind, 'Request'):
        yield from _class_lines(name, kind)
        return
    yield f'class {name}:'
    for part in ('Request', 'Response'):
        yield from textwrap.indent('\n'.join(_class_lines(part, getattr(kind, part))), '    ').splitlines()


def module_stub(module: str, names: Iterable[str]) -> str:
    """Return the stub of a module such as ``sensor_msgs.msg``, with these of its classes."""
    kinds = {name: getattr(import_module(module), name) for name in sorted(names)}
    body = '\n\n'.join('\n'.join(_lines(name, kind)) for name, kind in kinds.items()) + '\n'
    others: Names = {}
    for kind in kinds.values():
        for part in _classes(kind):
            for other, name in filter(None, map(_message_of, part.get_fields_and_field_types().values())):
                if other != module:
                    others.setdefault(other, set()).add(name)
    imports = [('collections.abc', ['Collection']), ('typing', ['Final'])]
    imports += [(other, sorted(found)) for other, found in sorted(others.items())]
    imports += [('ros_fields', ['FixedNumbers', 'Items', 'Numbers'])]
    used = [(source, [name for name in found if name in body]) for source, found in imports]
    head = [f'from {source} import {", ".join(found)}' for source, found in used if found]
    return '\n'.join([_HEAD, *head, '', body]) if head else f'{_HEAD}\n{body}'


def all_stubs() -> dict[Path, str]:
    """Return the text of every stub by its path below ``typings``."""
    files = [path for folder in SOURCES for path in sorted((ROOT / folder).rglob('*.py'))]
    stubs = {Path('ros_fields.pyi'): FIELDS}
    for module, names in with_parts(with_own(imported_names(files))).items():
        package, kind = module.split('.')
        if module != OWN:  # that package is in the checkout
            stubs[Path(package, '__init__.pyi')] = _HEAD
        stubs[Path(package, kind, '__init__.pyi')] = module_stub(module, names)
    return stubs


def main() -> None:
    """Write all stubs."""
    for path, text in all_stubs().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
