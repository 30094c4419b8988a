"""Each message becomes what the layout shows of it, in the right place, colour and time."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip('rerun', reason="needs the extra 'view'")

from support.perceived import Fields, axis, cloud, detection, fixation, header, image, plane, scale, status, whole_scene

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.viewer.messages import read_picture
from mt3dnet_ros.viewer.scene_log import SHOWN, SceneLog
from mt3dnet_ros.viewer.settings import LogSettings


class Collected:
    """Takes the place of a stream and keeps what is logged."""

    def __init__(self) -> None:
        self.logged: dict[str, list[Any]] = {}
        self.times: list[int] = []
        self.blueprints: list[Any] = []

    def log(self, entity: str, what: Any, static: bool = False) -> None:
        self.logged.setdefault(entity, []).append(what)

    def set_time(self, timeline: str, timestamp: np.datetime64) -> None:
        self.times.append(timestamp.astype(np.int64).item())

    def send_blueprint(self, blueprint: Any) -> None:
        self.blueprints.append(blueprint)

    def values(self, entity: str, component: str) -> list[Any]:
        """Return a component of what was logged last."""
        batch = getattr(self.logged[entity][-1], component)
        return [] if batch is None else batch.as_arrow_array().to_pylist()


@pytest.fixture
def stream() -> Collected:
    return Collected()


def make_log(stream: Collected, **settings: int) -> SceneLog:
    return SceneLog(stream, read_picture, LogSettings(**settings))  # type: ignore[arg-type]


def jpeg_of(stream: Collected, entity: str) -> np.ndarray:
    blob = np.frombuffer(bytes(stream.values(entity, 'blob')[0]), np.uint8)
    return cv2.cvtColor(cv2.imdecode(blob, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def rgb_of(packed: int) -> tuple[int, int, int]:
    return packed >> 24, packed >> 16 & 255, packed >> 8 & 255


def test_everything_that_can_be_shown_is_logged(stream: Collected) -> None:
    log = make_log(stream)
    scene = whole_scene()
    assert scene.keys() == SHOWN.keys()
    for key, message in scene.items():
        log.log(key, message)
    assert set(stream.logged) >= {
        *('image', 'overlay', 'depth', 'saliency', 'scene', 'scene/cloud', 'scene/camera', 'scene/gaze'),
        *('image/detections', 'scene/detections', 'scene/tips', 'image/fixations', 'scene/scanpath'),
        *('diagnostics/figures/latency', 'diagnostics/figures/output', 'diagnostics/reports/perception'),
    }


@pytest.mark.parametrize('key', ['image', 'overlay'])
def test_a_picture_keeps_its_colours(stream: Collected, key: str) -> None:
    message = whole_scene()[key]
    make_log(stream).log(key, message)
    assert np.abs(jpeg_of(stream, key).astype(int) - read_picture(message)).mean() < 4.0


def test_boxes_follow_a_picture_that_is_made_smaller(stream: Collected) -> None:
    log = make_log(stream, max_size=80)
    scene = whole_scene()
    for key in ('label_info', 'image', 'detections', 'scanpath'):
        log.log(key, scene[key])
    assert jpeg_of(stream, 'image').shape == (64, 80, 3)
    assert stream.values('image/detections', 'half_sizes') == [[15.0, 10.0]]
    assert stream.values('image/detections', 'centers') == [[25.0, 25.0]]
    assert stream.values('image/fixations', 'positions') == [[20.0, 25.0], [40.0, 25.0]]


def test_boxes_have_name_score_and_the_colour_of_the_class(stream: Collected) -> None:
    log = make_log(stream)
    scene = whole_scene()
    log.log('label_info', scene['label_info'])
    log.log('detections', scene['detections'])
    for entity in ('image/detections', 'scene/detections'):
        assert stream.values(entity, 'labels') == ['probe 0.75']
        assert rgb_of(stream.values(entity, 'colors')[0]) == (0, 0, 255)


def test_what_has_no_place_is_shown_in_the_picture_alone(stream: Collected) -> None:
    log = make_log(stream)
    log.log('detections', Fields(header=header(), detections=[detection(1, 'hook', placed=False)]))
    log.log('scanpath', Fields(header=header(), fixations=[fixation(1, placed=False)]))
    assert stream.values('image/detections', 'labels') == ['hook 0.75']
    assert stream.values('scene/detections', 'labels') == []
    assert stream.values('image/fixations', 'labels') == ['1']
    assert stream.values('scene/fixations', 'positions') == []


def test_an_empty_message_removes_what_was_shown(stream: Collected) -> None:
    log = make_log(stream)
    log.log('detections', whole_scene()['detections'])
    log.log('detections', Fields(header=header(1), detections=[]))
    assert stream.values('image/detections', 'half_sizes') == []


@pytest.mark.parametrize('encoding', ['32FC1', '16UC1'])
def test_depth_reads_in_metres_and_unknown_is_none(stream: Collected, encoding: str) -> None:
    metres = np.full((16, 16), 0.05, np.float32)
    metres[0] = np.nan
    pixels = metres if encoding == '32FC1' else np.nan_to_num(1000.0 * metres).astype(np.uint16)
    make_log(stream).log('depth', image(pixels, encoding))
    meter = stream.values('depth', 'meter')[0]
    shown = np.frombuffer(bytes(stream.values('depth', 'buffer')[0]), np.uint16).reshape(16, 16) / meter
    assert np.allclose(shown[1:], 0.05)
    assert not shown[0].any()


def test_the_limits_of_depth_do_not_flicker(stream: Collected) -> None:
    log = make_log(stream)
    log.log('depth', image(np.full((8, 8), 0.05, np.float32), '32FC1'))
    log.log('depth', image(np.full((8, 8), 0.15, np.float32), '32FC1', 1))
    near, _ = stream.values('depth', 'depth_range')[0]
    assert 500 < near < 700


def test_the_eye_is_placed_once_by_the_first_cloud_that_has_points(stream: Collected) -> None:
    log = make_log(stream)
    log.log('cloud', cloud(np.full((4, 3), np.nan, np.float32)))
    assert not stream.blueprints
    log.log('cloud', cloud(plane()))
    log.log('cloud', cloud(plane()))
    assert len(stream.blueprints) == 1


def test_time_goes_on_where_stamps_begin_anew(stream: Collected) -> None:
    log = make_log(stream)
    for index in (0, 1, 100, 0, 1):
        log.log('image', image(np.zeros((8, 8, 3), np.uint8), 'rgb8', index))
    assert stream.times == sorted(stream.times)
    assert stream.times[-1] - stream.times[-2] == 100_000_000


def test_diagnostics_of_another_clock_do_not_move_time(stream: Collected) -> None:
    log = make_log(stream)
    log.log('image', image(np.zeros((8, 8, 3), np.uint8), 'rgb8', 50))
    log.log('diagnostics', status(0, 'OK'))
    log.log('image', image(np.zeros((8, 8, 3), np.uint8), 'rgb8', 51))
    assert np.diff(stream.times).tolist() == [0, 100_000_000]


def test_a_report_is_told_when_it_changes(stream: Collected) -> None:
    log = make_log(stream)
    for level, text in ((0, 'OK'), (0, 'OK'), (1, 'no image'), (0, 'OK')):
        log.log('diagnostics', status(level, text))
    reports = stream.logged['diagnostics/reports/perception']
    assert [report.text.as_arrow_array().to_pylist()[0] for report in reports] == ['OK', 'no image', 'OK']
    assert [report.level.as_arrow_array().to_pylist()[0] for report in reports] == ['INFO', 'WARN', 'INFO']


def test_a_figure_that_is_unknown_is_left_out(stream: Collected) -> None:
    log = make_log(stream)
    log.log('diagnostics', status(0, 'OK', **{'latency median [ms]': 'nan', 'output rate [Hz]': '24.0'}))
    assert len(stream.logged['diagnostics/figures/latency']) == 1  # the style of its line
    assert stream.values('diagnostics/figures/output', 'scalars') == [24.0]


def test_a_message_that_cannot_be_shown_says_why(stream: Collected) -> None:
    with pytest.raises(InputError, match="encoding 'nonsense' is none of"):
        make_log(stream).log('depth', image(np.zeros((4, 4), np.uint8), 'nonsense'))


def test_the_scale_is_a_line_between_the_ends_of_its_interval(stream: Collected) -> None:
    make_log(stream).log('scale', scale(1.2, 'shaft', 'robot'))
    lines = {name: stream.values(f'scale/{name}', 'scalars')[0] for name in ('lower', 'factor', 'upper')}
    assert lines == pytest.approx({'lower': 1.08, 'factor': 1.2, 'upper': 1.32})
    assert stream.values('diagnostics/reports/scale', 'text') == ['rests on shaft, robot']


def test_what_the_scale_rests_on_is_told_when_it_changes(stream: Collected) -> None:
    log = make_log(stream)
    for message in (scale(1.0), scale(1.0), scale(1.1, 'shaft'), scale(1.1, 'shaft', conflicts=('shaft and eye',))):
        log.log('scale', message)
    reports = stream.logged['diagnostics/reports/scale']
    texts = [report.text.as_arrow_array().to_pylist()[0] for report in reports]
    assert texts == ['rests on nothing: a guess of the network', 'rests on shaft', 'shaft and eye']


def test_the_axis_of_a_shaft_is_a_line_and_older_detections_have_none(stream: Collected) -> None:
    log = make_log(stream)
    log.log('detections', whole_scene()['detections'])
    assert stream.values('scene/axes', 'strips') == []
    seen, unknown = detection(3, 'probe'), detection(3, 'probe')
    seen.axis, unknown.axis = axis((1.0, 0.0, 0.0)), axis((1.0, 0.0, 0.0))
    unknown.axis.point.x = float('nan')
    log.log('detections', Fields(header=header(), detections=[seen, unknown]))
    ((near, far),) = stream.values('scene/axes', 'strips')
    assert (near, far) == (pytest.approx([-0.01, 0.0, 0.07]), pytest.approx([0.03, 0.0, 0.07]))
