"""Pictures of a report: each is drawn from the report's own numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.scorers.saliency_comparison import COMPARISON
from mt3dnet_ros.perception.scale.depth_scale import NORMAL_95

with needs_extra('evaluate'):
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GREY = '0.6'
_LEAST_ERROR = 1e-3
_COMPARED = ('auc_judd', 'auc_borji', 'auc_shuffled', 'cc', 'sim', 'top1', 'whole_path')  # of which the best is 1


def draw_plots(folder: Path, sections: list[Section]) -> dict[str, list[str]]:
    """Write PNG files for the sections that have something to show.

    :returns: the names of the files of each section, by the section's name
    """
    plots: dict[str, list[str]] = {}
    for section in sections:
        for name, draw in _drawings(section).items():
            figure = Figure(figsize=(7.0, 5.0), layout='constrained')
            draw(figure.subplots())
            figure.savefig(folder / f'{name}.png', dpi=110)
            plots.setdefault(section.name, []).append(f'{name}.png')
    return plots


def _drawings(section: Section) -> dict[str, Callable[[Axes], None]]:
    """Return what to draw of a section, by the name of the file."""
    drawings: dict[str, Callable[[Axes], None]] = {}
    curves, name = section.curves, section.name
    if 'confusion' in curves:
        drawings[f'{name}_confusion'] = lambda axes: draw_confusion(axes, **curves['confusion'])
        drawings[f'{name}_dice'] = lambda axes: draw_dice(axes, section)
    if 'recall' in curves:
        drawings['precision_recall'] = lambda axes: draw_precision_recall(axes, curves)
    if 'coverage' in curves:
        drawings['risk_coverage'] = lambda axes: draw_risk_coverage(axes, **curves)
    if name == 'reliability' and curves:
        drawings['reliability'] = lambda axes: draw_reliability(axes, curves)
    if COMPARISON in section.tables:
        drawings[name] = lambda axes: draw_comparison(axes, section)
    if 'histogram' in curves:
        drawings['depth_errors'] = lambda axes: draw_depth_errors(axes, **curves['histogram'])
    if 'deviations' in curves:
        drawings['scale_errors'] = lambda axes: draw_scale_errors(axes, curves['deviations'])
    return drawings


def draw_confusion(axes: Axes, names: list[str], counts: list[list[int]]) -> None:
    """Show the share of each true class (row) that was predicted as each class (column)."""
    table = np.array(counts, float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1.0)
    axes.imshow(shares, vmin=0.0, vmax=1.0, cmap='Blues')
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.005:
            color = 'white' if share > 0.5 else 'black'
            axes.text(column, row, f'{share:.2f}', ha='center', va='center', fontsize=7, color=color)
    ticks = np.arange(len(names))
    axes.set_xticks(ticks, names, rotation=60, ha='right', fontsize=8)
    axes.set_yticks(ticks, names, fontsize=8)
    axes.set(xlabel='predicted', ylabel='true', title='Share of the pixels of each true class')


def draw_dice(axes: Axes, section: Section) -> None:
    """Show the Dice coefficient of each class that has one."""
    values = {name: metrics['dice'].value for name, metrics in section.tables['classes'].items()}
    shown = {name: value for name, value in values.items() if not np.isnan(value)}
    bars = axes.barh(list(shown), list(shown.values()))
    axes.bar_label(bars, fmt='%.3f', padding=2, fontsize=8)
    axes.set(xlim=(0.0, 1.1), xlabel='Dice', title=section.title)
    axes.invert_yaxis()


def draw_precision_recall(axes: Axes, curves: dict[str, Any]) -> None:
    """Show precision over recall at IoU 0.5, per type and with all types taken for one."""
    for name, precision in curves.get('precision50', {}).items():
        axes.plot(curves['recall'], precision, label=name, linewidth=1.0)
    axes.plot(curves['recall'], curves['agnostic'], 'k', label='any type')
    axes.plot(curves['recall'], curves['detector_agnostic'], 'k--', label='any type, only the detection head')
    axes.set(
        xlim=(0.0, 1.0),
        ylim=(0.0, 1.02),
        xlabel='recall',
        ylabel='precision',
        title='Precision and recall of boxes at IoU 0.5',
    )
    axes.legend(fontsize=7, loc='lower left')


def draw_risk_coverage(axes: Axes, threshold: list[float], coverage: list[float], risk: list[float]) -> None:
    """Show the share of wrong names over the share of instruments that are named, and what threshold leads there."""
    axes.plot(coverage, risk, 'k', label='wrong among the named')
    axes.plot(coverage, threshold, color=_GREY, linestyle='--', label='type_threshold')
    axes.set(
        xlim=(0.0, 1.0), ylim=(0.0, 1.02), xlabel='share of the instruments found that are named',
        title='Risk and coverage of the names of instruments',
    )  # fmt: skip
    axes.legend(fontsize=8, loc='center left')


def draw_reliability(axes: Axes, curves: dict[str, Any]) -> None:
    """Show accuracy over confidence."""
    axes.plot([0.0, 1.0], [0.0, 1.0], color=_GREY, linestyle=':', label='perfectly calibrated')
    for name, label in (('all', 'all pixels'), ('instruments', 'pixels predicted as instrument')):
        axes.plot(curves[name]['confidence'], curves[name]['accuracy'], marker='o', label=label)
    axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0), xlabel='confidence', ylabel='accuracy', title='Reliability')
    axes.legend(fontsize=8, loc='upper left')


def draw_depth_errors(axes: Axes, edges_mm: list[float], pixels: list[int]) -> None:
    """Show the distribution of the depth error, in millimetres."""
    share = np.array(pixels, float) / max(sum(pixels), 1)
    axes.stairs(share, edges_mm, fill=True)
    axes.axvline(0.0, color=_GREY, linestyle=':')
    axes.set(
        xlabel='predicted minus true depth, mm; the outer bins hold all that is beyond', ylabel='share of pixels',
        title='Depth errors, unscaled',
    )  # fmt: skip


def draw_scale_errors(axes: Axes, curves: dict[str, dict[str, list[float]]]) -> None:
    """Show the error of the scale over the deviation that was published with it, frame by frame."""
    for name, curve in curves.items():
        error = np.clip(curve['error'], _LEAST_ERROR, None)
        within = np.mean(np.array(curve['error']) <= NORMAL_95 * np.array(curve['deviation']))
        axes.scatter(curve['deviation'], error, s=9, alpha=0.6, label=f'{name}: {within:.0%} below the line')
    line = np.array([_LEAST_ERROR, 1.0])
    axes.plot(line, NORMAL_95 * line, color='k', linewidth=1.0)
    axes.set(
        xscale='log', yscale='log', xlim=(_LEAST_ERROR, 1.0), ylim=(_LEAST_ERROR, 2.0),
        xlabel='standard deviation published, of the logarithm', ylabel='error of the scale, of its logarithm',
        title='Errors of the scale, and the 95 % that was promised (line)',
    )  # fmt: skip
    axes.legend(fontsize=7, loc='upper left')


def draw_comparison(axes: Axes, section: Section) -> None:
    """Show what a network scores beside its baselines, with intervals."""
    sources = list(next(iter(section.tables[COMPARISON].values())))
    height = 0.8 / len(sources)
    for place, source in enumerate(sources):
        rows = [section.tables[source][name] for name in _COMPARED]
        mean, low, high = (np.array([row[key].value for row in rows]) for key in ('mean', 'ci95_low', 'ci95_high'))
        offsets = np.arange(len(_COMPARED)) + height * place
        axes.barh(offsets, mean, height, xerr=np.maximum([mean - low, high - mean], 0.0), label=source, capsize=2)
    axes.set_yticks(np.arange(len(_COMPARED)) + 0.4 - 0.5 * height, _COMPARED)
    axes.invert_yaxis()
    axes.set(xlim=(0.0, 1.0), xlabel='score, with its 95 % interval', title=section.title)
    axes.legend(fontsize=7)
