"""The scale over time: as sure as its sources deserve, steady, and soon where the truth is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.perception.scale.depth_scale import NORMAL_95, DepthScale
from mt3dnet_ros.perception.scale.filter import SUPPORT, ScaleFilter
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation

SECOND = 1_000_000_000
NETWORK = 0.15


def shaft(factor: float, deviation: float = 0.05, of: str = 'needle driver') -> ScaleObservation:
    return ScaleObservation('shaft', math.log(factor), deviation, of)


def eye(factor: float, deviation: float = 0.02) -> ScaleObservation:
    return ScaleObservation('second_eye', math.log(factor), deviation)


def robot(factor: float, deviation: float = 0.06) -> ScaleObservation:
    return ScaleObservation('robot', math.log(factor), deviation, 'PSM1')


class Stream:
    """Frames of one stream, at a rate in 1/s, for a filter."""

    def __init__(self, rate: float = 25.0, network: float = NETWORK) -> None:
        self.filter = ScaleFilter()
        self.step = round(SECOND / rate)
        self.stamp = 10 * SECOND
        self.network = network

    def frame(self, *found: ScaleObservation | Rejection) -> DepthScale:
        self.stamp += self.step
        return self.filter.update([*found], self.stamp, self.network)

    def seconds(self, seconds: float, *found: ScaleObservation | Rejection) -> DepthScale:
        for _ in range(round(seconds * SECOND / self.step)):
            scale = self.frame(*found)
        return scale


def covers(scale: DepthScale, factor: float) -> bool:
    return abs(math.log(scale.factor / factor)) <= NORMAL_95 * scale.deviation


def test_without_a_source_the_scale_is_the_networks_guess():
    scale = Stream().frame()
    assert scale.is_guess
    assert (scale.factor, scale.deviation) == (1.0, NETWORK)


def test_without_a_source_and_a_known_network_nothing_is_known():
    assert math.isnan(Stream(network=math.nan).frame().deviation)


def test_a_source_is_weighed_against_the_networks_guess():
    scale = ScaleFilter().update([shaft(math.exp(0.2), 0.15)], 0, 0.15)
    assert math.log(scale.factor) == pytest.approx(0.1)
    assert scale.deviation == pytest.approx(0.15 / math.sqrt(2.0))


def test_of_an_unknown_network_a_source_alone_counts():
    scale = ScaleFilter().update([shaft(2.0, 0.05)], 0, math.nan)
    assert scale.factor == pytest.approx(2.0, rel=1e-4)
    assert scale.deviation == pytest.approx(0.05, rel=1e-4)


def test_a_guess_far_from_what_is_measured_does_not_pull():
    scale = ScaleFilter().update([eye(2.0, 0.02)], 0, 0.1)
    assert scale.factor == pytest.approx(2.0, rel=0.005)


def test_sources_are_named_with_their_newest_word_and_age_the_most_exact_first():
    stream = Stream()
    stream.seconds(1.0, shaft(1.1), eye(1.12))
    scale = stream.seconds(2.0, shaft(1.11))
    told = [(source.name, source.of, round(source.factor, 2), round(source.age, 2)) for source in scale.sources]
    assert told == [('second_eye', '', 1.12, 2.0), ('shaft', 'needle driver', 1.11, 0.0)]
    assert [source.deviation for source in scale.sources] == [0.02, 0.05]


def test_what_is_old_supports_no_more_but_is_not_forgotten_at_once():
    stream = Stream(10.0)
    before = stream.seconds(1.0, eye(1.2))
    supported = stream.seconds(SUPPORT - 0.1)
    guess = stream.seconds(0.3)
    later = stream.seconds(60.0)
    assert [scale.is_guess for scale in (before, supported, guess)] == [False, False, True]
    assert guess.factor == pytest.approx(supported.factor, rel=0.02)
    assert 1.0 < later.factor < guess.factor < before.factor
    assert before.deviation < supported.deviation < later.deviation < NETWORK


def test_after_a_long_time_nothing_is_left_but_the_networks_guess():
    stream = Stream()
    stream.seconds(1.0, eye(1.2))
    stream.stamp += 700 * SECOND
    assert stream.frame() == DepthScale(deviation=NETWORK)


def test_forgetting_begins_anew():
    stream = Stream()
    stream.seconds(1.0, shaft(1.3))
    stream.filter.forget()
    assert stream.frame().is_guess


def test_frames_without_a_stamp_stand_alone():
    stream = Stream()
    stream.seconds(1.0, shaft(1.3))
    alone = stream.filter.update([shaft(0.9)], 0, NETWORK)
    assert alone == ScaleFilter().update([shaft(0.9)], 0, NETWORK)
    assert stream.frame(shaft(1.3)).factor > 1.2


def test_time_that_goes_back_begins_a_new_stream():
    stream = Stream()
    stream.seconds(1.0, shaft(1.3))
    stream.stamp -= 5 * SECOND
    assert stream.frame().is_guess


def test_an_outlier_is_rejected_with_a_reason_and_does_not_move_the_scale():
    stream = Stream()
    before = stream.seconds(1.0, shaft(1.1))
    scale = stream.frame(shaft(1.9))
    assert scale.factor == pytest.approx(before.factor, abs=1e-3)
    assert [(item.source, item.of) for item in scale.rejections] == [('shaft', 'needle driver')]
    assert 'x1.90' in scale.rejections[0].reason


def test_rejections_of_sources_are_passed_on():
    rejection = Rejection('shaft', 'cut by the border', 'needle driver')
    assert Stream().frame(rejection).rejections == (rejection,)


def test_a_fault_is_told_among_the_conflicts_once_for_all_arms():
    faults = [Rejection('robot', 'the hand-eye transform is off', f'PSM{k}', is_fault=True) for k in (1, 2)]
    scale = Stream().frame(*faults)
    assert scale.conflicts == ('robot: the hand-eye transform is off',)
    assert scale.rejections == tuple(faults)


@pytest.mark.parametrize('rate', [10.0, 15.0, 25.0])
@pytest.mark.parametrize('change', [0.5, 0.8, 1.25, 2.0])
def test_a_change_that_stays_is_followed_within_a_second(rate, change):
    random = np.random.default_rng(3)
    stream = Stream(rate, network=0.5)

    def told(factor: float) -> ScaleObservation:
        return shaft(factor * math.exp(0.01 * random.normal()))

    for _ in range(round(4.0 * rate)):
        stream.frame(told(1.1))
    for _ in range(round(rate)):
        scale = stream.frame(told(1.1 * change))
    assert scale.factor == pytest.approx(1.1 * change, rel=0.03)


def test_a_change_that_one_thing_sees_is_not_held_back_by_what_another_said_before():
    stream = Stream(network=0.5)
    stream.seconds(3.0, shaft(1.0), eye(1.0))
    scale = stream.seconds(1.0, shaft(1.4))
    assert scale.factor == pytest.approx(1.4, rel=0.03)
    assert scale.conflicts == ()


def test_first_observation_that_was_an_outlier_is_soon_outvoted():
    stream = Stream()
    stream.frame(eye(1.9))
    assert stream.seconds(0.2, eye(1.1)).factor == pytest.approx(1.1, rel=0.02)


@pytest.mark.parametrize('seed', range(20))
def test_the_scale_is_never_surer_than_its_sources_deserve(seed):
    random = np.random.default_rng(seed)
    things = [('shaft', f'tool {k}', random.uniform(0.02, 0.2)) for k in range(random.integers(1, 4))]
    things += [('robot', f'PSM{k}', random.uniform(0.02, 0.2)) for k in range(random.integers(0, 3))]
    best = {source: min(d for name, _, d in things if name == source) for source, _, _ in things}
    # Even of endless things of one source half of the error is common to them all.
    least = (NETWORK**-2 + sum(2.0 * d**-2 for d in best.values())) ** -0.5
    stream = Stream()
    for _ in range(100):
        found = [ScaleObservation(name, 0.1 + 0.02 * random.normal(), d, of) for name, of, d in things]
        scale = stream.frame(*found)
        assert scale.deviation >= least
        if len(things) == 1:
            assert scale.deviation >= (NETWORK**-2 + best['shaft'] ** -2) ** -0.5


def test_only_what_passes_averages_away():
    passing = ScaleObservation('second_eye', 0.1, 0.05, systematic=0.01)
    lasting = ScaleObservation('second_eye', 0.1, 0.05)
    once = Stream().frame(passing).deviation
    assert Stream().seconds(4.0, passing).deviation < 0.6 * once
    assert Stream().seconds(4.0, lasting).deviation == pytest.approx(Stream().frame(lasting).deviation, rel=0.01)


def test_one_thing_under_changing_names_is_not_taken_for_endless_evidence():
    stream = Stream()
    for k in range(200):
        scale = stream.frame(shaft(1.1, 0.05, f'tool {k}'))
    assert scale.deviation > 0.05 * math.sqrt(0.5)


def is_covered(seed: int, bias: float, noise: float) -> bool:
    """Return whether the truth lies in the interval after four seconds of one shaft with a constant bias."""
    random = np.random.default_rng(seed)
    slow = NETWORK * random.normal() + 0.01 * np.cumsum(random.normal(size=40)) / math.sqrt(10.0)
    right = slow + 0.02 * random.normal(size=40)
    told = right + bias * random.normal() + noise * random.normal(size=40)
    stream = Stream(10.0)
    for log in told:
        scale = stream.frame(ScaleObservation('shaft', log, math.hypot(bias, noise), 'tool', systematic=bias))
    return covers(scale, math.exp(right[-1]))


@pytest.mark.parametrize('noise', [0.005, 0.03])
def test_nineteen_of_twenty_truths_lie_within_the_interval_of_a_source_with_a_constant_bias(noise):
    assert 0.92 <= np.mean([is_covered(seed, 0.05, noise) for seed in range(300)]) <= 0.98


@pytest.mark.parametrize('rate', [10.0, 25.0])
def test_the_scale_is_at_least_three_times_as_steady_as_that_of_single_frames(rate):
    steadiness = []
    for seed in range(30):
        random = np.random.default_rng(seed)
        stream = Stream(rate)
        told = 0.1 + 0.03 * random.normal(size=round(6.0 * rate))
        logs = [math.log(stream.frame(ScaleObservation('shaft', log, 0.06, 'tool')).factor) for log in told]
        steadiness.append(np.std(logs[round(rate) :]) / np.std(told[round(rate) :]))
    assert np.median(steadiness) < 1.0 / 3.0


@pytest.mark.parametrize('wrong', [1.3, 1.0 / 1.3])
def test_a_wrong_source_does_not_pull_the_truth_out_of_the_interval(wrong):
    random = np.random.default_rng(5)
    stream = Stream()
    for _ in range(100):
        noise = np.exp(0.02 * random.normal(size=2))
        scale = stream.frame(shaft(1.1 * wrong * noise[0]), eye(1.1 * noise[1]))
        assert covers(scale, 1.1)
    assert scale.factor == pytest.approx(1.1, rel=0.03)
    assert len(scale.conflicts) == 1
    assert 'diameter of needle driver' in scale.conflicts[0]
    assert 'baseline' in scale.conflicts[0]


def test_while_nothing_decides_the_interval_reaches_to_both():
    scale = Stream().seconds(1.0, shaft(1.4), eye(1.1))
    assert covers(scale, 1.4)
    assert covers(scale, 1.1)
    assert [source.name for source in scale.sources] == ['second_eye']


def test_where_two_sources_outvote_one_the_interval_stays_narrow():
    scale = Stream().seconds(1.0, shaft(1.1), robot(1.1), eye(1.45))
    assert scale.factor == pytest.approx(1.1, rel=0.02)
    assert scale.deviation < 0.06
    assert {source.name for source in scale.sources} == {'shaft', 'robot'}
    assert "check the stereo calibration's baseline" in scale.conflicts[0]
    assert 'hand-eye' not in scale.conflicts[0]


def test_a_conflict_ends_when_the_sources_agree_again():
    stream = Stream()
    assert stream.seconds(1.0, shaft(1.5), eye(1.1)).conflicts
    agreed = stream.seconds(1.5, shaft(1.1), eye(1.1))
    assert agreed.conflicts == ()
    assert agreed.deviation < 0.03


def test_belief_does_not_flicker_between_two_that_are_as_exact():
    random = np.random.default_rng(7)
    stream = Stream()
    factors = []
    for _ in range(200):
        deviations = 0.03 * np.exp(0.1 * random.normal(size=2))
        factors.append(stream.frame(shaft(1.5, deviations[0]), eye(1.1, deviations[1])).factor)
    assert np.ptp(factors) < 0.05


def test_two_instruments_of_one_name_with_different_diameters_contradict_each_other():
    random = np.random.default_rng(4)
    stream = Stream()
    for _ in range(50):
        factors = 1.1 * np.exp([0.01 * random.normal(), math.log(8.5 / 5.0) + 0.01 * random.normal()])
        scale = stream.frame(*(shaft(factor) for factor in random.permutation(factors)))
    assert len(scale.conflicts) == 1
    assert 'diameter of needle driver' in scale.conflicts[0]
    assert 'diameter of needle driver 2' in scale.conflicts[0]
    assert scale.rejections == ()
    assert covers(scale, 1.1)
    assert covers(scale, 1.1 * 8.5 / 5.0)


def test_two_instruments_of_one_name_that_agree_are_two_witnesses():
    assert len(Stream().seconds(1.0, shaft(1.1), shaft(1.12)).sources) == 2


def test_a_thing_that_was_seen_once_does_not_contradict_what_is_proven():
    stream = Stream()
    before = stream.seconds(1.0, eye(1.1))
    scale = stream.frame(eye(1.1), shaft(1.9))
    assert scale.conflicts == ()
    assert scale.factor == pytest.approx(before.factor, rel=0.002)
    assert stream.seconds(1.0, eye(1.1), shaft(1.9)).conflicts


def test_the_observations_that_the_scale_rests_on_are_known():
    stream = Stream()
    good, wrong = eye(1.1), shaft(1.8)
    stream.seconds(1.0, good, wrong)
    assert stream.filter.believed == (good,)
    stream.frame(eye(3.0))
    assert stream.filter.believed == ()
    stream.filter.update([wrong], 0, NETWORK)
    assert stream.filter.believed == (wrong,)


def test_what_measures_single_frames_exactly_is_followed_from_frame_to_frame():
    random = np.random.default_rng(3)
    wavering = 0.02 * random.standard_normal(100)
    exact, smoothed = Stream(), Stream()
    errors = []
    for k, log in enumerate(0.2 + wavering):
        seen = ScaleObservation('second_eye', log + 0.003 * random.standard_normal(), 0.011, frame_noise=0.003)
        followed, steady = exact.frame(seen), smoothed.frame(eye(math.exp(seen.log_factor), 0.011))
        if k >= 25:
            errors.append([math.log(scale.factor) - log for scale in (followed, steady)])
            assert covers(followed, math.exp(log))
            assert followed.deviation < steady.deviation
    followed_error, smoothed_error = np.sqrt(np.mean(np.square(errors), axis=0))
    assert followed_error < 0.008 < 0.015 < smoothed_error
