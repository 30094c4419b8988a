"""Numberings of classes, read from ``config/labels``; class ids never appear in code."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mt3dnet_ros.errors import InputError, MT3DNetError
from mt3dnet_ros.perception.scale.shaft.diameter import Diameter, parse_diameter
from mt3dnet_ros.resources import package_file
from mt3dnet_ros.yaml_text import YamlError, read_yaml

_LARGEST_ID = 255
_SUFFIXES = ('.yaml', '.yml')
_GOLDEN = 0.618034  # of the colour wheel from one made-up colour to the next, so that neighbours differ


class TaxonomyError(MT3DNetError, ValueError):
    """A label file is missing or wrong."""


@dataclass(frozen=True)
class LabelClass:
    """One class: its id in label images, its name for people, its colour (red, green, blue; 0 to 255).

    :param is_tissue: whether it is a part of the patient, which may well fill the whole picture
    :param diameter: of its shaft; None where tools of several are called so, or it has none
    """

    id: int
    name: str
    color: tuple[int, int, int]
    is_tissue: bool = False
    diameter: Diameter | None = None


@dataclass(frozen=True)
class Taxonomy:
    """A numbering of classes; id 0 is the background."""

    name: str
    classes: tuple[LabelClass, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The class names, ordered by id."""
        return tuple(label.name for label in self.classes)

    @property
    def tools(self) -> tuple[int, ...]:
        """The ids of what is neither background nor tissue."""
        return tuple(label.id for label in self.classes if label.id and not label.is_tissue)

    def by_id(self, class_id: int) -> LabelClass:
        """Return the class of an id; KeyError where there is none."""
        for label in self.classes:
            if label.id == class_id:
                return label
        raise KeyError(f'taxonomy {self.name} has no class {class_id}')

    def palette(self) -> np.ndarray:
        """Return the colour of every id that a label image can hold, (256, 3) uint8; black where unused."""
        colors = np.zeros((_LARGEST_ID + 1, 3), np.uint8)
        for label in self.classes:
            colors[label.id] = label.color
        return colors

    def require_names(self, names: Sequence[str]) -> None:
        """Check that a network's classes, by id, are those of this taxonomy; spelling of case and spaces aside.

        :raises TaxonomyError: when they differ: labels would then be named wrongly without a sign of it
        """
        if [plain_name(name) for name in names] != [plain_name(name) for name in self.names]:
            raise TaxonomyError(
                f'the network has the classes {", ".join(names)}; taxonomy {self.name} has {", ".join(self.names)}'
            )


def load_taxonomy(name_or_path: str | Path) -> Taxonomy:
    """Read a taxonomy by its name (a file of ``config/labels``) or from a YAML file of one's own.

    :raises TaxonomyError: when there is no such file or its content is wrong
    """
    path = _find(name_or_path)
    try:
        content = read_yaml(path)
    except (OSError, YamlError) as error:
        raise TaxonomyError(f'label file {path} cannot be read: {error}') from error
    return _parse(content, path)


def label_file(taxonomy: Taxonomy) -> dict[str, Any]:
    """Return the content of a YAML file that ``load_taxonomy`` reads as this taxonomy."""
    return {'name': taxonomy.name, 'classes': [_class_entry(label) for label in taxonomy.classes]}


def _class_entry(label: LabelClass) -> dict[str, Any]:
    entry: dict[str, Any] = {'id': label.id, 'name': label.name, 'color': list(label.color)}
    if label.is_tissue:
        entry['tissue'] = True
    if label.diameter is not None:
        entry['shaft'] = str(label.diameter)
    return entry


def taxonomy_of_network(name_or_path: str, classes: Sequence[str]) -> Taxonomy:
    """Return the taxonomy that a network names, whose classes are the network's.

    A label file of one's own may be elsewhere than the checkpoint. Names are then the network's, and colours made up.

    :param classes: of the network, by id
    :raises TaxonomyError: the taxonomy is unknown, damaged or has other classes
    """
    if _is_path(name_or_path) and not Path(name_or_path).is_file():
        made_up = (LabelClass(number, name, _made_up_color(number)) for number, name in enumerate(classes))
        return Taxonomy(Path(name_or_path).stem, tuple(made_up))
    taxonomy = _trusted(name_or_path) if _is_path(name_or_path) else load_taxonomy(name_or_path)
    taxonomy.require_names(classes)
    return taxonomy


def _trusted(path: str) -> Taxonomy:
    """Read a label file that a network names; what else it may name is not quoted, as logs are for more people.

    :raises TaxonomyError: it is no label file
    """
    if not path.endswith(_SUFFIXES):
        raise TaxonomyError(f"the network names '{path}' as its label file, which is no YAML file")
    try:
        return load_taxonomy(path)
    except TaxonomyError:
        raise TaxonomyError(
            f"the network names '{path}' as its label file, which it is not; move one of both"
        ) from None


def _made_up_color(class_id: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(class_id * _GOLDEN % 1.0, 0.75, 0.9 if class_id else 0.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def _is_path(text: str) -> bool:
    return text.endswith(_SUFFIXES) or '/' in text


def _find(name_or_path: str | Path) -> Path:
    text = str(name_or_path)
    if _is_path(text):
        return Path(text)
    folder = package_file('config', 'labels')
    if not text.isidentifier() or not (path := folder / f'{text}.yaml').is_file():
        known = ', '.join(sorted(file.stem for file in folder.glob('*.yaml')))
        raise TaxonomyError(f'taxonomy {text!r} is unknown (known: {known}); name one of these or a YAML file')
    return path


def _parse(content: Any, path: Path) -> Taxonomy:
    if not isinstance(content, Mapping) or not isinstance(content.get('classes'), list) or not content.get('name'):
        raise TaxonomyError(f'label file {path} needs a name and a list of classes')
    classes = tuple(sorted((_parse_class(entry, path) for entry in content['classes']), key=lambda label: label.id))
    ids = [label.id for label in classes]
    if ids != list(range(len(ids))):
        raise TaxonomyError(f'label file {path} has the class ids {ids}; they must be 0, 1, 2, ... without a gap')
    if not classes or len(classes) > _LARGEST_ID + 1:
        raise TaxonomyError(f'label file {path} has {len(classes)} classes; 1 to {_LARGEST_ID + 1} are possible')
    return Taxonomy(str(content['name']), classes)


def _parse_class(entry: Any, path: Path) -> LabelClass:
    try:
        class_id, name, color = entry['id'], str(entry['name']), tuple(entry['color'])
    except (KeyError, TypeError) as error:
        raise TaxonomyError(f'label file {path}: class {entry!r} needs id, name and color') from error
    if not isinstance(class_id, int) or isinstance(class_id, bool):
        raise TaxonomyError(f'label file {path}: class id {class_id!r} is not a whole number')
    if len(color) != 3 or not all(isinstance(value, int) and 0 <= value <= 255 for value in color):
        raise TaxonomyError(f'label file {path}: color {list(color)} of {name} is not three numbers from 0 to 255')
    return LabelClass(class_id, name, color, entry.get('tissue', False) is True, _parse_shaft(entry.get('shaft'), path))


def _parse_shaft(entry: Any, path: Path) -> Diameter | None:
    try:
        return None if entry is None else parse_diameter(str(entry))
    except InputError as error:
        raise TaxonomyError(f'label file {path}: {error}') from error


def plain_name(name: str) -> str:
    """Return a class name by which it can be compared: case, hyphens, underscores and repeated spaces aside."""
    return ' '.join(name.casefold().replace('_', ' ').replace('-', ' ').split())
