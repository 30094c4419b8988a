"""Instruments over time, through the whole of perception, by a network whose outputs are drawn by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.drawing import Drawing, DrawnBackEnd

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scene import Scene, Tracks
from mt3dnet_ros.perception.settings import Settings

SIZE = 256, 320
CAMERA = Camera(320, 256, 260.0, 260.0, 159.5, 127.5)
STEP = 40_000_000
SURE, UNSURE = 3.0, 1.0  # logits that give one of eight types 0.74 and 0.28
SCISSORS, PROGRASP, OTHER = 4, 2, 8
SHAFT, CLASPER = 1, 3
PICTURE = np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8).repeat(32, 0).repeat(40, 1)
SETTINGS = Settings(score_threshold=0.0, shaft_scale=False)


def tool(class_id: int, logit: float = SURE, left: int = 10) -> Drawing:
    """Return a tool that comes from above, with shaft and claspers."""
    box = (left, 0, left + 10, 40)
    return (
        Drawing()
        .tool(box, class_id, depth=0.1, logit=logit)
        .part((left, 0, left + 10, 30), SHAFT)
        .part((left, 30, left + 10, 40), CLASPER)
    )


class Stream:
    """A perceiver that is shown drawings, one every 40 ms."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.back_end = DrawnBackEnd(Drawing())
        self.perceiver = Perceiver(self.back_end, settings)
        self.stamp = 1_000_000_000

    def show(self, drawing: Drawing, outputs: frozenset[str] | None = None, stamped: bool = True) -> Scene:
        self.back_end.drawing = drawing
        self.stamp += STEP
        frame = Frame(PICTURE, self.stamp if stamped else 0)
        return self.perceiver(frame, CAMERA, outputs or {'labels', 'detections', 'tracks', 'confidence', 'overlay'})


def names(scene: Scene) -> set[int]:
    """Return the classes of labels and detections together."""
    return {*np.unique(scene.labels).tolist(), *(found.class_id for found in scene.detections)} - {0}


def test_names_that_flip_in_single_frames_do_not_once_there_is_a_track():
    stream = Stream()
    seen = [names(stream.show(tool(PROGRASP if k % 4 == 3 else SCISSORS))) for k in range(40)]
    assert seen[3:] == [{SCISSORS}] * 37
    alone = Stream(replace(SETTINGS, track_memory=0.0))
    flips = [names(alone.show(tool(PROGRASP if k % 4 == 3 else SCISSORS))) for k in range(8)]
    assert flips == [{SCISSORS}, {SCISSORS}, {SCISSORS}, {PROGRASP}] * 2


def test_labels_alone_are_named_by_tracks_too():
    stream = Stream()
    for k in range(20):
        scene = stream.show(tool(PROGRASP if k % 4 == 3 else SCISSORS), frozenset({'labels'}))
    assert k % 4 == 3 and set(np.unique(scene.labels)) == {0, SCISSORS}
    assert scene.tracks is None


def test_a_detection_knows_its_track_and_the_tip_has_a_velocity():
    stream = Stream()
    for _ in range(20):
        scene = stream.show(tool(SCISSORS))
    [found], [track] = scene.detections, scene.tracks.living
    assert found.track_id == track.id == 1
    assert found.track_age == track.age == pytest.approx(19 * STEP * 1e-9)
    assert track.instance_id == found.instance_id
    assert found.type_probability == track.class_probability > 0.7
    np.testing.assert_allclose(track.tip, found.tip, atol=1e-3)
    np.testing.assert_allclose(track.tip_velocity, 0.0, atol=1e-3)
    assert len(found.tip_covariance) == 36


def test_an_instrument_whose_type_is_not_sure_over_its_track_is_other():
    stream = Stream()
    for _ in range(5):
        scene = stream.show(tool(SCISSORS, UNSURE))
    assert names(scene) == {OTHER} and scene.tracks.living[0].class_id == OTHER
    for _ in range(40):
        scene = stream.show(tool(SCISSORS, SURE))
    assert names(scene) == {SCISSORS}
    assert names(stream.show(tool(SCISSORS, UNSURE))) == {SCISSORS}  # by all of its frames


def test_a_frame_without_a_stamp_has_no_track():
    stream = Stream()
    for _ in range(5):
        scene = stream.show(tool(SCISSORS), stamped=False)
    assert scene.tracks == Tracks() and scene.detections[0].track_id == -1


def test_a_gap_in_the_stream_ends_all_tracks():
    stream = Stream()
    for _ in range(5):
        stream.show(tool(SCISSORS))
    stream.stamp += round(1.5e9)
    first = stream.show(tool(SCISSORS))
    assert first.tracks.ended == (1,) and not first.tracks.living
    stream.show(tool(SCISSORS))
    assert stream.show(tool(SCISSORS)).tracks.born == (2,)


def test_a_tool_that_is_out_of_view_lives_on_unseen():
    stream = Stream()
    for _ in range(30):
        stream.show(tool(SCISSORS))
    for _ in range(10):
        scene = stream.show(Drawing())
    [track] = scene.tracks.living
    assert not scene.detections and track.instance_id == -1
    assert track.unseen == pytest.approx(10 * STEP * 1e-9)


def test_the_scene_in_words_tells_of_tracks():
    stream = Stream()
    for _ in range(5):
        scene = stream.show(tool(SCISSORS))
    assert '1 track' in str(scene) and '#1 monopolar curved scissors' in str(scene)
