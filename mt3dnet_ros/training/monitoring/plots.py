"""Curves of a run, from its log: ``python -m mt3dnet_ros.training.monitoring.plots metrics.csv curves.png``."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mt3dnet_ros.errors import InputError, MissingFileError, needs_extra


class Curve(NamedTuple):
    """What a column of the log says, at the steps where it says something."""

    steps: list[int]
    values: list[float]


def read_curves(path: Path) -> dict[str, Curve]:
    """Return every column of a log that has numbers.

    :raises FileNotFoundError: there is no log
    :raises ValueError: the file is not a log
    """
    if not path.is_file():
        raise MissingFileError(f"log '{path}' does not exist; a run writes it to OUTPUT/log/metrics.csv")
    curves: dict[str, Curve] = {}
    with path.open(newline='') as file:
        for row in csv.DictReader(file):
            if 'step' not in row:
                raise InputError(f"'{path}' has no column 'step'; it must be the metrics.csv of a run")
            step = int(row.pop('step')) + 1  # the log counts from 0
            for name, text in row.items():
                if text:
                    curve = curves.setdefault(name, Curve([], []))
                    curve.steps.append(step)
                    curve.values.append(float(text))
    return curves


def plot_training(metrics: Path, output: Path) -> None:
    """Draw losses, task weights, scores and depth errors over the steps.

    :param metrics: ``metrics.csv`` of a run
    :param output: picture to write; its suffix tells the format
    :raises ValueError: the log holds none of them
    """
    with needs_extra('train'):
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # costs half a second to import
        from matplotlib.figure import Figure

    panels = {title: curves for title, curves in _panels(read_curves(metrics)).items() if curves}
    if not panels:
        raise InputError(f"log '{metrics}' holds no losses and no scores; train for some steps first")
    figure = Figure(figsize=(4.5 * len(panels), 3.4), layout='constrained')
    FigureCanvasAgg(figure)
    for axes, (title, curves) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        _draw_panel(axes, title, curves)
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=110)


def _panels(curves: Mapping[str, Curve]) -> dict[str, dict[str, Curve]]:
    """Return the curves of each panel by the names in its legend."""
    return {
        'losses': _named(curves, 'loss_'),
        'components': _named(curves, 'component_'),
        'task weights': _named(curves, 'weight_'),
        'validation losses': _named(curves, 'val_'),
        'Dice': {name: curve for name, curve in curves.items() if name.endswith(('_dice', '_micro'))},
        'SIM': {name: curve for name, curve in curves.items() if name.endswith('_sim')},
        'depth error [mm]': {name: curve for name, curve in curves.items() if name.endswith('_mm')},
    }


def _named(curves: Mapping[str, Curve], prefix: str) -> dict[str, Curve]:
    return {name.removeprefix(prefix): curve for name, curve in curves.items() if name.startswith(prefix)}


def _draw_panel(axes: Any, title: str, curves: Mapping[str, Curve]) -> None:
    for name, curve in curves.items():
        axes.plot(curve.steps, curve.values, label=name, marker='.' if len(curve.steps) < 20 else None, linewidth=1)
    axes.set(title=title, xlabel='step')
    axes.set_ylim(bottom=0, top=1 if title in ('Dice', 'SIM') else None)
    axes.grid(alpha=0.3)
    axes.legend(fontsize='small')


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the curves of a log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('metrics', type=Path, help='metrics.csv of a run, such as runs/first/log/metrics.csv')
    parser.add_argument('output', type=Path, help='picture to write, such as curves.png')
    parsed = parser.parse_args(arguments)
    try:
        plot_training(parsed.metrics, parsed.output)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))


if __name__ == '__main__':
    main()
