"""What do ASTO, the SC-scSE unit and the Sinkhorn term buy ST-MTL? One key changed at a time.

    python benchmark/saliency_ablation.py --data SEQUENCES --output RUNS [--seeds 1 2 3] [--jobs 2] [--variants ...]

SEQUENCES holds rendered sequences and their saliency (docs/train/saliency.md). Trains every variant of
`config/train/saliency_ablation.yaml` with every seed (runs that are finished are not repeated), judges each on the test
split, and writes `docs/notebook/saliency_ablation.md` and its picture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ablation_runs import ROOT, Number, Runs, draw, folder_of, read_arguments, run_all, spread, train_and_judge

RECIPE = ROOT / 'config' / 'train' / 'saliency_ablation.yaml'
VARIANTS = {
    'ASTO, staged': (),
    'ASTO, alternating': ('stages=[alternating, temporal]', 'steps=[80, 60]'),
    'joint': ('stages=[joint, joint_temporal]', 'steps=[80, 60]'),
    'staged, scSE': ('recalibration=scse',),
    'staged, without Sinkhorn': ('sinkhorn_weight=0',),
}
NUMBERS = {
    'dice': Number('micro Dice of instruments', 'types', 'dice_micro_instruments'),
    'nss': Number('saliency: NSS', 'saliency', 'nss'),
    'auc': Number('saliency: AUC-Judd', 'saliency', 'auc_judd'),
    'sim': Number('saliency: SIM', 'saliency', 'sim'),
    'emd': Number('saliency: EMD', 'saliency', 'emd', rises=False),
}


def run(variant: str, seed: int, arguments: argparse.Namespace) -> Path:
    """Train and judge one variant; return the report's path."""
    folder = folder_of(variant, seed, arguments.output)
    train = [
        'train-saliency', '--config', str(RECIPE), f'data={arguments.data}', f'saliency={arguments.data}',
        f'output={folder}', f'seed={seed}', *VARIANTS[variant], *arguments.override,
    ]  # fmt: skip
    return train_and_judge(folder, train, last_checkpoint(variant), arguments.data, arguments.limit)


def last_checkpoint(variant: str) -> str:
    """Return the name of the checkpoint that a variant's last stage leaves."""
    if variant == 'joint':
        return '2_joint_temporal.safetensors'
    return '2_temporal.safetensors' if variant == 'ASTO, alternating' else '3_temporal.safetensors'


def table(runs: Runs) -> list[str]:
    """Return the rows of the Markdown table."""
    labels = ' | '.join(number.label for number in NUMBERS.values())
    rows = [f'| variant | {labels} |', '|---|' + '---|' * len(NUMBERS)]
    for variant, results in runs.items():
        cells = ' | '.join(spread([scores[key] for scores in results]) for key in NUMBERS)
        rows.append(f'| {variant} | {cells} |')
    return rows


def write(runs: Runs, arguments: argparse.Namespace) -> None:
    """Write the document and its picture."""
    draw(runs, NUMBERS, arguments.docs / 'images' / 'saliency_ablation.png', lambda variant, number: True)
    lines = [
        '# Ablation of ST-MTL at small scale',
        '',
        'Here you see what training in stages, the SC-scSE unit and the Sinkhorn term buy ST-MTL. Written by',
        '`benchmark/saliency_ablation.py`; what follows from it is said in',
        '[results.md](results.md#ablation-of-st-mtl-at-small-scale).',
        '',
        'Recipe: `config/train/saliency_ablation.yaml` with one key changed at a time; mean and standard deviation of '
        f'{len(arguments.seeds)}',
        f'seeds; {arguments.limit} frames of rendered test sequences.',
        '',
        *table(runs),
        '',
        '![every run](../images/saliency_ablation.png)',
        '',
    ]
    (arguments.docs / 'notebook' / 'saliency_ablation.md').write_text('\n'.join(lines))


def main() -> None:
    """Run what is missing and write the table."""
    arguments = read_arguments(__doc__, VARIANTS)
    runs = run_all(arguments, run, NUMBERS)
    write(runs, arguments)
    print('\n'.join(table(runs)))


if __name__ == '__main__':
    main()
