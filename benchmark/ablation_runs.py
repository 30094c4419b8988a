"""What the ablations share: runs of variants with seeds, their reports, and the table and picture of both."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
Runs = dict[str, list[dict[str, float]]]


class Number(NamedTuple):
    """One number of a report.

    :param label: what people read
    :param rises: whether more is better
    """

    label: str
    section: str
    metric: str
    rises: bool = True


def read_arguments(description: str, variants: Iterable[str]) -> argparse.Namespace:
    """Return the arguments of an ablation."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='folder written by mt3dnet render')
    parser.add_argument('--output', type=Path, required=True, help='folder for the runs')
    parser.add_argument('--docs', type=Path, default=ROOT / 'docs', help='folder of the document')
    parser.add_argument('--seeds', type=int, nargs='+', default=[1, 2, 3])
    parser.add_argument('--variants', nargs='+', choices=variants, default=list(variants))
    parser.add_argument('--limit', type=int, default=100, help='test frames')
    parser.add_argument('--jobs', type=int, default=2, help='runs at a time, one thread each')
    parser.add_argument('override', nargs='*', metavar='key=value', help='further keys of the recipe')
    arguments = parser.parse_args()
    arguments.data, arguments.output = arguments.data.resolve(), arguments.output.resolve()
    return arguments


def folder_of(variant: str, seed: int, output: Path) -> Path:
    """Return the folder of a run."""
    return output / variant.replace(', ', '-').replace(' ', '_') / str(seed)


def train_and_judge(
    folder: Path, train: Sequence[str], checkpoint: str, data: Path, limit: int, judge: Sequence[str] = ()
) -> Path:
    """Run two commands of ``mt3dnet`` in turn, unless a report is there; return the report's path.

    :param train: the first command and its arguments
    :param checkpoint: file in the folder that it leaves, which ``mt3dnet evaluate`` judges on the rendered test split
    :param judge: further arguments of ``mt3dnet evaluate``
    """
    report = folder / 'report' / 'report.json'
    if report.is_file():
        return report
    folder.mkdir(parents=True, exist_ok=True)
    evaluate = [
        'evaluate', '--dataset', 'rendered', '--data', str(data), '--split', 'test', '--output', str(report.parent),
        '--checkpoint', str(folder / checkpoint), '--limit', str(limit), *judge,
    ]  # fmt: skip
    with (folder / 'output.log').open('w') as log:
        for arguments in (train, evaluate):
            command = [sys.executable, '-m', 'mt3dnet_ros.commands', *arguments]
            subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=True)
    return report


def run_all(
    arguments: argparse.Namespace,
    run: Callable[[str, int, argparse.Namespace], Path],
    numbers: Mapping[str, Number],
    place: Callable[[str], int] = lambda variant: 0,
) -> Runs:
    """Run all variants with all seeds, some at a time, and return the numbers of each variant's runs.

    :param place: orders variants of which some need what others leave
    """
    pairs = [(variant, seed) for seed in arguments.seeds for variant in arguments.variants]
    pairs.sort(key=lambda pair: place(pair[0]))
    with ThreadPoolExecutor(arguments.jobs) as pool:
        reports = list(pool.map(lambda pair: run(pair[0], pair[1], arguments), pairs))
    runs: Runs = {variant: [] for variant in arguments.variants}
    for (variant, _), report in zip(pairs, reports, strict=True):
        runs[variant].append(_read(report, numbers))
    return runs


def _read(report: Path, numbers: Mapping[str, Number]) -> dict[str, float]:
    content = json.loads(report.read_text())
    return {key: content[number.section]['metrics'][number.metric]['value'] for key, number in numbers.items()}


def spread(values: Sequence[float]) -> str:
    """Return mean and standard deviation of the seeds."""
    deviation = f' ± {np.std(values, ddof=1):.3f}' if len(values) > 1 else ''
    return f'{np.mean(values):.3f}{deviation}'


def draw(runs: Runs, numbers: Mapping[str, Number], path: Path, shown: Callable[[str, str], bool]) -> None:
    """Draw every run as a point and their mean as a line, one panel per number.

    :param shown: whether a variant has a say on a number
    """
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    size = (4 * len(numbers), 0.32 * len(runs) + 1.2)
    figure, panels = pyplot.subplots(1, len(numbers), figsize=size, sharey=True)
    for panel, (key, number) in zip(panels, numbers.items(), strict=True):
        for row, (variant, results) in enumerate(runs.items()):
            if shown(variant, key):
                values = [scores[key] for scores in results]
                panel.plot(values, [row] * len(values), 'o', color='tab:blue', alpha=0.5)
                panel.plot([np.mean(values)], [row], '|', color='black', markersize=14)
        title = number.label if number.rises else f'{number.label} (less is better)'
        panel.set(title=title, yticks=range(len(runs)), yticklabels=list(runs))
        panel.grid(alpha=0.3)
    panels[0].invert_yaxis()
    figure.tight_layout()
    figure.savefig(path, dpi=80)
