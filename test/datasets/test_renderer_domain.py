"""Domains of the renderer: read from YAML, and what is wrong with one is named."""

from __future__ import annotations

import pytest
import yaml

from mt3dnet_ros.datasets.renderer.domain_file import DomainError, load_domain
from mt3dnet_ros.perception.resources import package_file


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
        (one.video.gamma, any_.video.gamma),
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
    with pytest.raises(DomainError, match=r"domain 'tunnel' is unknown \(known: endoscope, wide\)"):
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
