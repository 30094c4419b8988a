"""Topics and frames by the names of tools."""

from __future__ import annotations

import pytest

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.ros.evidence.tool_names import parse_named


def test_names_and_what_they_stand_for_are_told_apart() -> None:
    assert parse_named(['PSM1=/PSM1/measured_cp', ' PSM2 = tool2 ']) == {'PSM1': '/PSM1/measured_cp', 'PSM2': 'tool2'}
    assert parse_named([]) == {}


@pytest.mark.parametrize('pair', ['/PSM1/measured_cp', '=/PSM1/measured_cp', 'PSM1='])
def test_a_pair_without_a_side_is_refused(pair: str) -> None:
    with pytest.raises(InputError, match='must be NAME=VALUE'):
        parse_named([pair])


def test_a_name_is_given_once() -> None:
    with pytest.raises(InputError, match="'PSM1' is there twice"):
        parse_named(['PSM1=/a', 'PSM1=/b'])
