"""Every argument of a launch file reaches what it is for, and names and frames agree between the nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.launch_xml import Started, each_started, started
from support.paths import ROOT

FILES = {path.name: path for path in sorted((ROOT / 'launch').glob('*.launch.xml'))}
SOCKET = {'socket': '@dvrk:stereo_source:left'}
# Arguments that count only together with others, by what they need.
NEEDED = {
    'fixed_frame': {'rviz': 'true'},
    'rviz_config': {'rviz': 'true'},
    'tip_frame': {'hand_eye': 'file.yaml'},
    'command': {'guidance': 'true'},
    'dead_man': {'guidance': 'true'},
    'horizontal_fov': {'socket': '@dvrk:simulator:mono_source'},
}
WITH_RVIZ = [
    ('perception.launch.xml', {}),
    ('perception.launch.xml', {'namespace': '/jhu_daVinci/left'}),
    ('perception.launch.xml', {'namespace': 'left', 'frame_id': 'lens'}),
    ('dvrk.launch.xml', {}),
    ('dvrk.launch.xml', {'rig': 'si', 'side': 'right', 'frame_id': 'lens'}),
    ('ambf.launch.xml', {}),
    ('simulator.launch.xml', {'guidance': 'true'}),
    ('stereo.launch.xml', {}),
    ('stereo.launch.xml', {'namespace': '/jhu_daVinci', 'left_frame': 'lens', 'right_frame': 'other_lens'}),
    ('demo.launch.xml', {}),
]


def arguments() -> Iterator[tuple[str, str]]:
    """Yield every launch file that has arguments with each of them."""
    for name, path in FILES.items():
        if name == 'environment.launch.xml':  # which starts nothing
            continue
        for argument in ElementTree.parse(path).getroot().findall('arg'):
            yield name, argument.attrib['name']


def another_value(path: Path, name: str) -> str:
    """Return a value of an argument that is not its default."""
    if name == 'params_file':  # must be there
        return str(ROOT / 'package.xml')
    if name == 'discovery':
        return 'subnet'
    (argument,) = (each for each in ElementTree.parse(path).getroot().findall('arg') if each.get('name') == name)
    default, choices = argument.attrib['default'], [each.attrib['value'] for each in argument.findall('choice')]
    others = {'true': 'false', 'false': 'true'} if not choices else {default: ({*choices} - {default}).pop()}
    return others.get(default) or ('7.25' if re.fullmatch(r'[\d.]+', default) else f'the_{name}')


def nodes(run: list[Started], executable: str) -> list[Started]:
    return [each for each in run if each.executable == executable]


@pytest.mark.parametrize(('file', 'argument'), list(arguments()))
def test_an_argument_reaches_what_is_started(file: str, argument: str) -> None:
    base = NEEDED.get(argument, {})
    value = another_value(FILES[file], argument)
    without, given = started(FILES[file], base), started(FILES[file], {**base, argument: value})
    assert given != without
    if value.startswith(('the_', '/')):
        assert value in repr(given)


@pytest.mark.parametrize(
    'file', ['perception.launch.xml', 'stereo.launch.xml', 'guidance.launch.xml', 'dvrk.launch.xml']
)
def test_a_parameter_file_that_is_not_there_is_named_before_anything_starts(file: str) -> None:
    """ROS's launch ends without a word; and what it started before is left running."""
    run = each_started(
        FILES[file], {'params_file': 'nowhere/my.yaml', 'rviz': 'true', **(SOCKET if 'dvrk' in file else {})}
    )
    with pytest.raises(FileNotFoundError, match=r"'nowhere/my\.yaml'"):
        next(run)


def test_a_parameter_file_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'my own.yaml').write_text('')
    monkeypatch.setenv('HOME', str(tmp_path))
    (perception,) = nodes(started(FILES['perception.launch.xml'], {'params_file': '~/my own.yaml'}), 'perception')
    assert perception.files == (str(tmp_path / 'my own.yaml'),)


def test_a_calibration_that_is_the_default_can_be_left_out() -> None:
    """A shell makes `calibration:=` of `calibration:=''`, which ROS's launch refuses."""
    (video,) = nodes(started(FILES['demo.launch.xml'], {'calibration': 'none'}), 'video_source')
    assert video.parameters['calibration'] == ''


