"""How long a picture lives: by the time of capture, and by that of arrival."""

from __future__ import annotations

import pytest

from mt3dnet_ros.perception.console.lifetime import Lifetime

LIFETIME = Lifetime(0.2)


@pytest.mark.parametrize(
    ('capture', 'arrival', 'left'),
    [(0.05, 0.0, 0.15), (0.05, 0.12, 0.08), (0.25, 0.0, -0.05), (0.0, 0.3, -0.1), (-0.01, 0.1, 0.1), (-1.0, 0.0, 0.0)],
)
def test_the_older_of_both_ages_counts(capture: float, arrival: float, left: float) -> None:
    assert LIFETIME.left(capture, arrival) == pytest.approx(left)


@pytest.mark.parametrize(
    ('stamp', 'age', 'words'),
    [
        (1, 0.1, ''),
        (0, 0.1, 'let the driver stamp them'),
        (1, 0.31, 'perception is 310 ms behind'),
        (1, -2.0, '2.00 s ahead'),
    ],
)
def test_what_is_never_shown_is_explained(stamp: int, age: float, words: str) -> None:
    refusal = LIFETIME.refusal(stamp, age)
    assert words in refusal if words else not refusal
