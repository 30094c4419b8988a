"""Logs that an interrupted run, once resumed, writes on."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from mt3dnet_ros.errors import needs_extra

with needs_extra('train'):
    from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
    from lightning.pytorch.loggers.logger import rank_zero_experiment


_FOLDER = 'log'
METRICS = Path(_FOLDER) / 'metrics.csv'


class ContinuedCSVLogger(CSVLogger):
    """Write ``metrics.csv``, and keep the rows of the steps that a resumed run does not repeat.

    :param output: the run's folder
    :param steps_done: steps of the run that is resumed
    """

    def __init__(self, output: Path, steps_done: int) -> None:
        super().__init__(output, name='', version=_FOLDER)
        self._kept = read_rows(output / METRICS, steps_done)

    @property
    @rank_zero_experiment
    def experiment(self) -> Any:
        """The writer; Lightning's own deletes what lies there already."""
        first = self._experiment is None
        writer = super().experiment
        if first:
            writer.metrics = [dict(row) for row in self._kept]
            writer.save()
        return writer


def read_rows(path: Path, steps: int) -> list[dict[str, Any]]:
    """Return the rows of the first steps, without their empty cells; none where there is no file."""
    if not path.is_file():
        return []
    with path.open(newline='') as file:
        rows = [{key: value for key, value in row.items() if value} for row in csv.DictReader(file)]
    return [row for row in rows if int(row['step']) < steps]


def build_loggers(output: Path, steps_done: int) -> list[Logger]:
    """Return the loggers of a run: CSV and TensorBoard, both in ``log/``."""
    return [
        ContinuedCSVLogger(output, steps_done),
        TensorBoardLogger(output, name='', version=_FOLDER, purge_step=steps_done or None),
    ]
