"""YAML that others wrote: read so that no text can hang the reader, fill its memory, or make objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from mt3dnet_ros.errors import MT3DNetError

MOST_BYTES = 2_000_000  # of a file
_LARGEST = 2**63  # whole number
_MOST_VALUES = 100_000  # of a text, each as often as an alias repeats it


class YamlError(MT3DNetError, yaml.YAMLError):
    """A text that is no YAML, or more of it than anybody writes.

    :param line: on which that shows, from 1; 0 where it is not known
    :param problem: the message in short, without the place
    """

    def __init__(self, message: str, line: int = 0, problem: str = '') -> None:
        super().__init__(message)
        self.line = line
        self.problem = problem or message


def read_yaml(path: str | Path) -> Any:
    """Return what a YAML file says.

    :raises OSError: it cannot be read
    :raises YamlError: it is no YAML, no file, too large, or its aliases stand for too much
    """
    path = Path(path)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise YamlError('this is a device or a pipe; name a file')
    with path.open('rb') as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise YamlError(f'the file has more than {MOST_BYTES / 1e6:g} MB, as no such file has; name another')
    try:
        text = content.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise YamlError(f'this is no text in UTF-8 ({error})') from error
    return parse_yaml(text)


def parse_yaml(text: str) -> Any:
    """Return what a YAML text says.

    :raises YamlError: it is no YAML, or its aliases stand for too much
    """
    node = compose_yaml(text)
    loader = _CountingLoader('')
    try:
        return None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        raise _translated(error) from error
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:  # as of the 45th of a month
        raise YamlError(f'a value cannot be read: {error}') from error
    finally:
        loader.dispose()


def compose_yaml(text: str) -> yaml.Node | None:
    """Return the nodes of the only document of a text; None where it is empty.

    :raises YamlError: it is no YAML, or its aliases stand for too much
    """
    try:
        node = yaml.compose(text, Loader=_CountingLoader)
        values = 0 if node is None else _count_values(node, {})
    except YamlError:
        raise
    except yaml.YAMLError as error:
        raise _translated(error) from error
    except (RecursionError, ValueError, OverflowError) as error:
        raise YamlError(f'it is nested too deeply, or no YAML ({error})') from error
    if values > _MOST_VALUES:
        raise YamlError(f'its aliases stand for more than {_MOST_VALUES} values; write it without them')
    return node


class _CountingLoader(yaml.SafeLoader):
    """Ends where there are more values than anybody writes, before all have been read."""

    count = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.count += 1
        if self.count > _MOST_VALUES:
            raise YamlError(f'it has more than {_MOST_VALUES} values, as no such file has; name another')
        return super().compose_node(parent, index)


def _whole_number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    number = loader.construct_yaml_int(node)
    if abs(number) > _LARGEST:
        raise YamlError(f'a number of {len(node.value)} digits is none of anything', node.start_mark.line + 1)
    return number


_CountingLoader.add_constructor('tag:yaml.org,2002:int', _whole_number)


def _count_values(node: yaml.Node, known: dict[int, int]) -> int:
    """Return how many values a node stands for where each alias is written out.

    :param known: of the nodes that were counted, by their ids; 0 while they are
    """
    if id(node) in known:
        if not known[id(node)]:
            raise YamlError('an alias stands for what contains it; write it without')
        return known[id(node)]
    known[id(node)] = 0
    children: list[yaml.Node] = []
    if isinstance(node, yaml.SequenceNode):
        children = node.value
    elif isinstance(node, yaml.MappingNode):
        children = [child for pair in node.value for child in pair]
    known[id(node)] = 1 + sum(_count_values(child, known) for child in children)
    return known[id(node)]


def _translated(error: yaml.YAMLError) -> YamlError:
    mark = getattr(error, 'problem_mark', None) or getattr(error, 'context_mark', None)
    return YamlError(str(error), mark.line + 1 if mark else 0, getattr(error, 'problem', None) or '')
