"""One base class of all errors of the package, and the command that catches it."""

from __future__ import annotations

import ast
import builtins
import re
from importlib import import_module

import pytest
from support.paths import ROOT

from mt3dnet_ros.commands import main as command
from mt3dnet_ros.errors import InputError, MissingExtraError, MissingFileError, MT3DNetError, needs_extra, shown_values

CLASSES = {name: value for name, value in vars(builtins).items() if isinstance(value, type)}
BUILT_IN = {name for name, value in CLASSES.items() if issubclass(value, Exception) and not issubclass(value, Warning)}


def classes_with_bases() -> dict[str, set[str]]:
    """Return every class of the package, as folder/file.py:Name, with the names of its bases."""
    found = {}
    for path in sorted((ROOT / 'mt3dnet_ros').rglob('*.py')):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base).rpartition('.')[2] for base in node.bases}
                found[f'{path.relative_to(ROOT)}:{node.name}'] = bases
    return found


def heirs(classes: dict[str, set[str]], of: set[str]) -> set[str]:
    """Return the classes that derive from named ones, directly or not."""
    names, size = set(of), 0
    while size != len(names):
        size = len(names)
        names |= {place.rpartition(':')[2] for place, bases in classes.items() if bases & names}
    return {place for place, bases in classes.items() if bases & names}


def test_every_error_of_the_package_derives_from_its_base() -> None:
    classes = classes_with_bases()
    errors = heirs(classes, BUILT_IN | {'MT3DNetError'}) - {'mt3dnet_ros/errors.py:MT3DNetError'}
    assert len(errors) > 30
    assert errors - heirs(classes, {'MT3DNetError'}) == set()


@pytest.mark.parametrize(
    ('error', 'kind'),
    [(InputError, ValueError), (MissingFileError, FileNotFoundError), (MissingExtraError, ImportError)],
)
def test_an_error_is_also_what_python_calls_it(error: type[MT3DNetError], kind: type[Exception]) -> None:
    assert issubclass(error, kind)


def run_command(monkeypatch: pytest.MonkeyPatch, raised: Exception) -> int:
    """Run a command of which the work raises an error."""

    def fail(arguments: object) -> int:
        raise raised

    monkeypatch.setattr('mt3dnet_ros.commands.card.run', fail)
    return command.main(['card'])


@pytest.mark.parametrize('raised', [MT3DNetError('no such thing'), PermissionError('no such thing')])
def test_command_prints_an_error_in_one_line(
    raised: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(monkeypatch, raised) == 1
    assert capsys.readouterr().err == 'mt3dnet card: no such thing\n'


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match='a bug'):
        run_command(monkeypatch, ValueError('a bug'))


def test_missing_extra_is_named() -> None:
    remedy = re.escape("no_such_module is not installed: pip install 'mt3dnet_ros[render]'")
    with pytest.raises(MissingExtraError, match=f'^{remedy}$'), needs_extra('render'):
        import_module('no_such_module.part')


def test_the_innermost_extra_is_the_one_that_is_named() -> None:
    with pytest.raises(MissingExtraError, match='render'), needs_extra('train'), needs_extra('render'):
        import_module('no_such_module')


def test_a_missing_module_of_the_package_is_no_missing_extra() -> None:
    with pytest.raises(ModuleNotFoundError, match='no_such_module'), needs_extra('train'):
        import_module('mt3dnet_ros.no_such_module')


def test_a_message_has_no_control_codes_and_is_never_longer_than_a_page() -> None:
    assert str(MT3DNetError('what\n\tit is: \x1b[2J\u202e\ud800 größer')) == (
        'what\n\tit is: \\x1b[2J\\u202e\\ud800 größer'
    )
    long = str(MT3DNetError('begin ' + 'x' * 1_000_000 + ' end'))
    assert len(str(MT3DNetError('\x01' * 5_000))) < 2_500
    assert len(long) < 2_500 and long.startswith('begin xx') and long.endswith('xx end')


def test_of_a_list_a_message_has_the_first_values_alone() -> None:
    assert shown_values(['a', 2.5, None]) == str(['a', 2.5, None])
    name = 'n' * 100_000
    text = shown_values([name] * 100_000)  # 10 GB as one text
    assert len(text) < 2_500 and text.startswith("['nnn") and text.endswith(', and 99984 more]')
