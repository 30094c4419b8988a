"""Which belongs to which, so that all together fit best.

SciPy has this too, for 50 MB of a node's memory and half a second of its start; here a dozen rows are much.
"""

from __future__ import annotations

import numpy as np


def assign(gains: np.ndarray, least: float) -> dict[int, int]:
    """Return the column of each row that has one, so that the sum of the gains above a least one is largest.

    :param gains: (n, m)
    :param least: gain of a pair from which on it is one
    """
    worth = np.maximum(gains - least, 0.0)
    if len(gains) <= gains.shape[1]:
        pairs = list(enumerate(_cheapest_columns(-worth)))
    else:
        pairs = [(row, column) for column, row in enumerate(_cheapest_columns(-worth.T))]
    return {row: column for row, column in sorted(pairs) if worth[row, column] > 0.0}


def _cheapest_columns(costs: np.ndarray) -> list[int]:
    """Return a column of its own for each row, so that the sum of the costs is least.

    Row by row along shortest augmenting paths, by prices of rows and columns that leave no pair below zero and those
    that are chosen at zero (Jonker and Volgenant, Computing 38, 1987).

    :param costs: (n, m), n not above m
    """
    n, m = costs.shape
    row_prices, column_prices = np.zeros(n), np.zeros(m)
    row_of = np.full(m, -1)
    for start in range(n):
        distances, before, done = np.full(m, np.inf), np.full(m, -1), np.zeros(m, bool)
        row, column, length = start, -1, 0.0
        while row >= 0:
            through = length + costs[row] - row_prices[row] - column_prices
            shorter = ~done & (through < distances)
            distances[shorter], before[shorter] = through[shorter], column
            column = int(np.where(done, np.inf, distances).argmin())
            done[column], length, row = True, float(distances[column]), int(row_of[column])
        gained = np.where(done, length - distances, 0.0)
        row_prices[start] += length
        row_prices[row_of[done & (row_of >= 0)]] += gained[done & (row_of >= 0)]
        column_prices -= gained
        while column >= 0:  # along the path, every row moves on to the next column
            previous = int(before[column])
            row_of[column] = start if previous < 0 else row_of[previous]
            column = previous
    columns = {int(row): column for column, row in enumerate(row_of) if row >= 0}
    return [columns[row] for row in range(n)]
