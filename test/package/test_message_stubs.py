"""The type stubs of messages in typings/ are those of the installed messages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from message_stubs import FOLDER, all_stubs, imported_names, module_stub


def test_the_stubs_are_those_of_the_messages_that_are_imported() -> None:
    written = {path.relative_to(FOLDER): path.read_text() for path in FOLDER.rglob('*.pyi')}
    assert written == all_stubs(), 'run python tools/message_stubs.py'


def test_only_imports_at_the_top_of_a_file_count(tmp_path: Path) -> None:
    path = tmp_path / 'node.py'
    path.write_text(
        'from sensor_msgs.msg import Image as Picture\n'
        'from pathlib import Path\n'
        'def publish():\n    from tf2_msgs.msg import TFMessage\n'
    )
    assert imported_names([path]) == {'sensor_msgs.msg': {'Image'}}


def test_a_stub_has_fields_and_constants_and_refuses_unknown_arguments() -> None:
    (marker,) = (item for item in ast.parse(module_stub('visualization_msgs.msg', {'Marker'})).body[-1:])
    assert isinstance(marker, ast.ClassDef)
    fields = {item.target.id: ast.unparse(item.annotation) for item in marker.body if isinstance(item, ast.AnnAssign)}
    assert fields['CUBE'] == 'Final[int]'
    assert fields['text'] == 'str'
    assert fields['header'] == 'Header'
    assert fields['points'] == 'Items[Point]'
    (constructor,) = (item for item in marker.body if isinstance(item, ast.FunctionDef))
    assert [argument.arg for argument in constructor.args.kwonlyargs][:3] == ['header', 'ns', 'id']
    assert constructor.args.kwarg is None


def test_numbers_are_read_as_an_array_and_set_by_any_collection() -> None:
    text = module_stub('sensor_msgs.msg', {'CameraInfo'})
    assert 'k: FixedNumbers[float]' in text
    assert 'd: Numbers[float]' in text
    assert 'd: Collection[float] = ...' in text