@pytest.mark.parametrize(('file', 'given'), WITH_RVIZ)
def test_rviz_shows_the_nodes_that_are_started(file: str, given: dict[str, str]) -> None:
    run = started(FILES[file], {**given, 'rviz': 'true'})
    (rviz,) = nodes(run, 'open_rviz')
    shown = [rviz.parameters['perception_ns'], *filter(None, [rviz.parameters['right_perception_ns']])]
    assert [f'/{name.lstrip("/")}' for name in shown] == [node.full_name for node in nodes(run, 'perception')]
    assert rviz.namespace == ''


@pytest.mark.parametrize(('file', 'given'), WITH_RVIZ)
def test_rviz_shows_them_in_the_frame_of_their_outputs(file: str, given: dict[str, str]) -> None:
    """Both are empty where the images decide; RViz asks the outputs then."""
    run = started(FILES[file], {**given, 'rviz': 'true'})
    (rviz,) = nodes(run, 'open_rviz')
    assert rviz.parameters['fixed_frame'] == nodes(run, 'perception')[0].parameters.get('frame_id', '')


def test_rviz_beside_guidance_shows_the_node_that_guides() -> None:
    node = '/jhu_daVinci/left/perception'
    run = started(FILES['guidance.launch.xml'], {'rviz': 'true', 'perception': node})
    (rviz,), (guidance,) = nodes(run, 'open_rviz'), nodes(run, 'camera_guidance')
    assert (rviz.parameters['perception_ns'], rviz.parameters['fixed_frame']) == (node, '')
    assert guidance.remaps['gaze'] == f'{node}/gaze'


def test_both_eyes_keep_the_frames_of_their_images() -> None:
    """A hand-eye transform names the driver's frame."""
    run = started(FILES['stereo.launch.xml'], {})
    assert [node.parameters.get('frame_id') for node in nodes(run, 'perception')] == [None, None]
    (transform,) = nodes(run, 'stereo_transform')
    assert (transform.parameters['left_frame'], transform.parameters['right_frame']) == ('', '')


def test_the_transform_between_the_eyes_is_of_the_nodes_that_are_started() -> None:
    given = {'namespace': '/jhu_daVinci', 'left_frame': 'a', 'right_frame': 'b', 'rectified': 'true'}
    run = started(FILES['stereo.launch.xml'], given)
    (transform,) = nodes(run, 'stereo_transform')
    assert [node.full_name for node in nodes(run, 'perception')] == [
        f'{transform.namespace}/{side}/perception' for side in ('left', 'right')
    ]
    assert [node.remaps['camera_info'] for node in nodes(run, 'perception')] == [
        f'{transform.namespace}/{side}/camera_info' for side in ('left', 'right')
    ]
    assert [node.parameters['frame_id'] for node in nodes(run, 'perception')] == ['a', 'b']
    assert transform.parameters['rectified'] == 'true'
    assert transform.files == nodes(run, 'perception')[0].files


def test_a_driver_that_places_the_right_eye_is_left_to_it() -> None:
    assert nodes(started(FILES['stereo.launch.xml'], {'stereo_transform': 'false'}), 'stereo_transform') == []


@pytest.mark.parametrize(('file', 'given'), WITH_RVIZ)
def test_a_viewer_shows_each_node_with_the_images_that_it_has(file: str, given: dict[str, str]) -> None:
    run = started(FILES[file], {**given, 'viewer': 'true'})
    viewers, perceptions = nodes(run, 'viewer'), nodes(run, 'perception')
    assert len(viewers) == len(perceptions)
    for viewer, perception in zip(viewers, perceptions, strict=True):
        assert f'{viewer.namespace}/{viewer.parameters["perception_ns"]}' == perception.full_name
        assert viewer.remaps.items() <= perception.remaps.items()
        assert 'image' in viewer.remaps
        assert viewer.files == perception.files  # of which image_transport counts


