"""Two things of one name are told apart by what they told before."""

from __future__ import annotations

from mt3dnet_ros.perception.scale.namesakes import Key, tell_apart
from mt3dnet_ros.perception.scale.observation import ScaleObservation

DRIVER = Key('shaft', 'needle driver')
SECOND = Key('shaft', 'needle driver 2')


def shaft(log_factor: float, of: str = 'needle driver') -> ScaleObservation:
    return ScaleObservation('shaft', log_factor, 0.05, of)


def told(observations: list[ScaleObservation], known: dict[Key, float]) -> dict[str, float]:
    return {name.of: item.log_factor for name, item in tell_apart(observations, known)}


def test_single_things_keep_their_names():
    found = [shaft(0.1), shaft(0.2, 'prograsp'), ScaleObservation('robot', 0.3, 0.05, 'needle driver')]
    assert tell_apart(found, {}) == [(Key(item.source, item.of), item) for item in found]


def test_the_second_of_a_name_is_numbered():
    assert told([shaft(0.1), shaft(0.5)], {}) == {'needle driver': 0.1, 'needle driver 2': 0.5}


def test_each_is_the_one_that_told_the_same_before_whatever_their_order():
    known = {DRIVER: 0.1, SECOND: 0.5}
    for found in ([shaft(0.12), shaft(0.49)], [shaft(0.49), shaft(0.12)]):
        assert told(found, known) == {'needle driver': 0.12, 'needle driver 2': 0.49}


def test_one_that_is_left_alone_is_still_known():
    assert told([shaft(0.49)], {DRIVER: 0.1, SECOND: 0.5}) == {'needle driver 2': 0.49}


def test_a_new_one_beside_a_known_one_is_the_second():
    assert told([shaft(0.5), shaft(0.12)], {DRIVER: 0.1}) == {'needle driver': 0.12, 'needle driver 2': 0.5}


def test_things_without_a_name_are_numbered_alike():
    assert told([shaft(0.1, ''), shaft(0.5, '')], {}) == {'': 0.1, '2': 0.5}
