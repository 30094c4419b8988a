"""What the rig makes of what came: latencies, the film, and the table."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from mt3dnet_ros.demo.dvrk.film import NothingSeenError, best_view, blend, views, write_film
from mt3dnet_ros.demo.dvrk.record import Arrival, ArrivedPicture, RigRecord, latencies, newest_at
from mt3dnet_ros.demo.dvrk.table import rig_figures
from mt3dnet_ros.media.open_source import open_source

MS = 1_000_000
SIZE = (96, 128)


def encoded(color: tuple[int, ...], kind: str) -> bytes:
    return cv2.imencode(kind, np.full((*SIZE, len(color)), color, np.uint8))[1].tobytes()


def record() -> RigRecord:
    """Return a second of grey video, over which the left eye sees green from 200 to 400 ms."""
    made = RigRecord()
    for eye in made.eyes.values():
        eye.video = [
            ArrivedPicture(t * MS + 5 * MS, t * MS, encoded((100, 100, 100), '.png')) for t in range(0, 1000, 40)
        ]
    green = encoded((0, 200, 0, 128), '.png')
    made.eyes['left'].overlay = [
        ArrivedPicture(100 * MS, 100 * MS, filled=0),
        ArrivedPicture(200 * MS, 160 * MS, green),
        ArrivedPicture(400 * MS, 400 * MS, filled=0),
    ]
    made.targets = [Arrival(100 * MS, 40 * MS), Arrival(140 * MS, 80 * MS), Arrival(300 * MS, 240 * MS)]
    made.commands = [150 * MS, 160 * MS, 301 * MS]
    made.states = ['guiding', 'guiding', 'holding']
    return made


def test_latencies_are_of_the_first_thing_that_came_of_an_image() -> None:
    assert latencies([Arrival(50 * MS, 10 * MS), Arrival(90 * MS, 10 * MS), Arrival(80 * MS, 20 * MS)]).tolist() == [
        40.0,
        60.0,
    ]
    assert not len(latencies([]))


def test_a_command_is_of_the_newest_target_before_it() -> None:
    assert record().command_latencies().tolist() == [70.0, 61.0]


def test_without_a_target_no_command_is_of_one() -> None:
    assert not len(RigRecord(commands=[5]).command_latencies())


def test_the_age_of_what_was_taken_away_is_since_its_capture() -> None:
    made = record()
    assert made.eyes['left'].ages_at_the_end().tolist() == [240.0]
    assert not len(made.eyes['right'].ages_at_the_end())


def test_the_newest_picture_is_the_last_that_had_come() -> None:
    video = record().eyes['left'].video
    assert newest_at(video, 4 * MS) is None
    assert newest_at(video, 45 * MS) is video[1]
    assert newest_at(video, 10_000 * MS) is video[-1]


def test_the_film_has_both_eyes_and_the_overlay_when_it_was_there() -> None:
    made = list(views(record()))
    assert len(made) == 24
    height, width = made[0].shape[:2]
    assert (height, width) == (SIZE[0], 2 * SIZE[1] + 8)
    for number, view in enumerate(made):
        shown = 200 <= 5 + 40 * number < 400
        assert view[50, 60].tolist() == ([50, 150, 50] if shown else [100, 100, 100])
        assert view[50, 200].tolist() == [100, 100, 100]


def test_the_film_and_the_picture_are_written(tmp_path: Path) -> None:
    write_film(tmp_path / 'film.mp4', record())
    assert open_source(str(tmp_path / 'film.mp4')).count == 24
    assert best_view(record())[50, 60].tolist() == [50, 150, 50]


def test_without_video_there_is_no_film(tmp_path: Path) -> None:
    with pytest.raises(NothingSeenError, match='look at the logs'):
        write_film(tmp_path / 'film.mp4', RigRecord())


def test_one_eye_alone_is_filmed_too() -> None:
    made = record()
    made.eyes['right'].video = []
    assert next(views(made)).shape[:2] == SIZE


def test_an_overlay_of_another_size_is_scaled_to_the_eye() -> None:
    overlay = np.zeros((48, 64, 4), np.uint8)
    overlay[:24] = (0, 0, 255, 255)
    seen = blend(np.full((*SIZE, 3), 10, np.uint8), overlay)
    assert (seen[10, 60].tolist(), seen[80, 60].tolist()) == ([0, 0, 255], [10, 10, 10])


def test_the_table_says_what_was_measured_and_what_was_not() -> None:
    text = rig_figures(record(), 'by topics')
    assert 'by topics' in text
    assert 'overlay, left eye                       40.0    40.0       1' in text
    assert 'overlay, right eye                         -       -       0' in text
    assert 'command to the arm                      65.5    69.9       2' in text
    assert 'at most 240 ms after its capture' in text
    assert '2 said guiding' in text
