"""Pictures of what was measured: how the cost grows, and minute after minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mt3dnet_ros.errors import needs_extra
from speed.findings import Point
from speed.soak import Minute
from speed.tables import Curve

with needs_extra('demo'):
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import FormatStrFormatter, MaxNLocator

_DOTS_PER_INCH = 110
_COLUMNS = 3


def draw_growth(curves: Sequence[Curve], points: Mapping[str, Sequence[Point]], path: Path) -> None:
    """Draw every curve into one picture."""
    figure = Figure(figsize=(4.0 * _COLUMNS, 3.2 * -(-len(curves) // _COLUMNS)), layout='constrained')
    panels = figure.subplots(-(-len(curves) // _COLUMNS), _COLUMNS, squeeze=False).flatten()
    for axes, curve in zip(panels, curves, strict=False):
        _draw_curve(axes, curve, points.get(curve.name, ()))
    for axes in panels[len(curves) :]:
        axes.set_axis_off()
    _save(figure, path)


def _draw_curve(axes: Axes, curve: Curve, points: Sequence[Point]) -> None:
    for name in dict.fromkeys(name for point in points for name in point.heights):
        line = sorted((point.x, point.heights[name]) for point in points if name in point.heights)
        axes.plot(*zip(*line, strict=True), marker='o', markersize=4, label=name.replace('`', ''))
    if curve.logarithmic:
        axes.set_xscale('log', base=2)
        axes.xaxis.set_major_formatter(FormatStrFormatter('%g'))
    axes.set_ylabel(curve.y)
    _finish(axes, curve.name, curve.x)


def draw_minutes(minutes: Sequence[Minute], path: Path) -> None:
    """Draw rate, drops, latency and what the node uses, minute by minute, with the faults."""
    panels: Mapping[str, Mapping[str, Sequence[float]]] = {
        'rate [Hz]': {'rate': [each.measured.rate for each in minutes]},
        'dropped [%]': {'dropped': [100.0 * each.measured.dropped for each in minutes]},
        'latency [ms]': {
            'median': [each.measured.latency(50) for each in minutes],
            'p99': [each.measured.latency(99) for each in minutes],
        },
        'memory [MB]': {'memory': [each.measured.megabytes for each in minutes]},
        'number': {
            'descriptors': [each.measured.use.descriptors for each in minutes],
            'threads': [each.measured.use.threads for each in minutes],
            'shared files': [each.measured.use.shared_files for each in minutes],
        },
        'recovered from the fault after [s]': {'fault': [each.recovered for each in minutes]},
    }
    figure = Figure(figsize=(4.0 * _COLUMNS, 6.4), layout='constrained')
    for axes, (title, lines) in zip(figure.subplots(2, _COLUMNS).flatten(), panels.items(), strict=True):
        for name, heights in lines.items():
            axes.plot([each.number for each in minutes], heights, marker='o', markersize=4, label=name)
        for each in minutes:
            if each.fault:
                axes.axvspan(each.number - 0.1, each.number + 0.1, color='0.9', zorder=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _finish(axes, title, 'minute')
    _save(figure, path)


def _finish(axes: Axes, title: str, x: str) -> None:
    """Let the scale begin at 0, and say what is what."""
    heights = [height for line in axes.lines for height in np.asarray(line.get_ydata(), float) if height > 0.0]
    axes.set_ylim(0.0, 1.1 * max(heights, default=1.0))
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(x)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)
    axes.grid(alpha=0.3)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=_DOTS_PER_INCH)
