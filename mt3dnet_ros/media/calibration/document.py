"""The text of a calibration file, and its values: YAML, JSON, OpenCV's XML, INI or Intuitive's text."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibrationError
from mt3dnet_ros.media.calibration.ini import is_ini, parse_ini
from mt3dnet_ros.media.calibration.intuitive import is_intuitive, parse_intuitive
from mt3dnet_ros.media.calibration.opencv_xml import parse_xml
from mt3dnet_ros.media.calibration.values import CalibrationValueError, Value
from mt3dnet_ros.yaml_text import YamlError, compose_yaml

_MOST_BYTES = 10_000_000
_MOST_DOCUMENTS = 1_000  # in which the first with values is looked for
_DIRECTIVE = re.compile(r'\A(\s*)%YAML[: ]\S*', re.IGNORECASE)  # OpenCV writes %YAML:1.0, which is not YAML
_LOST = re.compile(r'^A message was lost!!!\n\s.*\n\s.*---$', re.MULTILINE)  # as `ros2 topic echo` prints it
_PACKED = (b'\x1f\x8b', b'PK\x03\x04', b'BZh')
_CONTROL = re.compile(r'[\x00-\x08\x0e-\x1f]')


def read_document(path: Path) -> Value:
    """Return the values of a file.

    :raises CameraCalibrationError: it is missing, no text, or in none of the formats
    """
    text = _read_text(path)
    if not text.strip():
        raise CameraCalibrationError('the file is empty')
    if text.lstrip().startswith('<'):
        return parse_xml(text)
    if is_intuitive(text):
        return parse_intuitive(text)
    return parse_ini(text) if is_ini(text) else _parse_yaml(text)


def _read_text(path: Path) -> str:
    if path.is_dir():
        raise CameraCalibrationError('this is a folder; name the file in it')
    try:
        if path.exists() and not path.is_file():
            raise CameraCalibrationError('this is a device; name a file')
        if (size := path.stat().st_size) > _MOST_BYTES:
            raise CameraCalibrationError(f'the file has {size / 1e6:.0f} MB, which no calibration has; name another')
        content = path.read_bytes()
    except OSError as error:
        raise CameraCalibrationError(f'cannot be read: {error.strerror or error}') from error
    return _decode(content)


def _decode(content: bytes) -> str:
    """Return the text; what is not UTF-8 can only be a comment or a name, as numbers and keys are ASCII."""
    if content.startswith(_PACKED):
        raise CameraCalibrationError('the file is packed; unpack it, and name the calibration in it')
    is_utf16 = content.startswith((b'\xff\xfe', b'\xfe\xff'))
    text = content.decode('utf-16' if is_utf16 else 'utf-8-sig', errors='replace')
    if _CONTROL.search(text):
        raise CameraCalibrationError('this is not a text file; name one of YAML, JSON, XML or INI')
    return text.replace('\r\n', '\n').replace('\r', '\n')


def _parse_yaml(text: str) -> Value:
    """Return the first document that holds values; `ros2 topic echo` writes one per message, and remarks between."""
    if text.lstrip().startswith('{'):
        text = text.replace('\t', ' ')  # JSON may be indented by tabs, YAML may not
    text = _LOST.sub('---\n\n', text)
    text = _DIRECTIVE.sub(r'\1', text, count=1)
    failed: CalibrationValueError | None = None
    for line, document in _documents(text)[:_MOST_DOCUMENTS]:
        try:
            value = _parse_document(document, line)
        except CalibrationValueError as error:
            failed = failed or error
            continue
        if value is not None:
            return value
    raise failed or CalibrationValueError('there are no names with values, such as camera_matrix: ...')


def _documents(text: str) -> list[tuple[int, str]]:
    """Return each document with the number of lines before it."""
    documents: list[list[str]] = [[]]
    starts = [0]
    for number, line in enumerate(text.split('\n'), start=1):
        if re.match(r'---(\s|$)|\.\.\.\s*$', line):
            documents.append([])
            starts.append(number)
        else:
            documents[-1].append(line)
    return list(zip(starts, map('\n'.join, documents), strict=True))


def _parse_document(text: str, lines_before: int) -> Value | None:
    try:
        node = compose_yaml(text)
        return _value(node, '', lines_before) if isinstance(node, yaml.MappingNode) else None
    except YamlError as error:
        tab = '; indent by spaces, not by tabs' if "'\\t'" in error.problem else ''
        raise CalibrationValueError(f'{error.problem}{tab}', lines_before + error.line if error.line else 0) from error
    except RecursionError as error:
        raise CalibrationValueError(f'no YAML: {error}') from error


def _value(node: yaml.Node, name: str, lines_before: int) -> Value:
    """Return a node's value; tags such as !!opencv-matrix are passed over, so that a file can make no objects."""
    line = node.start_mark.line + 1 + lines_before
    if isinstance(node, yaml.MappingNode):
        keys = [(str(key.value), value) for key, value in node.value]
        content = {key: _value(value, f'{name}.{key}' if name else key, lines_before) for key, value in keys}
        return Value(content, name, line)
    if isinstance(node, yaml.SequenceNode):
        return Value([_value(item, name, lines_before) for item in node.value], name, line)
    return Value(str(node.value), name, line)
