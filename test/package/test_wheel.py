"""The wheel, installed outside of the checkout: it holds what it needs, and each command works with its extra."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import cv2
import pytest
from support.paths import ROOT
from support.wheel_environment import WheelEnvironment, build_wheel

from mt3dnet_ros.commands.main import COMMANDS

Environments = Callable[..., WheelEnvironment]
SMALL = ('input_size=[64, 96]', 'decoder_channels=16', 'batch_size=1', 'steps=1', 'warmup_steps=1', 'processes=1')
QUICK = ('validate_every=1', 'validation_frames=1', 'precision=32-true', 'accelerator=cpu')

HELP = """
import sys
from mt3dnet_ros.commands.main import COMMANDS, main
for name in COMMANDS:
    try:
        main([name, '--help'])
    except SystemExit as end:
        assert end.code == 0, name
"""

# Without its extra, each of these says in one line what is missing.
WITHOUT_EXTRA = {
    'render': ['--output', 'out'],
    'render-clip': ['--output', 'out'],
    'prepare-depth': ['--images', '.', '--limits', '0.02', '0.3', '--teacher', 'teacher', '--output', 'out'],
    'train': ['--config', 'default', 'data=data', 'output=out'],
    'train-saliency': ['--config', 'saliency_rendered', 'data=data', 'saliency=maps', 'output=out'],
    'evaluate': ['--dataset', 'rendered', '--data', 'data', '--output', 'out'],
    'calibrate': ['--dataset', 'rendered', '--data', 'data', '--output', 'out'],
    'make-checkpoint': ['--output', 'out'],
    'export': ['--output', 'out'],
    'reconstruct': ['film.mp4', '--calibration', 'camera.yaml', '--output', 'out'],
    'view': ['recording'],
}
MISSING = """
import json, sys
from mt3dnet_ros.commands.main import main
for name, arguments in json.loads(sys.argv[1]).items():
    assert main([name, *arguments]) == 1
"""


@pytest.fixture(scope='module')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the wheel that is built from this checkout."""
    return build_wheel(tmp_path_factory.mktemp('wheel'))


@pytest.fixture(scope='module')
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environments:
    """Return a function that gives an environment with the wheel and some of its extras."""
    made: dict[tuple[str, ...], WheelEnvironment] = {}

    def make(*extras: str) -> WheelEnvironment:
        if extras not in made:
            made[extras] = WheelEnvironment(tmp_path_factory.mktemp('environment'), wheel, extras)
        return made[extras]

    return make


@pytest.fixture(scope='module')
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of picture.jpg, a frame of the clip that ships."""
    path = tmp_path_factory.mktemp('picture') / 'picture.jpg'
    clip = cv2.VideoCapture(str(ROOT / 'config/demo/clip.mp4'))
    clip.set(cv2.CAP_PROP_POS_FRAMES, 60)
    assert cv2.imwrite(str(path), clip.read()[1])
    return path


@pytest.fixture(scope='module')
def rendered(environment: Environments, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data set that the wheel rendered."""
    folder = tmp_path_factory.mktemp('rendered')
    counts = ['--train', '1', '--val', '1', '--test', '1', '--width', '96', '--height', '64', '--processes', '1']
    done = environment('render').run('mt3dnet', 'render', '--output', 'data', *counts, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / 'data'


def test_wheel_holds_the_files_that_ship(wheel: Path) -> None:
    held = set(ZipFile(wheel).namelist())
    shipped = {f'mt3dnet_ros/{path.relative_to(ROOT)}' for path in (ROOT / 'config').rglob('*') if path.is_file()}
    assert shipped <= held and len(shipped) > 20
    assert 'mt3dnet_ros/py.typed' in held
    assert {'LICENSE', 'NOTICE'} <= {name.rpartition('/')[2] for name in held if '/licenses/' in name}


def without_numbers(text: str) -> str:
    """Return a text without what differs from one processor to the next."""
    return re.sub(r'\d+', '#', text)


def test_snippet_of_the_docs_runs(environment: Environments, picture: Path) -> None:
    (page,) = (ROOT / 'docs').rglob('python.md')
    (snippet, *_) = re.findall(r'```python\n(.*?)```', page.read_text(), re.DOTALL)
    where = 'import mt3dnet_ros.resources as r; print(r.__file__, r.package_file("config"), sep="\\n")'
    done = environment().run('python', '-c', f'{snippet}\n{where}', cwd=picture.parent)
    assert done.returncode == 0, done.stderr
    shown = re.search(r'```text\n(scene .*?)```', page.read_text(), re.DOTALL)
    assert shown and without_numbers(done.stdout).startswith(without_numbers(shown[1]))
    *_, module, config = done.stdout.splitlines()
    assert module.startswith(str(environment().site)) and config.startswith(str(environment().site))


def test_predict_works_on_a_picture(environment: Environments, picture: Path, tmp_path: Path) -> None:
    done = environment().run('mt3dnet', 'predict', str(picture), '--output', 'out', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(json.loads((tmp_path / 'out/detections.json').read_text())) >= 1
    assert (tmp_path / 'out/depth/picture.tiff').is_file()


def test_every_command_helps_without_any_extra(environment: Environments, tmp_path: Path) -> None:
    done = environment().run('python', '-c', HELP, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('usage: mt3dnet') == len(COMMANDS)


def test_card_is_printed(environment: Environments, tmp_path: Path) -> None:
    done = environment().run('mt3dnet', 'card', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert 'taxonomy: endovis2018' in done.stdout


def test_a_missing_extra_is_named_in_one_line(environment: Environments, picture: Path, tmp_path: Path) -> None:
    (tmp_path / 'teacher').mkdir()
    for name in ('config.json', 'preprocessor_config.json'):
        (tmp_path / 'teacher' / name).write_text('{}')
    (tmp_path / 'image.jpg').symlink_to(picture)
    assert {name for name, command in COMMANDS.items() if command.extra} == WITHOUT_EXTRA.keys()
    done = environment().run('python', '-c', MISSING, json.dumps(WITHOUT_EXTRA), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith('mt3dnet ')]
    remedies = {name: f"is not installed: pip install 'mt3dnet_ros[{COMMANDS[name].extra}]'" for name in WITHOUT_EXTRA}
    assert len(said) == len(remedies) == len(done.stderr.splitlines())
    for line, (name, remedy) in zip(said, remedies.items(), strict=True):
        assert line.startswith(f'mt3dnet {name}: ') and line.endswith(remedy)


def test_train_works_with_its_extra(environment: Environments, rendered: Path, tmp_path: Path) -> None:
    values = [f'data={rendered}', 'output=run', *SMALL, *QUICK]
    done = environment('train').run('mt3dnet', 'train', '--config', 'default', *values, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / 'run/mt3dnet.safetensors').is_file()


def test_evaluate_works_with_its_extra(environment: Environments, rendered: Path, tmp_path: Path) -> None:
    arguments = ['--dataset', 'rendered', '--data', str(rendered), '--output', 'report']
    done = environment('evaluate').run('mt3dnet', 'evaluate', *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert 'instrument dice' in done.stdout and (tmp_path / 'report/report.md').is_file()


@pytest.mark.timeout(600)  # exporting takes seconds of a core, and minutes beside other work
def test_export_works_with_its_extra(environment: Environments, tmp_path: Path) -> None:
    small = ['--format', 'onnx', '--input-size', '64', '64']
    done = environment('export').run('mt3dnet', 'export', '--output', 'out', *small, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / 'out/mt3dnet_lite0.onnx').is_file()
