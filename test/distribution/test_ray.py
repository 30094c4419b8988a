"""``--ray`` on a cluster of two workers, one of which is killed: the bytes of one machine, nothing lost, none twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import cv2
import psutil
import pytest

if not find_spec('ray'):  # imported by the command alone, which says before how
    pytest.skip("Ray is not installed: pip install 'mt3dnet_ros[ray]'", allow_module_level=True)
pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.distributed_tasks import AlwaysDies, DiesOnce, Square
from support.paths import ROOT
from support.ray_cluster import ENVIRONMENT, RayCluster, is_working, until
from support.rendered_shapes import write_sequences
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.distribution.cluster import open_cluster
from mt3dnet_ros.distribution.errors import ClusterWarning, NotSharedError, WorkerLostError
from mt3dnet_ros.distribution.ray_workers import Needs, RayWorkers
from mt3dnet_ros.errors import InputError

BEGUN_AGAIN = 'were begun again, because their workers died'


@pytest.fixture(scope='module')
def cluster() -> Iterator[RayCluster]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with RayCluster() as running:
            yield running


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('ray')


@pytest.fixture(scope='module')
def checkpoint(folder: Path) -> Path:
    return save_small_checkpoint(folder / 'small.safetensors', saliency=True)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob('*') if path.is_file()}


def run_both(
    words: list[str], folder: Path, cluster: RayCluster, begun: Callable[[Path], bool] = lambda _: True
) -> tuple[Path, Path]:
    """Run a command on one machine, and on the cluster, one worker of which is killed once something has begun."""
    here, there = folder / f'{words[0]}_here', folder / f'{words[0]}_there'
    assert main([*words, '--output', str(here)]) == 0
    with cluster.one_killed(lambda: begun(there)) as killed:
        assert main([*words, '--output', str(there), '--ray', cluster.address]) == 0
    assert killed
    return here, there


def test_tasks_of_a_worker_that_dies_are_done_again(cluster: RayCluster, tmp_path: Path) -> None:
    told: list[int] = []
    with open_cluster(cluster.address) as ray:
        results = RayWorkers(ray, Needs()).run(partial(DiesOnce, tmp_path), range(3), told.append)
        with pytest.warns(ClusterWarning, match=f'1 of 3 items {BEGUN_AGAIN}'):
            found = list(results)
    assert [number for number, _ in found] == [0, 1, 2]
    assert sorted((tmp_path / 'done').read_text().split()) == ['0', '1', '2'], 'nothing is lost, nothing done twice'
    assert sum(told) == 12, 'what the dead worker had told is taken back'


def test_errors_and_warnings_of_tasks_are_those_of_one_machine(cluster: RayCluster, tmp_path: Path) -> None:
    with open_cluster(cluster.address) as ray:
        workers = RayWorkers(ray, Needs())
        with pytest.raises(InputError, match=r'^5 is too much$'), pytest.warns(UserWarning, match=r'^3 is odd$'):
            list(workers.run(Square, range(8)))
        with pytest.raises(WorkerLostError, match="no worker could finish '7'"):
            list(workers.run(AlwaysDies, [7]))
        unseen = RayWorkers(ray, Needs(), [tmp_path / 'unseen'])
        with pytest.raises(NotSharedError, match=r"unseen' is not there on the worker node"):
            list(unseen.run(Square, [1]))


def test_render_writes_the_bytes_of_one_machine(
    cluster: RayCluster, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = ['--width', '60', '--height', '48', '--processes', '1']
    words = ['render', '--train', '2', '--val', '4', '--test', '0', *size]
    here, there = run_both(words, folder, cluster, lambda output: (output / 'val/frames.jsonl').exists())
    assert contents(there) == contents(here)
    assert BEGUN_AGAIN in capsys.readouterr().err


def test_predict_writes_the_bytes_of_one_machine(
    cluster: RayCluster, folder: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ('one', 'more/two', 'more/three'):
        write_video(folder / f'{name}.avi')
    inputs = [str(folder / f'{name}.avi') for name in ('one', 'more/two', 'more/three')]
    words = [
        'predict',
        *inputs,
        '--checkpoint',
        str(checkpoint),
        '--device',
        'cpu',
        '--threads',
        '1',
        '--back-end',
        'torch',
    ]
    here, there = run_both(words, folder, cluster, lambda output: any(output.glob('.partial-*/*/*/labels')))
    assert contents(there) == contents(here)
    assert {str(path.relative_to(there)) for path in there.rglob('images.json')} == {
        'one/images.json', 'more/two/images.json', 'more/three/images.json',
    }  # fmt: skip
    assert BEGUN_AGAIN in capsys.readouterr().err


def write_video(path: Path, count: int = 8) -> None:
    path.parent.mkdir(exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 12.5, (160, 128))
    for index in range(count):
        writer.write(tissue(128, 160, index))
    writer.release()


def test_evaluate_reports_what_one_machine_reports(
    cluster: RayCluster, folder: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_sequences(folder / 'data', frames=4, per_sequence=2)
    words = [
        'evaluate',
        '--dataset',
        'rendered',
        '--data',
        str(data),
        '--split',
        'val',
        '--checkpoint',
        str(checkpoint),
    ]
    words += ['--device', 'cpu', '--threads', '1', '--back-end', 'torch']
    here, there = run_both(words, folder, cluster)
    reports = [json.loads((output / 'report.json').read_text()) for output in (here, there)]
    for report in reports:
        assert report.pop('time')['metrics']['total_median_ms']['n'] == 4
    assert reports[0]['steadiness']['metrics'] and reports[0]['saliency']['metrics']
    assert json.dumps(reports[1]) == json.dumps(reports[0])
    assert BEGUN_AGAIN in capsys.readouterr().err


def test_a_cluster_of_this_machine_is_its_own_and_leaves_nothing(tmp_path: Path) -> None:
    home, temporary = tmp_path / 'home', tempfile.mkdtemp(prefix='t-', dir='/tmp')
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith('RAY_')}
    environment |= {'HOME': str(home), 'TMPDIR': temporary, 'PYTHONPATH': f'{ROOT}:{os.environ.get("PYTHONPATH", "")}'}
    words = ['render', '--output', str(tmp_path / 'out'), '--val', '4000', '--train', '0', '--test', '0']
    command = [sys.executable, '-m', 'mt3dnet_ros', *words, '--width', '60', '--height', '48', '--ray']
    with (tmp_path / 'said').open('wb') as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, start_new_session=True)
        family = psutil.Process(process.pid)
        journal = tmp_path / 'out/val/frames.jsonl'
        until(lambda: journal.exists() and journal.stat().st_size > 0)
        children = family.children(recursive=True)
        assert any(map(is_working, children))
        assert {address for child in (family, *children) for address in listening(child)} <= {
            '127.0.0.1',
            '::ffff:127.0.0.1',
        }
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.wait(60) == 128 + signal.SIGINT
    said = (tmp_path / 'said').read_text().splitlines()
    # Ray's C++ may say in a line of its own that it was interrupted.
    assert [line for line in said if line and not line.startswith('[20')] == ['mt3dnet: interrupted']
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
    assert list(Path(temporary).iterdir()) == [] and list(home.iterdir()) == []
    Path(temporary).rmdir()


def listening(process: psutil.Process) -> Iterator[str]:
    """Yield the addresses that a process listens at."""
    try:
        yield from (found.laddr.ip for found in process.net_connections('tcp') if found.status == psutil.CONN_LISTEN)
    except psutil.NoSuchProcess:
        return
