"""Time each stage of perception, each output by itself and the steps within, on two versions of the code in turns.

    python benchmark/perception_stages.py [--sizes 640x512 1280x1024] [--back-ends openvino] [--frames 60]
        [--tables stages outputs steps] [--source VIDEO_OR_FOLDER] [--against TREE]

The shipped network looks at real pictures, one after another as a stream, through a camera whose lens distorts, with
every output asked for. ``--against`` names another checkout of this repository, such as a git worktree of ``main``:
every frame is then perceived by both, in turns and in two processes, so that what else the machine does hits both
alike; its times are those of ``before``. Processor time, of all threads, tells even on a busy machine. Start it in the
shell that the nodes run in (`source .venv/ros.sh`): its malloc settings matter.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from perception_worker import OUTPUTS, STEPS

_ROOT = Path(__file__).resolve().parents[1]
_WORKER = Path(__file__).with_name('perception_worker.py')
_UNTIMED = 3  # frames of each pass, that are still slow

Times = dict[str, list[float]]
"""Seconds of every frame, by what they were spent on."""


class Version:
    """One checkout of the code in a process of its own; a context manager."""

    def __init__(self, tree: Path, source: str, back_end: str) -> None:
        path = os.pathsep.join([str(tree), os.environ.get('PYTHONPATH', '')])
        self._process = subprocess.Popen(
            [sys.executable, str(_WORKER), source, back_end],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {'PYTHONPATH': path},
            cwd=tree,
        )

    def __enter__(self) -> Version:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def ask(self, **question: Any) -> dict[str, float]:
        """Send a question to ``perception_worker`` and return what it answers."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + '\n')
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f'the process of one version has ended with {self._process.wait()}')
        found: dict[str, float] = json.loads(answer)
        return found


def collect(versions: Mapping[str, Version], frames: int, **question: Any) -> dict[str, Times]:
    """Ask all versions about one frame after another, in turns; return their times by version."""
    found: dict[str, Times] = {name: {} for name in versions}
    for frame in range(frames + _UNTIMED):
        for name in list(versions)[:: 1 if frame % 2 else -1]:
            answer = versions[name].ask(frame=frame, **question)
            if frame >= _UNTIMED:
                for key, value in answer.items():
                    found[name].setdefault(key, []).append(value)
    return found


def rows(times: Mapping[str, Times], keys: list[str]) -> Iterator[str]:
    """Yield a line for each key: best and median of all versions in milliseconds, and the last over the first."""
    for key in keys:
        measured = [1e3 * np.array(found.get(key, [])) for found in times.values()]
        cells = [f'{values.min():8.2f} {np.median(values):8.2f}' if values.size else 17 * ' ' for values in measured]
        ratio = ''
        if len(measured) > 1 and all(values.size for values in measured):
            best, median = (f(measured[-1]) / max(f(measured[0]), 1e-6) for f in (np.min, np.median))
            ratio = f'{best:8.2f} {median:8.2f}'
        yield f'{key:>40} ' + '   '.join([*cells, ratio])


def print_table(title: str, times: Mapping[str, Times], keys: list[str]) -> None:
    """Print a title, what the columns are, and the rows."""
    names = [*times, *(['ratio'] if len(times) > 1 else [])]
    print(f'\n{title}\n{"milliseconds: best, median":>40} ' + '   '.join(f'{name:>17}' for name in names))
    print('\n'.join(rows(times, keys)), flush=True)


def report_stages(versions: Mapping[str, Version], frames: int) -> None:
    """Print what each stage takes with every output."""
    times = collect(versions, frames, what='stages')
    instruments = np.mean([found.pop('instruments') for found in times.values()])
    stages = dict.fromkeys(key for found in reversed(times.values()) for key in found)
    print_table(f'{instruments:.1f} instruments, all outputs', times, list(stages))


def report_outputs(versions: Mapping[str, Version], frames: int) -> None:
    """Print what each output takes by itself."""
    by_output: dict[str, Times] = {name: {} for name in versions}
    for output in OUTPUTS:
        for name, found in collect(versions, frames // 2, what='output', output=output).items():
            by_output[name][output] = found['rest']
    print_table('one output by itself: all but the network', by_output, list(OUTPUTS))


def report_steps(versions: Mapping[str, Version], frames: int) -> None:
    """Print what is spent within some functions."""
    steps = collect(versions, frames // 2, what='steps')
    found = [key for key in STEPS if any(key in times for times in steps.values())]
    print_table('steps, each with those within it', steps, found)


TABLES = {'stages': report_stages, 'outputs': report_outputs, 'steps': report_steps}


def report(versions: Mapping[str, Version], size: tuple[int, int], frames: int, tables: Sequence[str]) -> None:
    """Print the tables of one image size, and what memory the processes take."""
    print(f'\n{size[0]}x{size[1]}')
    for version in versions.values():
        version.ask(size=size)
    for table in tables:
        TABLES[table](versions, frames)
    memory = {name: version.ask(what='memory')['megabytes'] for name, version in versions.items()}
    print('memory of the process, PSS: ' + ', '.join(f'{name} {taken:.0f} MB' for name, taken in memory.items()))


def main() -> None:
    """Print the tables of every back end and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--sizes', nargs='+', default=['640x512', '1280x1024'], metavar='WIDTHxHEIGHT')
    parser.add_argument('--back-ends', nargs='+', default=['openvino'])
    parser.add_argument('--frames', type=int, default=60)
    parser.add_argument('--tables', nargs='+', default=list(TABLES), choices=TABLES)
    parser.add_argument('--source', default=str(_ROOT / 'config' / 'demo' / 'clip.mp4'), help='video or folder')
    parser.add_argument('--against', type=Path, metavar='TREE', help='another checkout, measured in turns')
    arguments = parser.parse_args()
    trees = ({'before': arguments.against.resolve()} if arguments.against else {}) | {'now': _ROOT}
    source = str(Path(arguments.source).resolve())
    for back_end in arguments.back_ends:
        with ExitStack() as stack:
            opened = {name: stack.enter_context(Version(tree, source, back_end)) for name, tree in trees.items()}
            print(f'\n{back_end}')
            for text in arguments.sizes:
                width, height = map(int, text.split('x'))
                report(opened, (width, height), arguments.frames, arguments.tables)


if __name__ == '__main__':
    main()
