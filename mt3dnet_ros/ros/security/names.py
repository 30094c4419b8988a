"""Whole names of topics and services, by the rules of ROS for names and remapping, without a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NodeNames:
    """What a node's command line makes of names.

    :param node: its name, remapped already
    :param remaps: what replaces a name; both as on the command line
    """

    node: str
    namespace: str = '/'
    remaps: Mapping[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """The node's name with its namespace."""
        return f'/{self.namespace.strip("/")}/{self.node}'.replace('//', '/')

    def expand(self, name: str) -> str:
        """Return a name without remapping."""
        if name.startswith('~'):
            return f'{self.full_name}{name[1:]}'
        return name if name.startswith('/') else f'/{self.namespace.strip("/")}/{name}'.replace('//', '/')

    def resolve(self, name: str) -> str:
        """Return the name that the topic or service really has."""
        expanded = self.expand(name)
        given = {self.expand(old): self.expand(new) for old, new in self.remaps.items()}
        return given.get(expanded, expanded)

    def is_remapped(self, name: str) -> bool:
        """Return whether the command line replaces a name."""
        return self.resolve(name) != self.expand(name)
