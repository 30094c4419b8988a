"""Problems are told once they have lasted, and no longer than they are there."""

from __future__ import annotations

from mt3dnet_ros.ros.monitoring.lasting import LastingProblems


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_problem_is_told_when_it_has_lasted_in_its_newest_words() -> None:
    clock = Clock()
    problems = LastingProblems(clock)
    problems.note('tip', 'no pose')
    assert problems.after(2.0) == {}
    clock.now += 2.5
    problems.note('tip', 'pose of 2 s ago')
    assert problems.after(2.0) == {'tip': 'pose of 2 s ago'}


def test_a_problem_that_ends_begins_anew() -> None:
    clock = Clock()
    problems = LastingProblems(clock)
    for text in ('no pose', '', 'no pose'):
        problems.note('tip', text)
        clock.now += 1.5
    assert problems.after(1.0) == {}


def test_a_problem_of_which_nobody_speaks_any_more_is_forgotten() -> None:
    clock = Clock()
    problems = LastingProblems(clock)
    problems.note('tip', 'no pose')
    clock.now += 3.0
    problems.note('tip', 'no pose')
    clock.now += 6.0
    assert problems.after(2.0) == {}
    problems.note('tip', 'no pose')
    assert problems.after(2.0) == {}
