"""Diameters as people write them."""

from __future__ import annotations

import pytest

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.perception.scale.shaft.diameter import parse_diameter


@pytest.mark.parametrize(
    ('text', 'value', 'deviation'),
    [
        ('8.6+-0.2', 8.6, 0.2),
        (' 8.6 mm ± 0.2 mm ', 8.6, 0.2),
        ('5+/-.1', 5.0, 0.1),
        ('10', 10.0, 0.1),
        ('8.5 mm', 8.5, 0.1),
    ],
)
def test_millimetres_with_and_without_a_deviation(text, value, deviation):
    found = parse_diameter(text)
    assert (found.value, found.deviation) == pytest.approx((1e-3 * value, 1e-3 * deviation))
    assert found.log_deviation == pytest.approx(deviation / value)


@pytest.mark.parametrize(
    ('text', 'says'),
    [
        ('thick', 'must be millimetres'),
        ('', 'must be millimetres'),
        ('-5', 'must be millimetres'),
        ('0.0086', 'between 1 and 30 mm'),
        ('86', 'between 1 and 30 mm'),
        ('8.6+-0', 'above 0'),
        ('8.6+-5', 'less than half'),
    ],
)
def test_what_is_no_diameter_is_refused_in_words(text, says):
    with pytest.raises(InputError, match=says):
        parse_diameter(text)
