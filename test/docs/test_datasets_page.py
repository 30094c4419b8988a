"""The page on data sets lists those that there are."""

from __future__ import annotations

import re

from support.pages import DOCS

import mt3dnet_ros.renderer  # noqa: F401  registers its frames
from mt3dnet_ros.datasets.registry import dataset_names


def test_the_table_of_data_sets_is_that_of_the_registry() -> None:
    table = (DOCS / 'train' / 'datasets.md').read_text().partition('| name | types |')[2].partition('\n\n')[0]
    listed = re.findall(r'^\| \[?`(\w+)`', table, re.MULTILINE)
    assert sorted(listed) == sorted(dataset_names())
