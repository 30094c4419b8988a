"""The log of a run: CSV, TensorBoard and lines to read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tqdm import tqdm

from mt3dnet_ros.training.monitoring.log import METRICS, build_loggers
from mt3dnet_ros.training.monitoring.plots import plot_training


class RunLog:
    """Rows in ``log/metrics.csv`` and in TensorBoard's files.

    :param output: the run's folder
    :param steps_done: steps of the run that is resumed, over all stages
    """

    def __init__(self, output: Path, steps_done: int) -> None:
        self.output, self.loggers = output, build_loggers(output, steps_done)

    def write(self, values: Mapping[str, float], step: int) -> None:
        """Add a row.

        :param step: over all stages, from 0
        """
        for logger in self.loggers:
            logger.log_metrics(dict(values), step)

    def announce(self, stage: str, step: int, scores: Mapping[str, float]) -> None:
        """Print the scores of a validation, above the progress bar."""
        text = '  '.join(f'{name} {value:.4f}' for name, value in scores.items())
        tqdm.write(f'{stage}, step {step}: {text}')

    def save(self) -> None:
        """Write what has been logged to disk."""
        for logger in self.loggers:
            logger.save()

    def close(self) -> None:
        """Write what is left, and draw ``curves.png``."""
        self.save()
        if (self.output / METRICS).is_file():
            plot_training(self.output / METRICS, self.output / 'curves.png')
