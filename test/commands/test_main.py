"""The command's table, and recipes by their names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.paths import ROOT

from mt3dnet_ros.commands import main as main_module
from mt3dnet_ros.commands.arguments import recipe_path, shipped_recipes
from mt3dnet_ros.commands.main import COMMANDS, main

SHARED = {'__init__', '__main__', 'arguments', 'main'}


def test_every_command_has_a_module_of_its_name_and_every_module_a_command() -> None:
    modules = {path.stem for path in (ROOT / 'mt3dnet_ros/commands').glob('*.py')} - SHARED
    assert modules == {name.replace('-', '_') for name in COMMANDS}


def test_help_lists_commands_with_the_extras_that_they_need(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match='0'):
        main(['--help'])
    words = capsys.readouterr().out.split()
    assert COMMANDS.keys() <= set(words)
    assert {f'[{command.extra}]' for command in COMMANDS.values() if command.extra} <= set(words)


@pytest.mark.parametrize('text', ['default', 'default.yaml', 'config/train/default.yaml'])
def test_recipe_that_ships_is_found_by_its_name_anywhere(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert recipe_path(text) == ROOT / 'config/train/default.yaml'


@pytest.mark.parametrize('text', ['default.yaml', 'config/train/default.yaml'])
def test_file_of_the_user_goes_before_one_that_ships(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(text).parent.mkdir(parents=True, exist_ok=True)
    Path(text).write_text('steps: 1')
    assert recipe_path(text) == Path(text)


@pytest.mark.parametrize('text', ['none', 'elsewhere/default.yaml'])
def test_unknown_recipe_is_refused_with_those_that_ship(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match='2'):
        main(['train', '--config', text])
    printed = capsys.readouterr().err
    assert f"there is no file '{text}'" in printed and all(name in printed for name in shipped_recipes())


@pytest.mark.parametrize('options', [['--colour', 'red'], ['stray']])
def test_an_unknown_option_is_reported_with_the_usage_of_its_command(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match='2'):
        main(['card', 'net.safetensors', *options])
    printed = capsys.readouterr().err
    assert printed.startswith('usage: mt3dnet card')
    assert f'mt3dnet card: error: unrecognized arguments: {" ".join(options)}' in printed


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Return the writer of a reader of one's own, which gives the command that uses it."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(text: str) -> list[str]:
        module = f'reader_{abs(hash(text))}'
        (tmp_path / f'{module}.py').write_text(text)
        return ['evaluate', '--dataset', f'{module}:read', '--data', str(tmp_path), '--output', str(tmp_path / 'out')]

    return write


@pytest.mark.parametrize(
    ('text', 'problem'),
    [
        ('import coco_of_mine', "its module needs 'coco_of_mine', which is not installed; install it"),
        ('def read(folder, split):\n    import coco_of_mine', "module 'coco_of_mine' is not installed, which "),
        (
            'def read(folder, split):\n    return []',
            'returned a list, which has no names, taxonomy; it must return a Fr',
        ),
        ('def read(folder, split):\n    pass', 'returned a NoneType, which has no names'),
        ('def read(folder):\n    pass', 'must take the folder and the split: too many positional arguments'),
        ('read = 3', "has no function 'read'"),
    ],
    ids=['import at the top', 'import at work', 'list', 'nothing', 'one argument', 'number'],
)
def test_faults_of_a_reader_of_ones_own_are_named_as_its_own(
    reader: Callable[[str], list[str]], text: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(reader(text)) == 1
    printed = capsys.readouterr().err
    assert problem in printed and 'mt3dnet_ros[' not in printed and printed.count('\n') == 1


def test_a_module_that_this_package_needs_is_still_a_missing_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    module = {'__name__': 'mt3dnet_ros.evaluation.plots'}
    exec('def run(arguments):\n    import no_such_plots', module)
    monkeypatch.setattr('mt3dnet_ros.commands.evaluate.run', module['run'])
    assert main(['evaluate', '--dataset', 'rendered', '--data', str(tmp_path), '--output', str(tmp_path)]) == 1
    assert "no_such_plots is not installed: pip install 'mt3dnet_ros[evaluate]'" in capsys.readouterr().err


def test_what_data_lack_is_said_in_a_line(
    reader: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        'import warnings\nfrom mt3dnet_ros.datasets.frames import DatasetError, DatasetWarning\n'
        'def read(folder, split):\n    warnings.warn("a gap", DatasetWarning)\n    raise DatasetError("the end")\n'
    )
    assert main(reader(text)) == 1
    assert capsys.readouterr().err == 'mt3dnet evaluate: warning: a gap\nmt3dnet evaluate: the end\n'


def test_help_of_training_lists_the_recipes_that_ship(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match='0'):
        main(['train', '--help'])
    listed = capsys.readouterr().out.replace('\n', ' ')
    assert 'default' in shipped_recipes() and all(name in listed for name in shipped_recipes())


@pytest.mark.parametrize('module', ['mt3dnet_ros.commands', 'mt3dnet_ros.commands.main'])
def test_modules_run_the_command(module: str) -> None:
    ended = subprocess.run([sys.executable, '-m', module, 'no-such-command'], capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 2
    assert "invalid choice: 'no-such-command'" in ended.stderr


def test_data_set_of_ones_own_may_be_named_and_an_unknown_one_is_refused_with_the_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ['--data', str(tmp_path), '--output', str(tmp_path)]
    assert main(['evaluate', '--dataset', 'no_such_module:read', *where]) == 1
    assert "reader 'no_such_module:read' of a data set cannot be imported" in capsys.readouterr().err
    with pytest.raises(SystemExit, match='2'):
        main(['evaluate', '--dataset', 'cholec80', *where])
    assert "'cholec80' is none of endovis2017" in capsys.readouterr().err


def test_interrupt_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main_module, '_module', interrupt)
    assert main(['card']) == 130
    assert capsys.readouterr().err == '\nmt3dnet: interrupted\n'


def test_python_runs_the_package_as_the_command() -> None:
    run = subprocess.run([sys.executable, '-m', 'mt3dnet_ros', '--help'], capture_output=True, text=True, check=True)
    assert run.stdout.startswith('usage: mt3dnet ')
    assert 'predict' in run.stdout
