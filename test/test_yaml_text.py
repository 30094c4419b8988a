"""YAML and JSON that somebody wrote to do harm, or by mistake: one kind of error each, soon."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mt3dnet_ros.json_text import JsonError, parse_json
from mt3dnet_ros.yaml_text import MOST_BYTES, YamlError, parse_yaml, read_yaml

LAUGHS = '\n'.join(
    ['a0: &a0 [1, 1]'] + [f'a{n}: &a{n} [{", ".join([f"*a{n - 1}"] * 10)}]' for n in range(1, 10)]
)  # which stand for two billion values


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        (LAUGHS, 'aliases stand for more than'),
        ('a: &a [*a]', 'stands for what contains it'),
        ('[' * 5_000, 'nested too deeply'),
        ('- ' * 5_000, 'nested too deeply'),
        ('[' + '1,' * 101_000 + ']', 'more than 100000 values'),
        ('when: 2024-13-45', 'cannot be read'),
        ('number: ' + '1' * 400, 'digits'),
        ('number: ' + '1' * 5_000, 'cannot be read'),
        ('a: [', 'expected'),
        ('a: b: c', 'mapping values are not allowed'),
        ('!!python/object/apply:os.system ["true"]', 'could not determine a constructor'),
        ('\x00', 'unacceptable character'),
        ('{[a]: 1}', 'unhashable'),
    ],
    ids=lambda words: ascii(words[:20]),
)
def test_what_cannot_be_read_is_refused_soon(text: str, reason: str) -> None:
    began = time.process_time()
    with pytest.raises(YamlError, match=reason) as raised:
        parse_yaml(text)
    assert len(str(raised.value)) < 2_500
    assert time.process_time() - began < 30.0


def test_the_rest_is_read_as_ever(tmp_path: Path) -> None:
    text = 'base: &base {a: 1, b: 2.5}\nmore: {<<: *base, c: [yes, ~, "t", 0x1f]}\n'
    expected = {'base': {'a': 1, 'b': 2.5}, 'more': {'a': 1, 'b': 2.5, 'c': [True, None, 't', 31]}}
    assert parse_yaml(text) == expected
    (tmp_path / 'file.yaml').write_text('\ufeff' + text, encoding='utf-8')
    assert read_yaml(tmp_path / 'file.yaml') == expected
    assert parse_yaml('') is None
    with pytest.raises(YamlError) as raised:
        parse_yaml('a: 1\nb: [')
    assert raised.value.line == 2


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / 'large.yaml').write_bytes(b'#' * (MOST_BYTES + 1))
    (tmp_path / 'binary.yaml').write_bytes(b'\xff\xfe\xfa')
    os.mkfifo(tmp_path / 'pipe.yaml')
    for name, reason in (('large', 'more than 2 MB'), ('binary', 'no text in UTF-8'), ('pipe', 'a device or a pipe')):
        with pytest.raises(YamlError, match=reason):
            read_yaml(tmp_path / f'{name}.yaml')
    with pytest.raises(OSError, match='No such file'):
        read_yaml(tmp_path / 'nowhere.yaml')
    with pytest.raises(IsADirectoryError):
        read_yaml(tmp_path)


@pytest.mark.parametrize(
    'text',
    ['[' * 100_000, '{"a":' * 100_000, '1' * 5_000, '1' * 30, '{', '', b'\xff\xfa'],
    ids=lambda text: ascii(text[:20]),
)
def test_json_that_cannot_be_read_is_one_kind_of_error(text: str | bytes) -> None:
    with pytest.raises(JsonError):
        parse_json(text)
    assert parse_json('{"a": [1, -2.5e3, null]}') == {'a': [1, -2500.0, None]}
