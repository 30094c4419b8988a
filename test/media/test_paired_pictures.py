"""Pictures of both eyes find each other by their names, by their times, or in one picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mt3dnet_ros.media.frame_source import FrameLosses, SourceError
from mt3dnet_ros.media.paired_pictures import PairedPictures, SideBySidePictures
from mt3dnet_ros.media.pictures import Picture, open_pictures

MILLISECOND = 1_000_000


class Film:
    """Pictures at some times in milliseconds; each is filled with its own number."""

    def __init__(self, *times: float, rate: float = 25.0) -> None:
        self.count, self.rate, self.is_sequence, self.losses = len(times), rate, True, FrameLosses()
        self._times = times

    def __iter__(self):
        for number, time in enumerate(self._times):
            picture = np.full((4, 6, 3), number, np.uint8)
            yield Picture(f'{number:06d}', 'film', lambda picture=picture: picture, round(time * MILLISECOND))


def partners(pictures: PairedPictures) -> list[int | None]:
    return [picture.read_right and int(picture.read_right()[0, 0, 0]) for picture in pictures]


def write_images(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for number, name in enumerate(names):
        cv2.imwrite(str(folder / f'{name}.png'), np.full((4, 6, 3), number, np.uint8))
    return folder


def test_pictures_of_two_videos_belong_together_by_their_times():
    pictures = PairedPictures(Film(40, 80, 120, 160), Film(0, 41, 79, 165, 200), tolerance=0.01)
    assert partners(pictures) == [1, 2, None, 3]
    assert pictures.unpaired == 1
    assert partners(pictures) == [1, 2, None, 3], 'once more'


def test_a_video_of_twice_the_rate_gives_every_second_picture():
    slow, fast = Film(40, 80, 120), Film(20, 40, 60, 80, 100, 120, rate=50.0)  # stamps begin a picture after 0
    assert partners(PairedPictures(slow, fast, tolerance=0.005)) == [0, 2, 4]


def test_a_video_that_ends_early_leaves_the_rest_without_a_partner():
    pictures = PairedPictures(Film(40, 80, 120), Film(40), tolerance=0.01)
    assert partners(pictures) == [0, None, None]


def test_images_of_two_folders_belong_together_by_their_names(tmp_path):
    left, right = write_images(tmp_path / 'left', 'a', 'b', 'c'), write_images(tmp_path / 'right', 'c', 'a')
    pictures = PairedPictures(open_pictures(left), open_pictures(right), 0.01)
    assert partners(pictures) == [1, None, 0] and pictures.unpaired == 1


def test_folders_of_other_names_are_refused(tmp_path):
    left, right = write_images(tmp_path / 'left', 'a1'), write_images(tmp_path / 'right', 'b1')
    with pytest.raises(SourceError, match="'a1' and 'b1'"):
        PairedPictures(open_pictures(left), open_pictures(right), 0.01)


def test_a_folder_and_a_video_are_no_pair(tmp_path):
    with pytest.raises(SourceError, match='both eyes must be given alike'):
        PairedPictures(open_pictures(write_images(tmp_path / 'left', 'a')), Film(40), 0.01)


def test_two_images_are_a_pair_whatever_their_names(tmp_path):
    folder = write_images(tmp_path / 'images', 'left', 'right')
    pictures = PairedPictures(open_pictures(folder / 'left.png'), open_pictures(folder / 'right.png'), 0.01)
    assert partners(pictures) == [1]


def test_views_side_by_side_are_taken_apart(tmp_path):
    whole = np.hstack([np.full((4, 6, 3), 10, np.uint8), np.full((4, 6, 3), 20, np.uint8)])
    cv2.imwrite(str(tmp_path / 'both.png'), whole)
    (picture,) = SideBySidePictures(open_pictures(tmp_path / 'both.png'))
    assert picture.read().shape == (4, 6, 3) == picture.read_right().shape
    assert (picture.read() == 10).all() and (picture.read_right() == 20).all()


def test_an_odd_width_is_no_two_views(tmp_path):
    cv2.imwrite(str(tmp_path / 'odd.png'), np.zeros((4, 7, 3), np.uint8))
    (picture,) = SideBySidePictures(open_pictures(tmp_path / 'odd.png'))
    with pytest.raises(SourceError, match='7 columns'):
        picture.read()
