"""The image of the second eye that belongs to a frame: by its stamp, also where it comes a little later."""

from __future__ import annotations

from types import SimpleNamespace as Fields

from mt3dnet_ros.ros.evidence.right_images import PairingCounts, RightImages

MS = 1_000_000
TOLERANCE = 0.02


def image(milliseconds: int) -> Fields:
    """Return a message that is stamped so many milliseconds after a beginning."""
    stamp = 1_700_000_000_000_000_000 + milliseconds * MS
    sec, nanosec = divmod(stamp, 1_000_000_000)
    return Fields(header=Fields(stamp=Fields(sec=sec, nanosec=nanosec)), of=milliseconds)


def at(milliseconds: int) -> int:
    return 1_700_000_000_000_000_000 + milliseconds * MS


def taken(images: RightImages, milliseconds: int) -> int | None:
    images.begin(at(milliseconds))
    found = images.take(TOLERANCE)
    return None if found is None else found.of


def test_of_several_images_the_nearest_in_time_is_taken() -> None:
    images = RightImages()
    for milliseconds in (0, 40, 80, 120):
        images.put(image(milliseconds))
    assert taken(images, 75) == 80
    assert taken(images, 121) == 120
    assert images.counts() == PairingCounts(received=4, used=2)


def test_an_image_that_comes_while_the_frame_is_in_work_is_taken() -> None:
    images = RightImages()
    images.put(image(0))
    images.begin(at(40))
    images.put(image(41))
    images.put(image(80))  # farther away: the nearer one stays
    assert images.take(TOLERANCE).of == 41


def test_an_image_of_another_time_is_not_taken_and_the_gap_is_known() -> None:
    images = RightImages()
    images.put(image(0))
    assert taken(images, 30) is None
    assert images.counts() == PairingCounts(received=1, unpaired=1, gap=0.03)


def test_an_image_that_comes_when_its_frame_is_done_is_late() -> None:
    images = RightImages()
    assert taken(images, 40) is None
    images.put(image(100))
    assert images.counts().late == 0
    images.put(image(41))
    images.put(image(42))  # its frame is counted once
    assert images.counts() == PairingCounts(received=3, unpaired=1, late=1)


def test_without_stamps_nothing_tells_what_belongs_together() -> None:
    images = RightImages()
    unstamped = image(0)
    unstamped.header.stamp = Fields(sec=0, nanosec=0)
    images.put(unstamped)
    assert taken(images, 0) is None
    images.put(image(0))
    images.begin(0)
    assert images.take(TOLERANCE) is None
    assert images.counts().unpaired == 2


def test_a_stamp_that_is_no_time_pairs_with_nothing() -> None:
    images = RightImages()
    damaged = image(0)
    damaged.header.stamp = Fields(sec=-1, nanosec=0)
    images.put(damaged)
    assert taken(images, 0) is None
