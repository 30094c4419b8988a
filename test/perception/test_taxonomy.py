"""Label files."""

from __future__ import annotations

import pytest
import yaml

from mt3dnet_ros.perception.taxonomy import TaxonomyError, label_file, load_taxonomy, taxonomy_of_network


def write(path, text: str):
    path.write_text(text, encoding='utf-8')
    return path


def test_shipped_types_have_the_published_numbering():
    taxonomy = load_taxonomy('endovis2018')
    assert taxonomy.names == (
        'background',
        'bipolar forceps',
        'ProGrasp forceps',
        'large needle driver',
        'monopolar curved scissors',
        'ultrasound probe',
        'suction',
        'clip applier',
        'other',
    )


def test_shipped_parts_run_from_shaft_to_clasper():
    assert load_taxonomy('parts').names == ('background', 'shaft', 'wrist', 'clasper')


@pytest.mark.parametrize('name', ['endovis2018', 'parts'])
def test_shipped_colours_are_distinct(name):
    colors = [label.color for label in load_taxonomy(name).classes]
    for i, first in enumerate(colors):
        for second in colors[:i]:
            assert sum(abs(a - b) for a, b in zip(first, second, strict=True)) > 90


@pytest.mark.parametrize('name', ['endovis2018', 'endovis2018_scene', 'parts'])
def test_a_label_file_that_is_written_is_read_as_the_same(name, tmp_path):
    taxonomy = load_taxonomy(name)
    assert load_taxonomy(write(tmp_path / 'written.yaml', yaml.safe_dump(label_file(taxonomy)))) == taxonomy


def test_palette_has_the_colour_of_each_id_and_black_elsewhere():
    taxonomy = load_taxonomy('endovis2018')
    palette = taxonomy.palette()
    assert palette.shape == (256, 3)
    assert tuple(palette[3]) == taxonomy.by_id(3).color
    assert not palette[9:].any()


def test_unknown_id_is_a_key_error():
    with pytest.raises(KeyError, match='no class 9'):
        load_taxonomy('endovis2018').by_id(9)


def test_own_file_is_read_by_path_and_sorted_by_id(tmp_path):
    path = write(
        tmp_path / 'mine.yaml',
        """
name: mine
classes:
  - {id: 1, name: tool, color: [1, 2, 3]}
  - {id: 0, name: background, color: [0, 0, 0]}
""",
    )
    assert load_taxonomy(path).names == ('background', 'tool')
    assert load_taxonomy(str(path)).by_id(1).color == (1, 2, 3)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(TaxonomyError, match=r'endovis2017, endovis2018, .*, parts'):
        load_taxonomy('endovis1066')


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('name: [', 'cannot be read'),
        ('classes: []', 'needs a name'),
        ('name: x\nclasses: []', '0 classes'),
        ('name: x\nclasses: [{id: 0, name: a}]', 'needs id, name and color'),
        ('name: x\nclasses: [5]', 'needs id, name and color'),
        ('name: x\nclasses: [{id: a, name: a, color: [0, 0, 0]}]', "class id 'a'"),
        ('name: x\nclasses: [{id: 0, name: a, color: [0, 0]}]', 'not three numbers'),
        ('name: x\nclasses: [{id: 0, name: a, color: [0, 0, 256]}]', 'not three numbers'),
        ('name: x\nclasses: [{id: 1, name: a, color: [0, 0, 0]}]', 'without a gap'),
        ('name: x\nclasses: [{id: 0, name: a, color: [0, 0, 0]}, {id: 0, name: b, color: [0, 0, 1]}]', 'without a gap'),
    ],
)
def test_wrong_file_is_refused_with_the_reason(tmp_path, text, message):
    path = write(tmp_path / 'wrong.yaml', text)
    with pytest.raises(TaxonomyError, match=message) as error:
        load_taxonomy(path)
    assert str(path) in str(error.value)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(TaxonomyError, match='cannot be read'):
        load_taxonomy(tmp_path / 'none.yaml')


def test_network_with_the_same_classes_is_accepted_whatever_the_spelling():
    load_taxonomy('parts').require_names(['Background', 'SHAFT', 'wrist', 'clasper'])


@pytest.mark.parametrize(
    'names',
    [('background', 'wrist', 'shaft', 'clasper'), ('background', 'shaft', 'wrist'), ()],
)
def test_network_with_other_classes_is_refused(names):
    with pytest.raises(TaxonomyError, match='taxonomy parts has background, shaft'):
        load_taxonomy('parts').require_names(names)


def test_label_file_of_ones_own_may_be_elsewhere_than_the_checkpoint(tmp_path):
    names = ('background', 'hook', 'grasper')
    taxonomy = taxonomy_of_network(str(tmp_path / 'mine.yaml'), names)
    assert taxonomy.name == 'mine' and taxonomy.names == names
    colors = [label.color for label in taxonomy.classes]
    assert colors[0] == (0, 0, 0) and len(set(colors)) == len(names)


def test_label_file_that_is_there_must_have_the_classes_of_the_network(tmp_path):
    path = tmp_path / 'mine.yaml'
    path.write_text('name: own\nclasses: [{id: 0, name: background, color: [0, 0, 0]}]')
    assert taxonomy_of_network(str(path), ['background']).name == 'own'
    with pytest.raises(TaxonomyError, match='the network has the classes background, hook'):
        taxonomy_of_network(str(path), ['background', 'hook'])


def test_shipped_taxonomy_is_never_made_up():
    with pytest.raises(TaxonomyError, match="'endovis1066' is unknown"):
        taxonomy_of_network('endovis1066', ['background'])


def test_shafts_of_da_vinci_instruments_are_known_and_those_of_other_tools_are_not():
    diameters = {label.name: label.diameter for label in load_taxonomy('endovis2018').classes}
    assert diameters['clip applier'] is not None and diameters['clip applier'].value == pytest.approx(0.0086)
    assert diameters['other'] is diameters['suction'] is diameters['background'] is None


def test_wrong_diameter_in_a_label_file_is_said_with_its_path(tmp_path):
    path = tmp_path / 'mine.yaml'
    path.write_text('name: own\nclasses: [{id: 0, name: background, color: [0, 0, 0], shaft: wide}]')
    with pytest.raises(TaxonomyError, match=r"mine\.yaml: shaft diameter 'wide' must be millimetres"):
        load_taxonomy(path)
