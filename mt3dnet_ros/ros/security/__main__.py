"""The SROS 2 policy of nodes: ``python -m mt3dnet_ros.ros.security perception --remap image:=/camera/image``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mt3dnet_ros.errors import InputError, MT3DNetError
from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES
from mt3dnet_ros.ros.parameters.table import parameter_table
from mt3dnet_ros.ros.security.keystore import make_keystore
from mt3dnet_ros.ros.security.names import NodeNames
from mt3dnet_ros.ros.security.policy import NodePolicy, policy_text
from mt3dnet_ros.ros.security.wiring import wiring_of
from mt3dnet_ros.ros.topics.nodes import NODE_TOPICS
from mt3dnet_ros.yaml_text import YamlError, parse_yaml, read_yaml

_SIM_TIME = 'use_sim_time'


def main(words: list[str] | None = None) -> int:
    """Print a policy, or make a keystore of it; return the exit status."""
    arguments = _parser().parse_args(words)
    try:
        text = policy_text(_profile(node, arguments) for node in arguments.nodes or NODE_TOPICS)
        if arguments.keystore is not None:
            make_keystore(arguments.keystore, text)
            return 0
    except (MT3DNetError, ValueError) as error:  # the latter of a value that a parameter cannot have
        print(f'error: {error}', file=sys.stderr)
        return 1
    sys.stdout.write(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='python -m mt3dnet_ros.ros.security', description=__doc__)
    add = parser.add_argument
    add('nodes', nargs='*', choices=[[], *NODE_TOPICS], metavar='NODE', help='perception, ...; none: every node')
    add('--name', help='name of the node, where it has another; of one NODE')
    add('--namespace', default='/', help='namespace of the nodes')
    add('--remap', action='append', default=[], metavar='FROM:=TO', help='as behind -r on the command line')
    add('--parameter', action='append', default=[], metavar='NAME:=VALUE', help='as behind -p; the value in YAML')
    add('--params-file', type=Path, help='YAML file of parameters, as the node is given')
    add('--keystore', type=Path, help='folder of keys and permissions to make, by the sros2 of a ROS installation')
    add('--enclave', help='enclave of all nodes; without it each has one by its full name')
    return parser


def _profile(kind: str, arguments: argparse.Namespace) -> NodePolicy:
    if arguments.name and len(arguments.nodes) != 1:
        raise InputError('--name is of one node; name that node alone')
    namespace = f'/{arguments.namespace.strip("/")}'
    names = NodeNames(arguments.name or kind, namespace, dict(map(_pair, arguments.remap)))
    given = _from_file(arguments.params_file, names) if arguments.params_file else {}
    given |= {name: _value(text) for name, text in map(_pair, arguments.parameter)}
    rows = parameter_table(NODE_TABLES[kind])
    known = {row.name.replace('.', '__'): row.read(given.get(row.name, row.default)) for row in rows}
    wiring = wiring_of(kind, names, NODE_TABLES[kind](**known), bool(given.get(_SIM_TIME)))
    return NodePolicy(arguments.enclave or names.full_name, names, wiring)


def _pair(text: str) -> tuple[str, str]:
    first, separator, second = text.partition(':=')
    if not (first and separator):
        raise InputError(f"'{text}' must look like name:=value")
    return first, second


def _value(text: str) -> Any:
    try:
        return parse_yaml(text)
    except YamlError as error:
        raise InputError(f"the value '{text}' is no YAML: {error}") from error


def _from_file(path: Path, names: NodeNames) -> dict[str, Any]:
    """Return the parameters that a file has for a node, by their names with dots."""
    try:
        content = read_yaml(path)
        groups = [content[key]['ros__parameters'] for key in ('/**', names.node, names.full_name) if key in content]
        return {name: value for group in groups for name, value in _flat(group.items())}
    except (OSError, YamlError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"parameter file '{path}' cannot be read: {error}") from error


def _flat(items: Iterable[tuple[Any, Any]], before: str = '') -> Iterable[tuple[str, Any]]:
    for name, value in items:
        if isinstance(value, Mapping):
            yield from _flat(value.items(), f'{before}{name}.')
        else:
            yield f'{before}{name}', value


if __name__ == '__main__':
    raise SystemExit(main())
