"""The command's table, and recipes by their names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

from mt3dnet_ros.commands import main as main_module
from mt3dnet_ros.commands.arguments import recipe_path, shipped_recipes
from mt3dnet_ros.commands.main import COMMANDS, main

SHARED = {'__init__', '__main__', 'arguments', 'main', 'network'}


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
def test_unknown_recipe_is_named_by_what_reads_it(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert recipe_path(text) == Path(text)
    assert main(['train', '--config', text]) == 1
    assert f"recipe '{text}' cannot be read" in capsys.readouterr().err


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
