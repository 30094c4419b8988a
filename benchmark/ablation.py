"""What do the tasks give each other, and what does the adversarial weight update buy? One key changed at a time.

    python benchmark/ablation.py --data RENDERED --output RUNS [--seeds 1 2 3] [--jobs 2] [--variants NAME ...]

Trains every variant of `config/train/ablation.yaml` with every seed (runs that are finished are not repeated), judges
each on the test split, and writes `docs/ablation.md` and its pictures.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RECIPE = ROOT / 'config' / 'train' / 'ablation.yaml'
ADVERSARY = ('balancing=adversarial',)
VARIANTS = {
    'segmentation alone': ('tasks=[segmentation]',),
    'detection alone': ('tasks=[detection]',),
    'depth alone': ('tasks=[depth]',),
    'fixed, alike': (),
    'fixed, segmentation heavy': ('task_weights=[2.6, 0.2, 0.2]',),
    'fixed, detection heavy': ('task_weights=[0.2, 2.6, 0.2]',),
    'fixed, depth heavy': ('task_weights=[0.2, 0.2, 2.6]',),
    'adversarial, exponential': ADVERSARY,
    'adversarial, linear': (*ADVERSARY, 'adversary=linear'),
    'adversarial, projected': (*ADVERSARY, 'adversary=projected'),
    'adversarial, goals': (*ADVERSARY, 'balance_reference=goals'),
    'uncertainty': ('balancing=uncertainty',),
    'dynamic average': ('balancing=dynamic', 'balance_period=20'),
    'quality heat': ('detection_loss=quality',),
}
# Each task's number: section and metric of the report, and whether more is better.
METRICS = {
    'segmentation': ('types', 'dice_micro_instruments', True),
    'detection': ('detection', 'detector_map', True),
    'depth': ('depth', 'mae_mm', False),
}
ALONE = {task: f'{task} alone' for task in METRICS}
GOALS = 'adversarial, goals'


def folder_of(variant: str, seed: int, arguments: argparse.Namespace) -> Path:
    """Return the folder of a run."""
    return arguments.output / variant.replace(', ', '-').replace(' ', '_') / str(seed)


def goals(arguments: argparse.Namespace) -> str:
    """Return the override that gives the adversary as goals what each task reaches alone: its loss at the end."""
    losses = []
    for task, variant in ALONE.items():
        logs = [read_log(folder_of(variant, seed, arguments)) for seed in arguments.seeds]
        losses.append(float(np.mean([log[f'loss_{task}'][-len(log) // 4 :] for log in logs])))
    return f'balance_goals={[round(loss, 4) for loss in losses]}'


def read_log(folder: Path) -> np.ndarray:
    """Return the logged values of a run by name."""
    return np.genfromtxt(folder / 'log' / 'metrics.csv', delimiter=',', names=True)


def run(variant: str, seed: int, arguments: argparse.Namespace) -> Path:
    """Train and judge one variant; return the report's path."""
    folder = folder_of(variant, seed, arguments)
    report = folder / 'report' / 'report.json'
    if report.is_file():
        return report
    command = [sys.executable, '-m', 'mt3dnet_ros.cli']
    overrides = [f'data={arguments.data}', f'output={folder}', f'seed={seed}', *VARIANTS[variant], *arguments.override]
    if variant == GOALS:
        overrides.append(goals(arguments))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / 'output.log').open('w') as log:
        for step in (
            ['train', '--config', str(RECIPE), *overrides],
            ['evaluate', '--dataset', 'rendered', '--data', str(arguments.data), '--split', 'test', '--output',
             str(report.parent), '--checkpoint', str(folder / 'mt3dnet.safetensors'), '--limit', str(arguments.limit)],
        ):  # fmt: skip
            subprocess.run([*command, *step], cwd=ROOT, stdout=log, stderr=log, check=True)
    return report


def read_scores(report: Path) -> dict[str, float]:
    """Return each task's number of one run."""
    content = json.loads(report.read_text())
    return {task: content[section]['metrics'][name]['value'] for task, (section, name, _) in METRICS.items()}


def relative(scores: dict[str, float], alone: dict[str, float]) -> dict[str, float]:
    """Return how good each task is, relative to itself alone: above 1 is better."""
    return {task: scores[task] / alone[task] if METRICS[task][2] else alone[task] / scores[task] for task in METRICS}


def table(runs: dict[str, list[dict[str, float]]]) -> list[str]:
    """Return the rows of the Markdown table."""
    rows = [
        '| variant | micro Dice of instruments | detector mAP@[.5:.95] | depth MAE, mm | worst task, relative |',
        '|---|---|---|---|---|',
    ]
    singles = {task: runs[name] for task, name in ALONE.items() if name in runs}
    alone = {task: float(np.mean([scores[task] for scores in results])) for task, results in singles.items()}
    for variant, results in runs.items():
        trained = [task for task, name in ALONE.items() if name == variant] or list(METRICS)
        cells = [spread([scores[task] for scores in results]) if task in trained else '' for task in METRICS]
        compared = len(trained) > 1 and len(alone) == len(METRICS)
        worst = spread([min(relative(scores, alone).values()) for scores in results]) if compared else ''
        rows.append(f'| {variant} | {" | ".join(cells)} | {worst} |')
    return rows


