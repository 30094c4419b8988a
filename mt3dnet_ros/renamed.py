"""Modules that version 0.1 told users to run by ``python -m``, and where they are now; to be removed after 0.2."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_file_location
from types import ModuleType

_PACKAGE = __name__.partition('.')[0]
RENAMED = {
    'cli': 'commands.main',
    'datasets.renderer.sheet': 'renderer.writing.sheet',
    'ros.node_parameters': 'ros.parameters.nodes',
    'ros.topic_reference': 'ros.topics.nodes',
    'training.plots': 'training.monitoring.plots',
}
_FOLDERS = {'datasets.renderer': 'renderer'}  # above those


class RenamedModules(MetaPathFinder):
    """Finds a module under the name that it had, and warns."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the specification of the module of today; None for a name that was never another."""
        package, _, name = fullname.partition('.')
        today = (RENAMED | _FOLDERS).get(name) if package == _PACKAGE else None
        found = find_spec(f'{_PACKAGE}.{today}') if today else None
        if found is None or found.origin is None:
            return None
        if name in RENAMED:
            warnings.warn(f'{fullname} is now {found.name}; the old name goes after 0.2', FutureWarning, stacklevel=2)
        return spec_from_file_location(
            fullname, found.origin, submodule_search_locations=found.submodule_search_locations
        )


def keep_old_names() -> None:
    """Let the old names be found, after all others."""
    sys.meta_path.append(RenamedModules())
