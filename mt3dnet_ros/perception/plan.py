"""What has to be computed for the outputs that are wanted."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

_OVERLAY = frozenset({'labels', 'instances', 'detections'})
_ATTENTION = frozenset({'saliency', 'scanpath'})
_CLOUD = frozenset({'labels', 'depth'})


@dataclass(frozen=True)
class Plan:
    """The stages that follow the network.

    :param interpreted: outputs of ``Interpretation`` that are wanted, or that the stages after it are made of
    :param overlay: whether the overlay is drawn (and ``attention``: with saliency and scanpath)
    :param cloud: whether the cloud is made
    """

    interpreted: frozenset[str]
    overlay: bool
    attention: bool
    cloud: bool


def plan_stages(outputs: Set[str], has_camera: bool, draws_attention: bool) -> Plan:
    """Return what to compute.

    :param outputs: of ``ALL_OUTPUTS``
    :param has_camera: without a camera there is no cloud
    :param draws_attention: whether an overlay shows saliency and scanpath
    """
    overlay, cloud = 'overlay' in outputs, 'cloud' in outputs and has_camera
    attention = overlay and draws_attention
    made_of = (_OVERLAY, overlay), (_ATTENTION, attention), (_CLOUD, cloud)
    wanted = frozenset(outputs) - {'overlay', 'cloud'}
    return Plan(wanted.union(*(names for names, needed in made_of if needed)), overlay, attention, cloud)
