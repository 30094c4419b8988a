"""What do the tasks give each other, and what does the adversarial weight update buy? One key changed at a time.

    python benchmark/ablation.py --data RENDERED --output RUNS [--seeds 1 2 3] [--jobs 2] [--variants NAME ...]

Trains every variant of `config/train/ablation.yaml` with every seed (runs that are finished are not repeated), judges
each on the test split, and writes `docs/notebook/ablation.md` and its pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from ablation_runs import ROOT, Number, Runs, draw, folder_of, read_arguments, run_all, spread, train_and_judge

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
NUMBERS = {
    'segmentation': Number('micro Dice of instruments', 'types', 'dice_micro_instruments'),
    'detection': Number('detector mAP@[.5:.95]', 'detection', 'detector_map'),
    'depth': Number('depth MAE, mm', 'depth', 'mae_mm', rises=False),
}
ALONE = {task: f'{task} alone' for task in NUMBERS}
GOALS = 'adversarial, goals'
MOVING = ('adversarial', 'uncertainty', 'dynamic')


def goals(arguments: argparse.Namespace) -> str:
    """Return the override that gives the adversary as goals what each task reaches alone: its loss at the end."""
    losses = []
    for task, variant in ALONE.items():
        logs = [read_log(folder_of(variant, seed, arguments.output)) for seed in arguments.seeds]
        losses.append(float(np.mean([log[f'loss_{task}'][-len(log) // 4 :] for log in logs])))
    return f'balance_goals={[round(loss, 4) for loss in losses]}'


def read_log(folder: Path) -> np.ndarray:
    """Return the logged values of a run by name."""
    return np.genfromtxt(folder / 'log' / 'metrics.csv', delimiter=',', names=True)


def run(variant: str, seed: int, arguments: argparse.Namespace) -> Path:
    """Train and judge one variant; return the report's path."""
    folder = folder_of(variant, seed, arguments.output)
    overrides = [f'data={arguments.data}', f'output={folder}', f'seed={seed}', *VARIANTS[variant], *arguments.override]
    if variant == GOALS:
        overrides.append(goals(arguments))
    train = ['train', '--config', str(RECIPE), *overrides]
    return train_and_judge(folder, train, 'mt3dnet.safetensors', arguments.data, arguments.limit)


def relative(scores: dict[str, float], alone: dict[str, float]) -> dict[str, float]:
    """Return how good each task is, relative to itself alone: above 1 is better."""
    return {task: scores[task] / alone[task] if NUMBERS[task].rises else alone[task] / scores[task] for task in NUMBERS}


def trains(variant: str, task: str) -> bool:
    """Return whether a variant trains a task."""
    return variant == ALONE[task] or variant not in ALONE.values()


def table(runs: Runs) -> list[str]:
    """Return the rows of the Markdown table."""
    labels = ' | '.join(number.label for number in NUMBERS.values())
    rows = [f'| variant | {labels} | worst task, relative |', '|---|---|---|---|---|']
    singles = {task: runs[name] for task, name in ALONE.items() if name in runs}
    alone = {task: float(np.mean([scores[task] for scores in results])) for task, results in singles.items()}
    for variant, results in runs.items():
        trained = [task for task in NUMBERS if trains(variant, task)]
        cells = [spread([scores[task] for scores in results]) if task in trained else '' for task in NUMBERS]
        compared = len(trained) > 1 and len(alone) == len(NUMBERS)
        worst = spread([min(relative(scores, alone).values()) for scores in results]) if compared else ''
        rows.append(f'| {variant} | {" | ".join(cells)} | {worst} |')
    return rows


def draw_weights(variants: list[str], arguments: argparse.Namespace, path: Path) -> None:
    """Draw how the weights of each balancing moved in the run with the first seed."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    moving = [variant for variant in variants if variant.startswith(MOVING)]
    figure, panels = pyplot.subplots(1, len(moving), figsize=(2.4 * len(moving), 2.6), sharey=True, squeeze=False)
    for panel, variant in zip(panels[0], moving, strict=True):
        log = read_log(folder_of(variant, arguments.seeds[0], arguments.output))
        for task in NUMBERS:
            panel.plot(log['step'], log[f'weight_{task}'], label=task)
        panel.set(title=variant.replace('adversarial, ', 'adv., '), xlabel='step', ylim=(0, len(NUMBERS)))
        panel.grid(alpha=0.3)
    panels[0][0].set(ylabel='weight')
    panels[0][0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=80)


def write(runs: Runs, arguments: argparse.Namespace) -> None:
    """Write the document and its pictures."""
    images = arguments.docs / 'images'
    draw(runs, NUMBERS, images / 'ablation.png', trains)
    draw_weights(list(runs), arguments, images / 'ablation_weights.png')
    lines = [
        '# Ablation at small scale',
        '',
        'Here you see what sharing one network costs each task, and what ways to weigh the tasks do about it.',
        'Written by `benchmark/ablation.py`; what follows from it is said in',
        '[results.md](results.md#ablation-at-small-scale).',
        '',
        'Recipe: `config/train/ablation.yaml` with one key changed at a time; mean and standard deviation of '
        f'{len(arguments.seeds)} seeds;',
        f'{arguments.limit} frames of the rendered test split.',
        '*Worst task* is the smallest of the tasks relative to itself trained alone (above 1: better than alone).',
        '',
        *table(runs),
        '',
        '![every run](../images/ablation.png)',
        '',
        '![weights over the steps of the first seed](../images/ablation_weights.png)',
        '',
    ]
    (arguments.docs / 'notebook' / 'ablation.md').write_text('\n'.join(lines))


def main() -> None:
    """Run what is missing and write the table."""
    arguments = read_arguments(__doc__, VARIANTS)
    # What the adversary's goals are is known once the tasks have been trained alone.
    runs = run_all(arguments, run, NUMBERS, lambda variant: (variant == GOALS) - (variant in ALONE.values()))
    write(runs, arguments)
    print('\n'.join(table(runs)))


if __name__ == '__main__':
    main()
