"""Whether a command that a page shows would be understood, without running it."""

from __future__ import annotations

import argparse
import io
import re
import runpy
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch
from xml.etree import ElementTree

import yaml
from support.paths import ROOT

# First words of commands that are not ours: they are not looked into.
OF_OTHERS = frozenset(
    'cd colcon curl done export fastdds for git rosdep rviz2 sed source srun ssh tensorboard touch'.split()  # noqa: SIM905
)
PREFIXES = ('do', 'then')
PARAMETER_FILES = {'/perception': 'config/perception.yaml', '/camera_guidance': 'config/guidance.yaml'}


class _ParsedError(Exception):
    """The command line was understood; nothing is to be run."""


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of every command of a shell script."""
    joined = re.sub(r'\\\n', ' ', text)
    for line in re.sub(r'<[a-z ]+>', 'PLACEHOLDER', joined).splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=';&|<>')
        lexer.whitespace_split = True
        lexer.commenters = '#' if re.match(r'\s*#|.*\s#', line) else ''
        words: list[str] = []
        tokens = iter([*lexer, ';'])
        for word in tokens:
            if set(word) <= set('<>'):
                next(tokens)  # the file
            elif set(word) <= set(';&|'):
                if words and not all(re.match(r'\w+=', each) for each in words):
                    yield words
                words = []
            elif words or word not in PREFIXES:
                words.append(word)


def problem(words: Sequence[str]) -> str:
    """Return what is wrong with a command; empty where nothing is."""
    first, *rest = words
    if first in OF_OTHERS:
        return ''
    if first in _KNOWN:
        return _KNOWN[first](rest)
    return '' if (ROOT / 'scripts' / first).is_file() else f"'{first}' is no command of ours"


def _problem_of_mt3dnet(words: Sequence[str]) -> str:
    """Let the command parse its line; recipes must have the keys, and be where they are said to be."""
    errors = io.StringIO()
    parse = argparse.ArgumentParser.parse_args

    def stop_when_parsed(*arguments, **options):
        parse(*arguments, **options)
        raise _ParsedError

    with patch.object(argparse.ArgumentParser, 'parse_args', stop_when_parsed), redirect_stderr(errors):
        try:
            return errors.getvalue() if run_mt3dnet(*words) else ''
        except _ParsedError:
            return _problem_of_recipe(words)


def _problem_of_recipe(words: Sequence[str]) -> str:
    keys = [match[1] for word in words[1:] if (match := re.match(r'(\w+)=', word))]
    known = re.findall(r'^(\w+)(?: = .*)?$', help_of(words[0]), re.MULTILINE) if keys else []
    missing = [word for word in words if re.match(r'config/.*\.(yaml|mp4)$', word) and not (ROOT / word).is_file()]
    return ', '.join([f'no key {key}' for key in keys if key not in known] + [f'no file {name}' for name in missing])


def run_mt3dnet(*words: str) -> int:
    """Run the command in this process and return its exit status."""
    with patch.object(sys, 'argv', ['mt3dnet', *words]):
        try:
            runpy.run_path(str(ROOT / 'scripts' / 'mt3dnet'), run_name='__main__')
        except SystemExit as end:
            return int(end.code or 0)
    raise AssertionError('scripts/mt3dnet does not end with an exit status')


@cache
def help_of(*words: str) -> str:
    """Return what ``mt3dnet ... --help`` prints."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert run_mt3dnet(*words, '--help') == 0
    return printed.getvalue()


def _problem_of_make(words: Sequence[str]) -> str:
    makefile = (ROOT / 'Makefile').read_text()
    targets, variables = set(re.findall(r'^([a-z-]+):', makefile, re.M)), set(re.findall(r'\$\(([A-Z]+)\)', makefile))
    unknown = [word for word in words if word.split('=')[0] not in (variables if '=' in word else targets)]
    return f'the Makefile has no {", ".join(unknown)}' if unknown else ''


def _problem_of_ros2(words: Sequence[str]) -> str:
    match list(words):
        case ['launch', 'mt3dnet_ros', file, *arguments]:
            return _problem_of_launch(file, arguments)
        case ['run', 'mt3dnet_ros', node, *_]:
            return '' if (ROOT / 'scripts' / node).is_file() else f'there is no node {node}'
        case ['param', 'set', node, name, _]:
            parameters = yaml.safe_load((ROOT / PARAMETER_FILES[node]).read_text())['/**']['ros__parameters']
            return '' if name in parameters else f'{node} has no parameter {name}'
        case ['launch' | 'run', *_] | ['topic' | 'service' | 'param' | 'lifecycle' | 'bag' | 'security', *_]:
            return ''
    return 'unknown to us'


@cache
def launch_arguments(file: str) -> set[str]:
    """Return the arguments that a launch file declares."""
    return {argument.attrib['name'] for argument in ElementTree.parse(ROOT / 'launch' / file).getroot().findall('arg')}


def _problem_of_launch(file: str, arguments: Sequence[str]) -> str:
    if not (ROOT / 'launch' / file).is_file():
        return f'there is no launch file {file}'
    given = {argument.partition(':=')[0] for argument in arguments}
    unknown = given - launch_arguments(file) - {'--show-args'}
    return f'{file} has no argument {", ".join(sorted(unknown))}' if unknown else ''


def _problem_of_python(words: Sequence[str]) -> str:
    match list(words):
        case ['-m', 'venv' | 'pytest' | 'http.server', *_]:
            return ''
        case ['-m', module, *rest]:
            spec = find_spec(module)
            if spec is None or spec.origin is None:
                return f'there is no module {module}'
            return _unknown_flags(Path(spec.origin), rest)
        case [script, *rest]:
            return _unknown_flags(ROOT / script, rest) if (ROOT / script).is_file() else f'there is no {script}'
    return 'nothing to run'


def _unknown_flags(script: Path, words: Sequence[str]) -> str:
    """Return the flags that neither a script nor its neighbours declare."""
    declared = ''.join(path.read_text() for path in script.parent.glob('*.py'))
    unknown = [word for word in words if word.startswith('--') and f"'{word}'" not in declared]
    return f'{script.name} has no {", ".join(unknown)}' if unknown else ''


def _problem_of_pip(words: Sequence[str]) -> str:
    extras = {extra for word in words for group in re.findall(r'^\.\[(.*)\]$', word) for extra in group.split(',')}
    unknown = [extra for extra in sorted(extras) if f"'{extra}': " not in (ROOT / 'setup.py').read_text()]
    return f'setup.py has no extra {", ".join(unknown)}' if unknown else ''


def _problem_after(option: str, words: Sequence[str]) -> str:
    """Look at the module of ours that another program runs, and at what it is told."""
    module, *rest = words[list(words).index(option) + 1 :]
    return _problem_of_mt3dnet(rest) if find_spec(module) else f'there is no module {module}'


_KNOWN: dict[str, Callable[[Sequence[str]], str]] = {
    'make': _problem_of_make,
    'mt3dnet': _problem_of_mt3dnet,
    'pip': _problem_of_pip,
    'python': _problem_of_python,
    'python3': _problem_of_python,
    'ros2': _problem_of_ros2,
    'torchrun': partial(_problem_after, '-m'),
}
