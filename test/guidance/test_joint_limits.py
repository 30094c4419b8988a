"""Joint limits are files, each with its source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from support.paths import ROOT

from mt3dnet_ros.guidance import joint_limits
from mt3dnet_ros.guidance.joint_limits import MODELS, JointLimitsError, read_joint_limits

FOLDER = ROOT / 'config' / 'arms'


def test_every_file_is_a_model_and_names_where_its_figures_are_from() -> None:
    assert {path.name for path in FOLDER.glob('ecm_*.yaml')} == {f'ecm_{model}.yaml' for model in MODELS}
    for model in MODELS:
        assert 'jhu-dvrk/' in yaml.safe_load((FOLDER / f'ecm_{model}.yaml').read_text())['source']


def test_they_are_those_of_the_source() -> None:
    lower, upper = read_joint_limits('virtual')
    np.testing.assert_allclose(np.degrees(lower), [-90.0, -45.0, 0.0, -260.0], atol=1e-3)
    np.testing.assert_allclose(upper[2], 0.299)
    np.testing.assert_allclose(read_joint_limits('classic')[1], [1.571, 1.134, 0.255, 1.552])
    np.testing.assert_allclose(read_joint_limits('si')[0], [-2.964, -1.10, 0.001, -1.54])


def test_nobody_changes_them_by_accident() -> None:
    with pytest.raises(ValueError, match='read-only'):
        read_joint_limits('classic')[0][0] = 0.0


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ('lower: {yaw: -1}\nupper: {}', "KeyError('pitch')"),
        ('[', 'needs lower and upper'),
        ('lower: 1\nupper: 2', 'needs lower and upper'),
        ('lower: &a {yaw: 1, pitch: 1, insertion: 1, roll: 1}\nupper: *a', 'below the upper one'),
        ('lower: &a {yaw: .nan, pitch: 1, insertion: 1, roll: 1}\nupper: *a', 'must be finite'),
    ],
)
def test_a_file_that_holds_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, reason: str
) -> None:
    path = tmp_path / 'ecm_mine.yaml'
    path.write_text(text)
    monkeypatch.setattr(joint_limits, 'package_file', lambda *_: path)
    with pytest.raises(JointLimitsError) as refused:
        read_joint_limits('mine')
    assert reason in str(refused.value)