def test_the_left_eye_measures_by_the_right_one_and_the_right_one_alone() -> None:
    run = started(FILES['stereo.launch.xml'], {'namespace': '/rig', 'right_calibration': 'right.yaml'})
    left, right = nodes(run, 'perception')
    assert (left.parameters['second_eye'], right.parameters['second_eye']) == ('sparse', 'off')
    assert left.remaps['right/image'] == right.remaps['image']
    (source,) = (node for node in nodes(run, 'camera_info_source') if node.name == 'right_camera_info_source')
    assert left.remaps['right/camera_info'] == source.remaps['camera_info']
    assert source.namespace == left.namespace
    assert source.parameters['calibration'] == 'right.yaml'


def test_without_a_file_the_right_eyes_camera_info_is_that_of_its_driver() -> None:
    left, right = nodes(started(FILES['stereo.launch.xml'], {'stereo_calibration': 'pair.yaml'}), 'perception')
    assert left.remaps['right/camera_info'] == right.remaps['camera_info'] == '/stereo/right/camera_info'
    assert left.parameters['stereo_calibration'] == 'pair.yaml'
    assert 'stereo_calibration' not in right.parameters


def test_a_da_vinci_measures_by_the_other_eye_and_by_its_arms() -> None:
    given = {'rig': 'si', 'second_eye': 'dense', 'tip_topics': 'PSM1=/PSM1/measured_cp', 'hand_eye': 'file.yaml'}
    (left,) = nodes(started(FILES['dvrk.launch.xml'], given), 'perception')
    assert left.remaps['right/image'] == '/si/right/image_raw'
    assert left.remaps['right/camera_info'] == '/si/right/camera_info'
    wanted = {'second_eye': 'dense', 'tip_topics': 'PSM1=/PSM1/measured_cp', 'hand_eye': 'file.yaml'}
    assert wanted.items() <= left.parameters.items()
    (right,) = nodes(started(FILES['dvrk.launch.xml'], {**given, 'side': 'right'}), 'perception')
    assert right.parameters['second_eye'] == 'off'


RANGE = 'ROS_AUTOMATIC_DISCOVERY_RANGE'
WITH_NODES = sorted({*FILES} - {'environment.launch.xml', 'rviz.launch.xml'})


@pytest.mark.parametrize('file', WITH_NODES)
@pytest.mark.parametrize(
    ('users', 'given', 'expected'),
    [
        ({}, '', 'LOCALHOST'),
        ({}, 'subnet', 'SUBNET'),
        ({RANGE: 'SUBNET'}, '', 'SUBNET'),
        ({RANGE: 'SUBNET'}, 'localhost', 'LOCALHOST'),
        ({'ROS_DISCOVERY_SERVER': '10.0.0.1:11811'}, '', None),
        ({'ROS_LOCALHOST_ONLY': '0'}, '', None),
    ],
)
def test_nodes_are_found_from_this_machine_alone_unless_the_user_says_otherwise(
    file: str, users: dict[str, str], given: str, expected: str | None
) -> None:
    run = started(FILES[file], {'discovery': given, 'rviz': 'true', 'viewer': 'true'}, users)
    assert run
    assert {node.environment.get(RANGE) for node in run if node.package} == {expected}


def test_what_died_is_started_again_by_launch_and_guidance_too() -> None:
    """The pause grows in the node's own start; launch knows fixed ones only."""
    for file, executable in (('perception.launch.xml', 'perception'), ('guidance.launch.xml', 'camera_guidance')):
        (node,) = nodes(started(FILES[file], {}), executable)
        assert (node.attributes['respawn'], node.attributes['respawn_delay']) == ('true', '1.0')


def test_an_eye_that_gets_no_pictures_has_no_socket_either() -> None:
    (both,) = nodes(started(FILES['console.launch.xml'], {'rig': 'si'}), 'console_overlay')
    assert (both.parameters['left_socket'], both.parameters['right_socket']) == (
        '@dvrk:si:left_ar',
        '@dvrk:si:right_ar',
    )
    assert both.parameters['right_perception_ns'] == '/si/right/perception'
    (one,) = nodes(started(FILES['console.launch.xml'], {'right_perception': 'none'}), 'console_overlay')
    assert (one.parameters['right_perception_ns'], one.parameters['right_socket']) == ('', '')
    assert one.parameters['left_socket'] == '@dvrk:stereo_source:left_ar'
    (topics,) = nodes(started(FILES['console.launch.xml'], {'sockets': 'false'}), 'console_overlay')
    assert (topics.parameters['left_socket'], topics.parameters['right_socket']) == ('', '')
