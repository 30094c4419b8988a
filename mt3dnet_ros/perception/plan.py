"""What has to be computed for the outputs that are wanted."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

_OVERLAY = frozenset({'labels', 'instances', 'detections'})
_ATTENTION = frozenset({'saliency', 'scanpath'})
_CLOUD = frozenset({'labels', 'depth'})
_BY_SCALE = frozenset({'detections', 'depth', 'scanpath', 'gaze', 'scale', 'tracks'})
_BY_TRACK = frozenset({'labels', 'confidence', 'detections', 'scanpath', 'tracks'})  # what names instruments
METRIC = _BY_SCALE | {'cloud'}
"""Outputs in metres, which depend on the scale of the depth."""


@dataclass(frozen=True)
class Plan:
    """The stages that follow the network.

    :param interpreted: outputs of ``Interpretation`` that are wanted, or that the stages after it are made of
    :param overlay: whether the overlay is drawn (and ``attention``: with saliency and scanpath)
    :param cloud: whether the cloud is made
    :param scale: whether anything of it depends on the scale of the depth
    :param tracks: whether anything of it depends on what was seen of the instruments before
    """

    interpreted: frozenset[str]
    overlay: bool
    attention: bool
    cloud: bool
    scale: bool
    tracks: bool


def plan_stages(outputs: Set[str], has_camera: bool, draws_attention: bool) -> Plan:
    """Return what to compute.

    :param outputs: of ``ALL_OUTPUTS``
    :param has_camera: without a camera there is no cloud
    :param draws_attention: whether an overlay shows saliency and scanpath
    """
    overlay, cloud = 'overlay' in outputs, 'cloud' in outputs and has_camera
    attention = overlay and draws_attention
    made_of = (_OVERLAY, overlay), (_ATTENTION, attention), (_CLOUD, cloud)
    wanted = frozenset(outputs) - {'overlay', 'cloud', 'scale', 'tracks'}
    interpreted = wanted.union(*(names for names, needed in made_of if needed))
    scale = bool((interpreted | outputs) & _BY_SCALE)
    tracks = 'tracks' in outputs or bool(interpreted & _BY_TRACK)
    return Plan(interpreted, overlay, attention, cloud, scale, tracks)
