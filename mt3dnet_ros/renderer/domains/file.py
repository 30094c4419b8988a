"""Domains from YAML: those of ``config/render`` by name, or a file of your own.

A file may say ``like: NAME``: what it leaves out is then as in that domain.
Files of version 0.1 have a group ``video``; its keys now stand in groups of ``camera``, and are still read.
"""

from __future__ import annotations

import json
import types
import typing
import warnings
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.renderer.domains.domain import Domain
from mt3dnet_ros.resources import package_file
from mt3dnet_ros.yaml_text import YamlError, read_yaml

_LIKE, _VIDEO = 'like', 'video'
# Where the keys of ``video`` stand now: group and key of ``camera``.
_MOVED_KEYS = {
    'exposure': ('control_unit', 'level'),
    'adaptation': ('control_unit', 'adaptation'),
    'smoke': ('air', 'haze'),
    'smoke_density': ('air', 'haze_density'),
    'vignette': ('lens', 'vignette'),
    'round_view': ('lens', 'round_view'),
    'bloom': ('sensor', 'bloom'),
    **{key: ('control_unit', key) for key in ('tint', 'gamma', 'saturation', 'blur', 'sharpening', 'noise')},
}


class DomainError(MT3DNetError, ValueError):
    """A domain is unknown, or its file has an unknown key or a value of the wrong kind."""


def load_domain(name_or_path: str | Path) -> Domain:
    """Read a domain by its name (a file of ``config/render``) or from a YAML file.

    :raises DomainError: there is no such file or its content is wrong
    """
    path = _find(str(name_or_path))
    content = _content(path)
    try:
        domain: Domain = _section(Domain, content, '')
    except DomainError as error:
        raise DomainError(f"domain file '{path}': {error}") from error
    return domain


def _content(path: Path, followers: tuple[Path, ...] = ()) -> Any:
    """Return what a file says, and what those say that it is like."""
    try:
        content = read_yaml(path)
    except (OSError, YamlError) as error:
        raise DomainError(f"domain file '{path}' cannot be read: {error}") from error
    if isinstance(content, Mapping) and _VIDEO in content:
        content = _with_moved_keys_of(path, content)
    if not isinstance(content, Mapping) or _LIKE not in content:
        return content
    followers, model = (*followers, path.resolve()), _find(str(content[_LIKE]))
    if model.resolve() in followers:
        raise DomainError(f"domain file '{path}': '{_LIKE}: {content[_LIKE]}' leads back to itself")
    return _merged(_content(model, followers), {key: value for key, value in content.items() if key != _LIKE})


def _with_moved_keys_of(path: Path, content: Mapping[str, Any]) -> Mapping[str, Any]:
    warnings.warn(
        f"domain file '{path}': the keys of '{_VIDEO}' have moved to groups of 'camera'; "
        'docs/train/rendering.md says where',
        FutureWarning,
        stacklevel=2,
    )
    try:
        return with_moved_keys(content)
    except DomainError as error:
        raise DomainError(f"domain file '{path}': {error}") from error


def with_moved_keys(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a domain's content with the keys of ``video`` in the groups of ``camera`` in which they stand now.

    :raises DomainError: ``video`` is no mapping, or has a key that it never had
    """
    video = content.get(_VIDEO, {})
    if not isinstance(video, Mapping):
        raise DomainError(f"'{_VIDEO}' must be a mapping of keys to values, got {video!r}")
    camera: dict[str, dict[str, Any]] = {}
    for key, value in video.items():
        if key not in _MOVED_KEYS:
            raise DomainError(f"key '{_VIDEO}.{key}' is not known (known: {', '.join(_MOVED_KEYS)})")
        group, name = _MOVED_KEYS[key]
        camera.setdefault(group, {})[name] = value
    return _merged({'camera': camera}, {key: value for key, value in content.items() if key != _VIDEO})


def with_later_keys(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a domain's content, as JSON, with the keys that came after it, at the values by which they are off."""
    optional = {
        member.name: json.loads(json.dumps(asdict(member.default_factory())))
        for member in fields(Domain)
        if member.default_factory is not MISSING
    }
    return _filled(optional, content)


def _filled(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group with what it lacks of the defaults, in groups of groups as well."""
    filled = {**defaults, **own}
    for key, value in own.items():
        if isinstance(value, Mapping) and isinstance(defaults.get(key), Mapping):
            filled[key] = _filled(defaults[key], value)
    return filled


def _merged(base: Any, own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lay a file over its model: groups key by key, all else, tables of numbers too, as a whole."""
    if not isinstance(base, Mapping):
        return own
    groups = {key for key in own if isinstance(own[key], Mapping) and all(isinstance(k, str) for k in own[key])}
    return {**base, **own, **{key: _merged(base.get(key), own[key]) for key in groups}}


def _find(text: str) -> Path:
    if text.endswith(('.yaml', '.yml')) or '/' in text:
        return Path(text)
    folder = package_file('config', 'render')
    if not text.isidentifier() or not (path := folder / f'{text}.yaml').is_file():
        known = ', '.join(sorted(file.stem for file in folder.glob('*.yaml')))
        raise DomainError(f"domain '{text}' is unknown (known: {known}); name one of these or a YAML file")
    return path


def _section(kind: type, content: Any, where: str) -> Any:
    if not isinstance(content, Mapping):
        raise DomainError(f"'{where or 'the file'}' must be a mapping of keys to values, got {content!r}")
    hints = typing.get_type_hints(kind)
    for key in content:
        if key not in hints:
            raise DomainError(f"key '{where}{key}' is not known (known: {', '.join(hints)})")
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    if missing := [key for key in needed if key not in content]:
        raise DomainError(f"'{where or 'the file'}' lacks {', '.join(missing)}")
    return kind(**{key: _value(hints[key], value, f'{where}{key}') for key, value in content.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    if is_dataclass(hint):
        return _section(typing.cast(type, hint), value, f'{where}.')
    if isinstance(hint, types.GenericAlias):
        members = typing.get_args(hint)
        return _mapping(members[1], value, where) if hint.__origin__ is Mapping else _numbers(members, value, where)
    return _number(hint, value, where)


def _mapping(hint: Any, value: Any, where: str) -> dict[int, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, int) for key in value):
        raise DomainError(f"'{where}' must map whole numbers to values, got {value!r}")
    return {key: _value(hint, item, f'{where}.{key}') for key, item in value.items()}


def _numbers(members: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) != len(members):
        raise DomainError(f"'{where}' must be a list of {len(members)} numbers, got {value!r}")
    numbers = tuple(_number(member, item, where) for member, item in zip(members, value, strict=True))
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        raise DomainError(f"'{where}' must go from the least to the largest value, got {value!r}")
    return numbers


def _number(kind: type, value: Any, where: str) -> Any:
    fits = isinstance(value, int) if kind is int else isinstance(value, int | float)
    if not fits or isinstance(value, bool):
        raise DomainError(f"'{where}' must be {'a whole number' if kind is int else 'a number'}, got {value!r}")
    return kind(value)
