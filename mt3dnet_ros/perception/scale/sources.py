"""The sources of scale that there are."""

from __future__ import annotations

from mt3dnet_ros.perception.scale.estimator import ScaleEstimator
from mt3dnet_ros.perception.scale.fixed import FixedScale
from mt3dnet_ros.perception.scale.robot.estimator import RobotScale
from mt3dnet_ros.perception.scale.second_eye.second_eye import SecondEye
from mt3dnet_ros.perception.scale.shaft.estimator import ShaftEstimator
from mt3dnet_ros.perception.taxonomy import Taxonomy


def make_estimators(taxonomy: Taxonomy) -> tuple[ScaleEstimator, ...]:
    """Return an estimator for every source.

    :param taxonomy: of the network, with the diameters of its instruments
    """
    return FixedScale(), ShaftEstimator(taxonomy), SecondEye(), RobotScale()
