"""An instrument keeps its id while it moves, is hidden, or leaves the view for a while."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from support.moving_tools import CLASSES, STEP, Bar, Stream, see

from mt3dnet_ros.perception.instruments.naming import ALL_NAMED, naming
from mt3dnet_ros.perception.scene import Tracks
from mt3dnet_ros.perception.tracks.followed import PROVEN_AFTER
from mt3dnet_ros.perception.tracks.tracker import Tracker

LEFT, RIGHT = Bar(10, 1), Bar(55, 2)
TIP = (0.01, 0.005, 0.07)


def ids(tracks: Tracks) -> dict[int, int]:
    """Return track ids by instance id of those seen."""
    return {track.instance_id: track.id for track in tracks.living if track.instance_id > 0}


def test_an_instrument_is_announced_once_it_was_seen_often_enough_to_be_no_mistake():
    stream = Stream()
    born = [stream.show(LEFT).born for _ in range(PROVEN_AFTER + 2)]
    assert born == [()] * (PROVEN_AFTER - 1) + [(1,)] + [()] * 2
    assert Stream().show(LEFT, RIGHT, frames=PROVEN_AFTER).born == (1, 2)


def test_what_is_seen_once_or_twice_gets_no_id():
    stream = Stream()
    stream.show(LEFT, frames=5)
    stream.show(LEFT, RIGHT, frames=PROVEN_AFTER - 1)
    tracks = stream.show(LEFT, frames=10)
    assert [track.id for track in tracks.living] == [1]
    assert stream.show(LEFT, RIGHT, frames=PROVEN_AFTER).born == (2,)


def test_ids_stay_with_the_instruments_whatever_their_order_in_the_frame():
    stream = Stream()
    assert ids(stream.show(LEFT, RIGHT, frames=5)) == {1: 1, 2: 2}
    assert ids(stream.show(RIGHT, LEFT)) == {1: 2, 2: 1}


@pytest.mark.parametrize('speed', [0.5, 2.0, 4.0])
def test_an_instrument_that_moves_stays_itself(speed):
    stream = Stream()
    stream.show(Bar(5), frames=3)
    for place in np.arange(5.0, 65.0, speed):
        tracks = stream.show(Bar(place))
    assert [track.id for track in tracks.living] == [1]


def test_tools_of_one_type_that_pass_each_other_stay_apart():
    stream = Stream()
    stream.show(Bar(5), Bar(60), frames=5)
    for place in range(5, 61):
        mine, other = Bar(place, length=50), Bar(65 - place, length=30)
        tracks = stream.show(mine, other)
    assert ids(tracks) == {1: 1, 2: 2}


def test_an_instrument_that_another_hides_for_a_while_is_the_same_when_it_is_seen_again():
    stream = Stream()
    before = ids(stream.show(LEFT, RIGHT, frames=60))
    hidden = stream.show(replace(LEFT, width=20), frames=40)
    unseen = next(track for track in hidden.living if track.id == before[2])
    assert unseen.instance_id == -1 and unseen.unseen == pytest.approx(40 * STEP * 1e-9)
    assert ids(stream.show(LEFT, RIGHT, frames=PROVEN_AFTER)) == before


def test_tools_that_are_taken_for_one_while_they_touch_are_themselves_again_afterwards():
    stream, mine, other = Stream(), Bar(20, 1, length=45), Bar(29, 2, length=30)
    before = ids(stream.show(mine, other, frames=30))
    both = replace(mine, width=18, class_id=2)
    joined = [stream.show(both) for _ in range(15)]
    assert all(ids(tracks) == {} and len(tracks.living) == 2 and not tracks.born for tracks in joined)
    apart = stream.show(replace(mine, column=18), replace(other, column=31))
    assert ids(apart) == before
    assert [track.class_id for track in apart.living] == [1, 2]


def test_what_stays_one_for_long_has_an_id_again():
    stream, mine, other = Stream(), Bar(20, 1, length=45), Bar(29, 2, length=30)
    stream.show(mine, other, frames=30)
    assert set(ids(stream.show(replace(mine, width=18), frames=40)).values()) <= {1, 2} != set()


def test_a_tool_that_leaves_and_comes_back_in_time_keeps_its_id():
    stream = Stream(memory=2.0)
    stream.show(LEFT, RIGHT, frames=60)
    gone = stream.show(LEFT, frames=45)
    assert not gone.ended and len(gone.living) == 2
    back = stream.show(LEFT, RIGHT, frames=PROVEN_AFTER)
    assert ids(back) == {1: 1, 2: 2} and not back.born


def test_a_tool_that_comes_back_too_late_is_another_one_and_the_end_is_announced_once():
    stream = Stream(memory=2.0)
    stream.show(LEFT, RIGHT, frames=60)
    ended = [stream.show(LEFT).ended for _ in range(60)]
    assert [item for item in ended if item] == [(2,)]
    assert ended.index((2,)) == 50  # the first frame after two seconds
    assert stream.show(LEFT, RIGHT, frames=PROVEN_AFTER).born == (3,)


def test_what_was_seen_for_a_moment_is_not_remembered_for_long():
    stream = Stream(memory=5.0)
    stream.show(LEFT, frames=60)
    stream.show(LEFT, RIGHT, frames=5)
    assert [track.id for track in stream.show(LEFT, frames=10).living] == [1]


def test_another_tool_elsewhere_is_not_taken_for_the_one_that_left():
    stream = Stream()
    stream.show(LEFT, RIGHT, frames=60)
    stream.show(LEFT, frames=40)
    tracks = stream.show(LEFT, Bar(33, 3, 15, depth=0.12, color=(200, 190, 180)), frames=PROVEN_AFTER)
    assert tracks.born == (3,)


def test_a_new_stream_ends_all_tracks_and_gives_no_id_twice():
    stream = Stream()
    stream.show(LEFT, RIGHT, frames=5)
    stream.tracker.forget()
    first = stream.show(LEFT)
    assert first.ended == (1, 2) and not first.living
    assert stream.show(LEFT, frames=PROVEN_AFTER - 1).born == (3,)


def test_a_frame_without_a_stamp_has_no_track_and_ends_those_before():
    stream = Stream()
    stream.show(LEFT, frames=5)
    assert stream.tracker(see([LEFT]), 0, 5.0, ALL_NAMED) == Tracks()
    assert stream.show(LEFT).ended == (1,)


def test_no_memory_follows_nothing():
    stream = Stream(memory=0.0)
    assert stream.show(LEFT, RIGHT, frames=10) == Tracks()


def test_a_type_that_is_right_in_three_frames_of_four_is_right_all_the_time():
    stream, random, named = Stream(), np.random.default_rng(0), []
    for _ in range(200):
        right = random.random() < 0.75
        named += [track.class_name for track in stream.show(replace(LEFT, class_id=1 if right else 3)).living]
    assert set(named[50:]) == {CLASSES[1]}


def test_an_instrument_whose_type_is_not_sure_over_its_track_is_other():
    stream = Stream(naming=naming(CLASSES, 0.6))
    doubtful = replace(LEFT, sure=0.3)
    assert stream.show(doubtful, frames=3).living[0].class_name == 'other'
    assert stream.show(LEFT, frames=50).living[0].class_name == CLASSES[1]


def test_a_tip_is_filtered_in_metres_and_has_a_velocity():
    stream, speed = Stream(), 0.02
    for place in range(60):
        tip = TIP[0] + speed * 1e-9 * STEP * place, *TIP[1:]
        tracks = stream.show(replace(LEFT, tip=tip))
    track = tracks.living[0]
    np.testing.assert_allclose(track.tip, tip, atol=2e-4)
    np.testing.assert_allclose(track.tip_velocity, (speed, 0, 0), atol=2e-3)
    assert np.linalg.eigvalsh(np.reshape(track.tip_covariance, (6, 6))).min() > 0.0


def test_without_a_camera_tips_are_not_known():
    tracker = Tracker(CLASSES)
    for place in range(1, 6):
        view = see([replace(LEFT, tip=TIP)], cell_angle=math.nan)
        tracks = tracker(view, place * STEP, 5.0, ALL_NAMED)
    assert np.isnan(tracks.living[0].tip).all() and tracks.living[0].tip_covariance == ()
