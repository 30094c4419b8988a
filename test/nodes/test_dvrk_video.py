"""The node ``dvrk_video`` over real DDS; what reads its sockets needs no GStreamer here, and says the same."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from sensor_msgs.msg import CameraInfo, Image
from support.calibration_file import write_calibration
from support.ros_listener import Listener, listening, wait_for_end
from support.ros_processes import NodeProcess
from support.video_sockets import CONNECTED, READY, fake_reader, lost, picture, wait_until

from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.messages.images import decode_image
from mt3dnet_ros.ros.qos import OUTPUT, QUEUED

StartNode = Callable[..., NodeProcess]
PATIENCE = 60.0
TIME = 1_700_000_000_123_456_789


class Watch:
    """Collects what a node ``dvrk_video`` publishes of one or both eyes."""

    def __init__(self, listener: Listener, *eyes: str) -> None:
        self.listener = listener
        self.images = {eye: listener.collect(Image, f'{eye}/image_raw', OUTPUT) for eye in eyes}
        self.infos = {eye: listener.collect(CameraInfo, f'{eye}/camera_info', OUTPUT) for eye in eyes}
        self.reports: list[DiagnosticArray] = listener.collect(DiagnosticArray, '/diagnostics', QUEUED)

    def wait_for(self, condition: Callable[[], Any]) -> None:
        """Wait until something has come."""
        self.listener.spin_until(lambda: bool(condition()), timeout=PATIENCE)

    def status(self) -> DiagnosticStatus | None:
        """Return the newest status."""
        return self.reports[-1].status[0] if self.reports else None

    def wait_for_message(self, words: str) -> DiagnosticStatus:
        """Wait until diagnostics say something; return the status."""
        self.wait_for(lambda: (status := self.status()) and words in status.message)
        return self.status()


def stream(levels: tuple[int, ...], **given: Any) -> dict[str, Any]:
    """Return the step of a scenario that gives pictures without an end."""
    return {'stream': picture(levels, **given)['picture']}


def test_an_eye_is_published_with_the_time_when_it_was_taken(tmp_path: Path, start_node: StartNode) -> None:
    environment = fake_reader(tmp_path, {'dvrk:s:left': [[READY, CONNECTED, stream((7,), left_source_ts=TIME, pts=5)]]})
    write_calibration(tmp_path / 'left.yaml', 8, 4)
    with listening() as listener:
        watch = Watch(listener, 'left', 'right')
        parameters = {'socket': '@dvrk_gst:s:left', 'left_calibration': str(tmp_path / 'left.yaml')}
        process = start_node('dvrk_video', parameters, environment=environment)
        watch.wait_for(lambda: watch.images['left'] and watch.infos['left'])
        watch.wait_for(watch.status)
    image, info = watch.images['left'][0], watch.infos['left'][0]
    assert (stamp_to_ns(image.header.stamp), image.header.frame_id) == (TIME, 's_left_frame')
    assert (image.encoding, image.step) == ('rgb8', 24)
    assert (decode_image(image) == 7).all()
    assert info.header == image.header and info.k[0] > 0.0
    assert not watch.images['right'] and not watch.infos['right']
    values = {value.key: value.value for value in watch.status().values}
    assert values['capture time from'] in ('left-source-ts', 'none yet')
    code, output = process.stop()
    assert (code, 'Traceback' in output) == (0, False), output
    assert "dvrk_data names it '@dvrk:s:left'" in output


def test_both_eyes_of_one_picture_are_split(tmp_path: Path, start_node: StartNode) -> None:
    step = stream((1, 2), left_source_ts=TIME, right_source_ts=TIME + 3)
    environment = fake_reader(tmp_path, {'dvrk:sim:stereo_source': [[READY, CONNECTED, step]]})
    with listening() as listener:
        watch = Watch(listener, 'left', 'right')
        parameters = {'socket': '@dvrk:sim:stereo_source', 'eye': 'both', 'horizontal_fov': 60.0}
        start_node('dvrk_video', {**parameters, 'right_frame_id': 'lens'}, environment=environment)
        watch.wait_for(lambda: watch.images['left'] and watch.images['right'] and watch.infos['right'])
    left, right = watch.images['left'][0], watch.images['right'][0]
    assert (decode_image(left) == 1).all() and (decode_image(right) == 2).all()
    assert [(image.width, image.height) for image in (left, right)] == [(4, 4), (4, 4)]
    assert [stamp_to_ns(image.header.stamp) for image in (left, right)] == [TIME, TIME + 3]
    assert [image.header.frame_id for image in (left, right)] == ['sim_left_frame', 'lens']
    assert watch.infos['right'][0].k[0] == pytest.approx(2.0 / 3.0**-0.5)


def test_both_eyes_of_two_sockets_come_side_by_side(tmp_path: Path, start_node: StartNode) -> None:
    lives = {f'dvrk:s:{eye}': [[READY, CONNECTED, stream((level,))]] for eye, level in (('left', 1), ('right', 2))}
    with listening() as listener:
        watch = Watch(listener, 'left', 'right')
        parameters = {'socket': '@dvrk:s:left', 'eye': 'both'}
        start_node('dvrk_video', parameters, environment=fake_reader(tmp_path, lives))
        watch.wait_for(lambda: watch.images['left'] and watch.images['right'])
        status = watch.wait_for_message('without the time when they were taken')  # these have no stamp at all
    assert [(decode_image(watch.images[eye][0])[0, 0, 0]) for eye in ('left', 'right')] == [1, 2]
    assert status.level == DiagnosticStatus.WARN
    assert {'left: frames received', 'right: frames received'} <= {value.key for value in status.values}


def test_without_a_producer_diagnostics_say_so_and_pictures_follow_once_there_is_one(
    tmp_path: Path, start_node: StartNode
) -> None:
    first = [READY, lost('Failed to connect'), {'wait': 'for the test'}, {'die': 9}]
    environment = fake_reader(tmp_path, {'dvrk:s:left': [first, [READY, CONNECTED, stream((1,), pts=-50_000_000)]]})
    with listening() as listener:
        watch = Watch(listener, 'left')
        process = start_node('dvrk_video', {'socket': '@dvrk:s:left'}, environment=environment)
        status = watch.wait_for_message("'@dvrk:s:left': no image for ")
        (tmp_path / 'go on').touch()
        assert status.level == DiagnosticStatus.WARN
        assert 'nothing sends on it; ' in status.message and ' live' in status.message
        watch.wait_for(lambda: watch.images['left'])
        watch.wait_for(lambda: watch.status().level == DiagnosticStatus.OK)
    values = {value.key: value.value for value in watch.status().values}
    assert (values['restarts of the reader'], values['capture time from']) == ('1', 'pts')
    assert float(values['latency median [ms]']) >= 50.0
    assert process.running


def test_pictures_that_do_not_fit_are_refused_and_counted(tmp_path: Path, start_node: StartNode) -> None:
    environment = fake_reader(tmp_path, {'dvrk:s:stereo': [[READY, CONNECTED, stream((1,), width=7, pts=-1)]]})
    with listening() as listener:
        watch = Watch(listener, 'left')
        process = start_node('dvrk_video', {'socket': '@dvrk:s:stereo'}, environment=environment)
        status = watch.wait_for_message('7 x 4 pixels, which cannot hold two eyes side by side')
    assert status.level == DiagnosticStatus.ERROR
    assert process.running and not watch.images['left']


def test_each_wrong_argument_ends_with_one_clear_line(tmp_path: Path, start_node: StartNode) -> None:
    too_old = [{'say': {'is': 'unusable', 'problem': 'GStreamer 1.22.0 is too old'}}]
    environment = fake_reader(tmp_path, {'dvrk:s:left': [too_old]})
    write_calibration(tmp_path / 'left.yaml', 8, 4)
    cases: dict[str, dict[str, Any]] = {
        "socket '' is no video socket; name one as @dvrk:<role>:<name>": {},
        "carries the left eye: name '@dvrk:s:right'": {'socket': '@dvrk:s:left', 'eye': 'right'},
        'calibration and horizontal_fov are both given': {
            'socket': '@dvrk:s:left',
            'left_calibration': str(tmp_path / 'left.yaml'),
            'horizontal_fov': 60.0,
        },
        'GStreamer 1.22.0 is too old; `sudo apt install python3-gi': {'socket': '@dvrk:s:left'},
    }
    processes = {
        reason: start_node('dvrk_video', parameters, environment=environment) for reason, parameters in cases.items()
    }
    for reason, process in processes.items():
        code, output = wait_for_end(process, PATIENCE)
        errors = [line for line in output.splitlines() if '[FATAL]' in line]
        assert (code, len(errors), 'Traceback' in output) == (1, 1, False), output
        assert reason in errors[0]


@pytest.mark.parametrize(
    ('steps', 'number'),
    [
        ([READY, CONNECTED, stream((1,), pts=-1)], signal.SIGINT),
        ([], signal.SIGTERM),
        ([READY, CONNECTED, stream((1,), pts=-1)], signal.SIGKILL),
    ],
    ids=['while pictures come', 'while GStreamer starts', 'killed'],
)
def test_whatever_ends_the_node_ends_what_reads_its_socket(
    tmp_path: Path, start_node: StartNode, steps: list[dict[str, Any]], number: int
) -> None:
    process = start_node(
        'dvrk_video', {'socket': '@dvrk:s:left'}, environment=fake_reader(tmp_path, {'dvrk:s:left': [steps]})
    )
    wait_until(lambda: (tmp_path / 'dvrk:s:left.starts').exists())
    if steps:
        process.wait_for_output("'@dvrk:s:left' on '/left/image_raw'", PATIENCE)
    readers = psutil.Process(process.pid).children()
    assert len(readers) == 1
    os.kill(process.pid, number)
    code, output = process.wait(PATIENCE)
    assert (code, 'Traceback' in output) == (-9 if number == signal.SIGKILL else 0, False), output
    wait_until(lambda: not readers[0].is_running())