def spread(values: list[float]) -> str:
    """Return mean and standard deviation of the seeds."""
    deviation = f' ± {np.std(values, ddof=1):.3f}' if len(values) > 1 else ''
    return f'{np.mean(values):.3f}{deviation}'


def draw(runs: dict[str, list[dict[str, float]]], path: Path) -> None:
    """Draw every run as a point, one panel per task."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(12, 0.32 * len(runs) + 1.2), sharey=True)
    labels = ('Dice of types (micro, instruments)', 'detector mAP@[.5:.95]', 'depth MAE, mm (less is better)')
    for panel, task, label in zip(panels, METRICS, labels, strict=True):
        for row, (variant, results) in enumerate(runs.items()):
            if variant in (ALONE[task], *(set(runs) - set(ALONE.values()))):
                values = [scores[task] for scores in results]
                panel.plot(values, [row] * len(values), 'o', color='tab:blue', alpha=0.5)
                panel.plot([np.mean(values)], [row], '|', color='black', markersize=14)
        panel.set(title=label, yticks=range(len(runs)), yticklabels=list(runs))
        panel.grid(alpha=0.3)
    panels[0].invert_yaxis()
    figure.tight_layout()
    figure.savefig(path, dpi=80)


def draw_weights(variants: list[str], arguments: argparse.Namespace, path: Path) -> None:
    """Draw how the weights of each balancing moved in the run with the first seed."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    moving = [variant for variant in variants if variant.startswith(('adversarial', 'uncertainty', 'dynamic'))]
    figure, panels = pyplot.subplots(1, len(moving), figsize=(2.4 * len(moving), 2.6), sharey=True, squeeze=False)
    for panel, variant in zip(panels[0], moving, strict=True):
        log = read_log(folder_of(variant, arguments.seeds[0], arguments))
        for task in METRICS:
            panel.plot(log['step'], log[f'weight_{task}'], label=task)
        panel.set(title=variant.replace('adversarial, ', 'adv., '), xlabel='step', ylim=(0, len(METRICS)))
        panel.grid(alpha=0.3)
    panels[0][0].set(ylabel='weight')
    panels[0][0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=80)


def write(runs: dict[str, list[dict[str, float]]], arguments: argparse.Namespace) -> None:
    """Write the document and its pictures."""
    images = arguments.docs / 'images'
    draw(runs, images / 'ablation.png')
    draw_weights(list(runs), arguments, images / 'ablation_weights.png')
    lines = [
        '# Ablation at small scale',
        '',
        'Written by `benchmark/ablation.py`; what follows from it is said in [results.md](results.md). Recipe:',
        '`config/train/ablation.yaml` with one key changed at a time; mean and standard deviation of '
        f'{len(arguments.seeds)} seeds; {arguments.limit} frames of the rendered test split.',
        '*Worst task* is the smallest of the tasks relative to itself trained alone (above 1: better than alone).',
        '',
        *table(runs),
        '',
        '![every run](images/ablation.png)',
        '',
        '![weights over the steps of the first seed](images/ablation_weights.png)',
        '',
    ]
    (arguments.docs / 'ablation.md').write_text('\n'.join(lines))


def main() -> None:
    """Run what is missing and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='folder written by mt3dnet render')
    parser.add_argument('--output', type=Path, required=True, help='folder for the runs')
    parser.add_argument('--docs', type=Path, default=ROOT / 'docs', help='folder of the document')
    parser.add_argument('--seeds', type=int, nargs='+', default=[1, 2, 3])
    parser.add_argument('--variants', nargs='+', choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument('--limit', type=int, default=100, help='test frames')
    parser.add_argument('--jobs', type=int, default=2, help='runs at a time, one thread each')
    parser.add_argument('override', nargs='*', metavar='key=value', help='further keys of the recipe')
    arguments = parser.parse_args()
    arguments.data, arguments.output = arguments.data.resolve(), arguments.output.resolve()
    pairs = [(variant, seed) for seed in arguments.seeds for variant in arguments.variants]
    pairs.sort(key=lambda pair: (pair[0] == GOALS) - (pair[0] in ALONE.values()))  # goals come from tasks alone
    with ThreadPoolExecutor(arguments.jobs) as pool:
        reports = list(pool.map(lambda pair: run(*pair, arguments), pairs))
    runs: dict[str, list[dict[str, float]]] = {variant: [] for variant in arguments.variants}
    for (variant, _), report in zip(pairs, reports, strict=True):
        runs[variant].append(read_scores(report))
    write(runs, arguments)
    print('\n'.join(table(runs)))


if __name__ == '__main__':
    main()
