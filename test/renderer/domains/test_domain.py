"""Domains of the renderer: read from YAML, and what is wrong with one is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from mt3dnet_ros.renderer.domains.file import DomainError, load_domain
from mt3dnet_ros.resources import package_file


@pytest.fixture
def content():
    return yaml.safe_load(package_file('config', 'render', 'endoscope.yaml').read_text())


@pytest.fixture
def write(tmp_path):
    def save(content) -> str:
        path = tmp_path / 'own.yaml'
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return str(path)

    return save


def test_one_endoscope_lies_within_any():
    one, any_ = load_domain('endoscope'), load_domain('wide')
    pairs = [
        (one.optics.focal_per_width, any_.optics.focal_per_width),
        (one.ground.distance, any_.ground.distance),
        (one.skin.texture_size, any_.skin.texture_size),
        (one.finishes.metal_grey, any_.finishes.metal_grey),
        (one.camera.control_unit.gamma, any_.camera.control_unit.gamma),
    ]
    for narrow, broad in pairs:
        assert narrow[1] - narrow[0] < broad[1] - broad[0]


def test_a_file_of_ones_own_is_read(content, write):
    content['ground']['distance'] = [0.04, 0.05]
    content['finishes']['metals'] = {3: [0.1, 0.2, 0.3]}
    domain = load_domain(write(content))
    assert domain.ground.distance == (0.04, 0.05)
    assert domain.finishes.metals == {3: (0.1, 0.2, 0.3)}
    assert domain.finishes.shafts == {}


def test_unknown_domain_lists_the_known():
    with pytest.raises(
        DomainError, match=r"domain 'tunnel' is unknown \(known: bench, endoscope, laparoscopy, tracks, wide\)"
    ):
        load_domain('tunnel')


def test_missing_file_is_named(tmp_path):
    with pytest.raises(DomainError, match=r"nowhere\.yaml' cannot be read"):
        load_domain(tmp_path / 'nowhere.yaml')


@pytest.mark.parametrize(
    ('section', 'key', 'value', 'complaint'),
    [
        ('ground', 'wobble', 1.0, r"key 'ground\.wobble' is not known \(known: distance, tilt_x"),
        ('ground', 'distance', 0.1, r"'ground\.distance' must be a list of 2 numbers, got 0\.1"),
        ('ground', 'distance', [0.1, 0.2, 0.3], 'must be a list of 2 numbers'),
        ('ground', 'distance', [0.2, 0.1], 'must go from the least to the largest value'),
        ('ground', 'distance', ['near', 'far'], r"'ground\.distance' must be a number, got 'near'"),
        ('ground', 'organs', [0.5, 2], r"'ground\.organs' must be a whole number, got 0\.5"),
        ('skin', 'patches', True, r"'skin\.patches' must be a number, got True"),
        ('tools', 'classes', [1, 2], r"'tools\.classes' must map whole numbers to values"),
        ('tools', 'classes', {1: 'often'}, r"'tools\.classes\.1' must be a number, got 'often'"),
        ('finishes', 'metals', {3: [0.1, 0.2]}, r"'finishes\.metals\.3' must be a list of 3 numbers"),
    ],
)
def test_a_wrong_value_is_named(content, write, section, key, value, complaint):
    content[section][key] = value
    with pytest.raises(DomainError, match=complaint):
        load_domain(write(content))


def test_a_missing_key_is_named(content, write):
    del content['lights']['falloff']
    with pytest.raises(DomainError, match=r"'lights\.' lacks falloff"):
        load_domain(write(content))


@pytest.mark.parametrize('text', ['', '7', '- a list'])
def test_a_file_must_be_a_mapping(write, text):
    with pytest.raises(DomainError, match="'the file' must be a mapping"):
        load_domain(write(text))


def test_a_file_like_a_domain_gives_only_what_differs(write):
    wide, own = load_domain('wide'), load_domain(write({'like': 'wide', 'tools': {'counts': {2: 1.0}}}))
    assert own.tools.counts == {2: 1.0}
    assert own == replace(wide, tools=replace(wide.tools, counts={2: 1.0}))


def test_hand_held_tools_are_like_any_but_more_and_printed():
    wide, hand_held = load_domain('wide'), load_domain('laparoscopy')
    assert hand_held.optics == wide.optics
    assert hand_held.tools.classes[8] > wide.tools.classes[8]
    assert hand_held.looks.printed > wide.looks.printed
    assert hand_held.looks.polished == wide.looks.polished


def test_a_bench_is_seen_by_more_cameras_from_nearer_and_farther_than_tissue():
    wide, bench = load_domain('wide'), load_domain('bench')
    assert bench.bench.share == 1 and wide.bench.share == 0
    for own, other in (
        (bench.ground.distance, wide.ground.distance),
        (bench.optics.focal_per_width, wide.optics.focal_per_width),
    ):
        assert own[0] < other[0] and own[1] > other[1]
    assert bench.finishes.metal_grey == wide.finishes.metal_grey


@pytest.mark.parametrize(
    ('content', 'complaint'),
    [
        (
            {'like': 'wide', 'bench': {'kinds': {'sofas': 1}}},
            r"key 'bench\.kinds\.sofas' is not known \(known: blocks,",
        ),
        ({'like': 'tunnel'}, r"domain 'tunnel' is unknown"),
        ({'like': 'wide', 'tools': {'counts': {2: 'often'}}}, r"'tools\.counts\.2' must be a number"),
        ({'like': 'wide', 'tools': 3}, r"'tools\.' must be a mapping"),
        ({'like': 'wide', 'gauze': {'size': 3}}, r"key 'gauze' is not known"),
    ],
)
def test_what_is_wrong_with_a_file_like_another_is_named(write, content, complaint):
    with pytest.raises(DomainError, match=complaint):
        load_domain(write(content))


def test_a_file_may_be_like_one_that_is_like_another(write):
    assert load_domain(write({'like': 'laparoscopy'})) == load_domain('laparoscopy')


def test_files_that_are_like_each_other_are_an_error(tmp_path):
    first, second = tmp_path / 'first.yaml', tmp_path / 'second.yaml'
    first.write_text(f'like: {second}')
    second.write_text(f'like: {first}')
    with pytest.raises(DomainError, match=r"second\.yaml': 'like: .*first\.yaml' leads back to itself"):
        load_domain(first)


VIDEO = {'exposure': [0.2, 0.3], 'smoke': 0.1, 'round_view': 0.2, 'bloom': [0.0, 0.1], 'noise': [0.0, 0.01]}


def test_the_group_video_of_older_files_is_read_with_a_warning(write):
    with pytest.warns(FutureWarning, match=r"own\.yaml': the keys of 'video' have moved to groups of 'camera'"):
        own = load_domain(write({'like': 'wide', 'video': VIDEO}))
    wide = load_domain('wide')
    camera = replace(
        wide.camera,
        control_unit=replace(wide.camera.control_unit, level=(0.2, 0.3), noise=(0.0, 0.01)),
        air=replace(wide.camera.air, haze=0.1),
        lens=replace(wide.camera.lens, round_view=0.2),
        sensor=replace(wide.camera.sensor, bloom=(0.0, 0.1)),
    )
    assert own == replace(wide, camera=camera)


@pytest.mark.filterwarnings('ignore::FutureWarning')
@pytest.mark.parametrize(
    ('video', 'complaint'),
    [
        ({'hue': 1.0}, r"own\.yaml': key 'video\.hue' is not known \(known: exposure, adaptation"),
        (3, r"'video' must be a mapping of keys to values, got 3"),
    ],
)
def test_what_is_wrong_with_the_group_video_is_named(write, video, complaint):
    with pytest.raises(DomainError, match=complaint):
        load_domain(write({'like': 'wide', 'video': video}))
