"""The guidance demo as curves: errors, joint speeds, reasons to stand still; and approaches under unknown scales."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from mt3dnet_ros.demo.guidance.approach import LARGEST, LEAST, Approach, no_go_distance
from mt3dnet_ros.demo.guidance.scenario import ScenarioResult
from mt3dnet_ros.demo.guidance.steps import errors
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.limits import MotionLimits

_COLORS = {'guiding': 'tab:green', 'not in depth': 'tab:olive'}  # of what guidance does; orange where it stands


def draw_result(
    path: Path, result: ScenarioResult, camera: Camera, limits: MotionLimits, working_distance: float
) -> None:
    """Write a picture of four curves over one time axis; faults are shaded.

    :param limits: that are drawn into the curves of the speeds
    :param working_distance: that is drawn into the curve of the distance, metres
    """
    figure = Figure(figsize=(10.0, 11.0), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.subplots(5, 1, sharex=True, height_ratios=(3, 2, 2, 2, 3))
    times = np.array([step.time for step in result.steps]) - result.begin
    _draw_errors(axes[0], times, errors(result.steps, camera))
    _draw_distance(axes[1], times, result, working_distance)
    speeds = np.stack([step.speeds for step in result.steps])
    _draw_speeds(axes[2], times, speeds[:, :2], limits.turning_speed, ('yaw', 'pitch'), 'mrad/s')
    _draw_speeds(axes[3], times, speeds[:, 2:3], limits.advance_speed, ('insertion',), 'mm/s')
    _draw_reasons(axes[4], times, [step.state if step.reason else '' for step in result.steps])
    for panel in axes:
        for fault in result.faults:
            panel.axvspan(
                fault.begin - result.begin, fault.end - result.begin, color='tab:red', alpha=0.15, linewidth=0
            )
    for number, fault in enumerate(result.faults):
        place = fault.begin - result.begin, 1.02 + 0.06 * (number % 2)  # in two lines: they are close together
        axes[0].annotate(fault.name, place, xycoords=('data', 'axes fraction'), fontsize=7)
    axes[-1].set_xlabel('time since guidance was enabled [s]')
    figure.savefig(path, dpi=110)


def _draw_errors(axes: Axes, times: np.ndarray, away: np.ndarray) -> None:
    axes.axhspan(-5.0, 5.0, color='tab:green', alpha=0.15, linewidth=0, label='5 % of the width')
    for values, label in zip(100.0 * away.T, ('column', 'row'), strict=True):
        axes.plot(times, values, label=label)
    axes.set_ylabel('target from centre\n[% of image width]')
    axes.legend(fontsize=8, loc='upper right', ncols=3)


def _draw_distance(axes: Axes, times: np.ndarray, result: ScenarioResult, working_distance: float) -> None:
    axes.axhline(1e3 * working_distance, color='0.6', linestyle=':', label='working distance')
    axes.plot(times, [1e3 * step.seen[2] for step in result.steps])
    axes.set_ylabel('distance [mm]')
    axes.legend(fontsize=8, loc='upper right')


def _draw_speeds(
    axes: Axes,
    times: np.ndarray,
    speeds: np.ndarray,
    limit: float,
    names: tuple[str, ...],
    unit: str,
) -> None:
    for sign in (-1.0, 1.0):
        axes.axhline(sign * 1e3 * limit, color='0.6', linestyle=':')
    for values, name in zip(1e3 * speeds.T, names, strict=True):
        axes.plot(times, values, label=name)
    axes.set_ylabel(f'measured\n[{unit}]')
    axes.legend(fontsize=8, loc='upper right', ncols=2)


def _draw_reasons(axes: Axes, times: np.ndarray, reasons: list[str]) -> None:
    """Draw one row per state, filled while it held."""
    names = list(dict.fromkeys(name for name in reasons if name))
    step = times[1] - times[0]
    for row, name in enumerate(names):
        held = [(time, step) for time, reason in zip(times, reasons, strict=True) if reason == name]
        axes.broken_barh(held, (row - 0.4, 0.8), color=_COLORS.get(name.partition(':')[0], 'tab:orange'))
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()


def draw_approaches(path: Path, approaches: Sequence[Approach]) -> None:
    """Write a picture of the true distance over time, a curve per approach, coloured by its true scale."""
    figure = Figure(figsize=(10.0, 6.0), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    colors = ScalarMappable(LogNorm(LEAST, LARGEST), 'viridis')
    for approach in approaches:
        times = [moment.time for moment in approach.moments]
        distances = [1e3 * moment.nearest for moment in approach.moments]
        axes.plot(times, distances, **_appearance(approach, colors))
    axes.axhline(1e3 * no_go_distance(), color='k', linestyle=':', label='no-go distance')
    axes.set_xlabel('time since guidance was enabled [s]')
    axes.set_ylabel('nearest surface, true distance [mm]')
    axes.legend(fontsize=8)
    bar = figure.colorbar(colors, ax=axes, label='true scale, with a source of it')
    bar.set_ticks([0.5, 0.7, 1.0, 1.4, 2.0], labels=['0.5', '0.7', '1', '1.4', '2'])
    bar.minorticks_off()
    figure.savefig(path, dpi=110)


def _appearance(approach: Approach, colors: ScalarMappable) -> dict[str, Any]:
    """Return how the curve of an approach is drawn: by its true scale, or dashed without any source of it."""
    if approach.sources:
        return {'color': colors.to_rgba(np.array([approach.factor]))[0]}
    name = 'without a source' if approach.careful else 'without a source, scale_required: false'
    label = f'{name}, true scale {approach.factor:.1f}'
    return {'color': '0.3' if approach.careful else 'tab:red', 'linestyle': '--', 'label': label}
