"""The reference of topics."""

from __future__ import annotations

from support.paths import ROOT

from mt3dnet_ros.ros.outputs import OUTPUT_TABLE
from mt3dnet_ros.ros.topic_reference import CONTENT, documentation


def test_the_documentation_is_that_of_the_tables() -> None:
    written = (ROOT / 'docs' / 'reference' / 'topics.md').read_text()
    assert written == documentation(), 'run python -m mt3dnet_ros.ros.topic_reference > docs/reference/topics.md'


def test_every_output_is_described() -> None:
    assert set(CONTENT) == {output.topic for output in OUTPUT_TABLE}
