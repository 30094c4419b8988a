"""Every command that a page shows is one that its program understands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from support.pages import DOCS, blocks, each_page, prose, spans
from support.paths import ROOT
from support.shown_commands import commands, help_of, launch_arguments, problem

OF_OTHER_PACKAGES = {'stereo_rig_name', 'image', 'camera', 'gaze'}  # of dvrk_video, and remappings
PARAMETERS = set(yaml.safe_load((ROOT / 'config' / 'perception.yaml').read_text())['/**']['ros__parameters'])
PARAMETERS |= set(re.findall(r'^\| `(\w+)` \|', (DOCS / 'reference' / 'parameters.md').read_text(), re.MULTILINE))
ROBOT = pytest.mark.parametrize('page', sorted((DOCS / 'robot').glob('*.md')), ids=lambda page: page.name)


def problems(text: str) -> list[str]:
    return [f'{" ".join(words)}: {wrong}' for words in commands(text) if (wrong := problem(words))]


@each_page
def test_commands_in_blocks_are_understood(page: Path) -> None:
    assert [wrong for block in blocks(page, 'bash') for wrong in problems(block.text)] == []


@each_page
def test_commands_in_a_line_are_understood(page: Path) -> None:
    shown = [span for span in spans(page) if re.match(r'(make|python|pip|ros2|torchrun) ', span)]
    assert [wrong for span in shown for wrong in problems(span)] == []


@each_page
def test_options_of_mt3dnet_in_a_line_belong_to_their_command(page: Path) -> None:
    """Not parsed: in a line a command is often shown without what it needs."""
    for span in spans(page):
        if match := re.match(r'mt3dnet ([a-z-]+)(.*)', span):
            assert set(re.findall(r'--[a-z-]+', match[2])) <= {
                '--help',
                *re.findall(r'--[a-z-]+', help_of(match[1])),
            }, span


@each_page
def test_arguments_of_launch_files_exist(page: Path) -> None:
    known = set().union(*(launch_arguments(path.name) for path in (ROOT / 'launch').glob('*.launch.xml')))
    named = set(re.findall(r'(?<![\w/])([a-z_]+):=', page.read_text()))
    assert named - known - PARAMETERS - OF_OTHER_PACKAGES == set()


@each_page
def test_launch_files_exist(page: Path) -> None:
    named = set(re.findall(r'(?<!dvrk_video )(?<!dvrk_data )(?<!bridge )\b([a-z]+\.launch\.xml)', page.read_text()))
    assert [name for name in named if not (ROOT / 'launch' / name).is_file()] == []


@ROBOT
def test_settings_are_parameters(page: Path) -> None:
    """A setting is written as `name: value`; what diagnostics and files say is listed here."""
    said = {'calibration', 'scale', 'unconfigured', 'inactive', 'transform', 'parent_frame', 'child_frame'}
    assert set(re.findall(r'`([a-z_]+): ', prose(page))) - said <= PARAMETERS


@pytest.mark.parametrize(
    'shown',
    [
        'mt3dnet predict picture.jpg',  # without --output
        'mt3dnet predict picture.jpg --output out --wrong',
        'mt3dnet evaluate --dataset endovis1999 --data DIR --output out',
        'mt3dnet train --config config/train/default.yaml datum=x',
        'mt3dnet train --config config/train/missing.yaml data=x',
        'make demonstration',
        'make demo VIDEOS=x',
        'ros2 launch mt3dnet_ros missing.launch.xml',
        'ros2 launch mt3dnet_ros stereo.launch.xml rig:=x',
        'ros2 param set /perception gaze_time 1.0',
        'python -m mt3dnet_ros.missing',
        'python benchmark/missing.py',
        'python benchmark/realism.py --wrong',
        "pip install '.[missing]'",
        'torchrun -m mt3dnet_ros.missing train',
        'for split in a b; do mt3dnet make-saliency --split $split; done',
        'cd x && missing',
    ],
)
def test_a_wrong_command_is_found(shown: str) -> None:
    assert problems(shown) != []
