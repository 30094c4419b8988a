"""The workflows for GitHub, which do not run here: what can be told from their text."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.paths import ROOT

WORKFLOWS = sorted((ROOT / '.github/workflows').iterdir())
each_workflow = pytest.mark.parametrize('path', WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> dict[Any, Any]:
    """Return a workflow; YAML 1.1, which PyYAML reads, takes the key `on` for True."""
    return yaml.safe_load(path.read_text())


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the steps of a workflow's jobs."""
    for job in read(path)['jobs'].values():
        yield from job['steps']


def scripts(path: Path) -> list[str]:
    """Return the scripts of a workflow as bash gets them, with a word for each expression of GitHub's."""
    return [re.sub(r'\$\{\{.*?\}\}', 'expression', step['run']) for step in steps(path) if 'run' in step]


def make_calls(path: Path) -> list[str]:
    """Return the lines of a workflow that call make."""
    return [line.strip() for script in scripts(path) for line in script.splitlines() if re.match(r'\s*make\b', line)]


def test_lint_and_tests_the_wheel_and_colcon_have_a_workflow() -> None:
    assert {read(path)['name'] for path in WORKFLOWS} == {'lint and tests', 'wheel', 'colcon'}


@each_workflow
def test_a_workflow_runs_for_what_is_merged_and_for_what_is_proposed(path: Path) -> None:
    assert set(read(path)[True]) == {'push', 'pull_request'}


@each_workflow
def test_a_workflow_may_only_read_and_ends(path: Path) -> None:
    workflow = read(path)
    assert workflow['permissions'] == {'contents': 'read'}
    assert all(job['runs-on'] and 0 < job['timeout-minutes'] <= 120 for job in workflow['jobs'].values())


@each_workflow
def test_every_step_runs_a_script_or_an_action_of_a_fixed_version(path: Path) -> None:
    assert all(('run' in step) != ('uses' in step) for step in steps(path))
    used = [step['uses'] for step in steps(path) if 'uses' in step]
    assert [action for action in used if not re.fullmatch(r'[\w-]+/[\w-]+@v\d+\.\d+\.\d+', action)] == []


@each_workflow
def test_every_value_that_an_expression_takes_from_the_matrix_is_in_it(path: Path) -> None:
    for job in read(path)['jobs'].values():
        named = set(re.findall(r'matrix\.(\w+)', str(job)))
        assert named == set(job.get('strategy', {}).get('matrix', {}))


@each_workflow
def test_every_script_is_bash(path: Path) -> None:
    assert read(path)['defaults']['run']['shell'] == 'bash'
    for script in scripts(path):
        checked = subprocess.run(['bash', '-n'], input=script, capture_output=True, text=True)
        assert checked.returncode == 0, f'{checked.stderr}\n{script}'


@each_workflow
def test_make_knows_every_target_that_is_called(path: Path) -> None:
    for call in make_calls(path):
        planned = subprocess.run(['bash', '-c', f'{call} --dry-run'], cwd=ROOT, capture_output=True, text=True)
        assert planned.returncode == 0, planned.stderr


def test_make_does_what_it_can() -> None:
    called = {call.split()[1] for path in WORKFLOWS for call in make_calls(path)}
    assert called == {'test', 'wheel'}


def test_ros_is_tested_in_distributions_that_readme_names() -> None:
    (job,) = read(ROOT / '.github/workflows/colcon.yml')['jobs'].values()
    readme = (ROOT / 'README.md').read_text()
    assert [name for name in job['strategy']['matrix']['ros'] if name.capitalize() not in readme] == []


def test_every_workflow_says_that_it_was_not_run() -> None:
    section = (ROOT / 'CONTRIBUTING.md').read_text().split('## Workflows')[1].split('\n## ')[0]
    assert 'have not been run' in section
    assert [path.name for path in WORKFLOWS if '# Not run yet' not in path.read_text()] == []
