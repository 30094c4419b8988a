"""How far saliency lies from where it should, and how its values differ wherever they lie."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.metrics.saliency.maps import reduced, unit_mass

with needs_extra('evaluate'):
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, kron

EMD_LONGEST_SIDE = 20  # cells; the linear programme grows with the fourth power
_LEAST_MASS = 1e-12
_ROOM = 1e-9


def spatial_emd(saliency: np.ndarray, truth: np.ndarray, longest_side: int = EMD_LONGEST_SIDE) -> float:
    """Return the earth mover's distance: the mean way of saliency to where it should be (Rubner et al. 2000).

    Exact, by linear programming, on a reduced grid with Euclidean distances between the centres of its cells. Mass that
    both maps have in a cell stays there: with a metric as cost, that is optimal.

    :param saliency: (H, W) and ``truth``, not negative
    :param longest_side: of the grid, cells
    :returns: shares of the image's longer side; NaN where the truth is empty
    """
    if not truth.any():
        return float('nan')
    excess = unit_mass(reduced(saliency, longest_side)) - unit_mass(reduced(truth, longest_side))
    sources, sinks = np.argwhere(excess > _LEAST_MASS), np.argwhere(excess < -_LEAST_MASS)
    if not len(sources) or not len(sinks):
        return 0.0
    surplus, lack = excess[tuple(sources.T)], -excess[tuple(sinks.T)]
    distances = np.linalg.norm(sources[:, None] - sinks[None], axis=-1) / max(excess.shape)
    return float(surplus.sum()) * _transport_cost(surplus / surplus.sum(), lack / lack.sum(), distances)


def value_distance(saliency: np.ndarray, truth: np.ndarray) -> float:
    """Return the distance of the *histograms* of two maps: what LWL's released code reports as EMD (0.0085).

    It is blind to where saliency lies. For samples of one size the one-dimensional Wasserstein distance is the mean
    difference of the sorted values.

    :param saliency: (H, W) and ``truth``, of one size
    """
    return float(np.abs(np.sort(saliency, axis=None) - np.sort(truth, axis=None)).mean())


def _transport_cost(surplus: np.ndarray, lack: np.ndarray, distances: np.ndarray) -> float:
    """Return the least cost of moving a surplus (n,) to where it lacks (m,), of sum 1 each, by distances (n, m)."""
    n, m = distances.shape
    leaving = kron(eye_array(n), csr_array(np.ones((1, m)))).tocsr()
    arriving = kron(csr_array(np.ones((1, n))), eye_array(m)).tocsr()
    # Sources of about 1 each, so that the solver's tolerances are small beside them; and a little more room than mass,
    # without which rounding can make the equations contradict each other.
    result = linprog(distances.ravel(), A_eq=leaving, b_eq=n * surplus, A_ub=arriving, b_ub=n * lack * (1.0 + _ROOM))
    if result.status != 0:
        raise RuntimeError(f'transport between {n} and {m} cells was not solved: {result.message}')
    return float(result.fun) / n
