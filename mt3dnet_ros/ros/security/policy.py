"""Policies of SROS 2 as its tools read them (version 0.2.0): each node may have what its tables say, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from mt3dnet_ros.ros.security.names import NodeNames
from mt3dnet_ros.ros.security.wiring import Wiring

VERSION = '0.2.0'


@dataclass(frozen=True)
class NodePolicy:
    """What one node may do.

    :param enclave: the identity that its process has
    """

    enclave: str
    names: NodeNames
    wiring: Wiring


def policy_text(profiles: Iterable[NodePolicy]) -> str:
    """Return the policy of several nodes, which share an enclave where that has the same name."""
    root = ElementTree.Element('policy', version=VERSION)
    enclaves = ElementTree.SubElement(root, 'enclaves')
    places: dict[str, ElementTree.Element] = {}
    for profile in profiles:
        if profile.enclave not in places:
            enclave = ElementTree.SubElement(enclaves, 'enclave', path=profile.enclave)
            places[profile.enclave] = ElementTree.SubElement(enclave, 'profiles')
        _add(places[profile.enclave], profile)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _add(place: ElementTree.Element, profile: NodePolicy) -> None:
    names, wiring = profile.names, profile.wiring
    entry = ElementTree.SubElement(place, 'profile', ns=names.namespace or '/', node=names.node)
    rules = (
        ('services', 'reply', 'service', wiring.serves),
        ('topics', 'subscribe', 'topic', wiring.subscribes),
        ('topics', 'publish', 'topic', wiring.publishes),
    )
    for group, right, kind, allowed in rules:
        if allowed:
            rows = ElementTree.SubElement(entry, group, {right: 'ALLOW'})
            for name in sorted(allowed):
                ElementTree.SubElement(rows, kind).text = name
