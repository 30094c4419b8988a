"""An RViz configuration of the package, made that of the nodes and the frame of a rig."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.yaml_text import YamlError, read_yaml


class RvizConfigError(MT3DNetError, ValueError):
    """A configuration of RViz that cannot be used."""


def read_rviz_config(path: str | Path) -> dict[str, Any]:
    """Return the content of a configuration.

    :param path: of the file; ``~`` is the home folder
    :raises RvizConfigError: the file is missing or no configuration of RViz
    """
    try:
        content = read_yaml(Path(path).expanduser())
    except (OSError, YamlError) as error:
        reason = getattr(error, 'strerror', None) or ' '.join(str(error).split())
        raise RvizConfigError(f"RViz configuration '{path}' cannot be read: {reason}") from error
    if not isinstance(content, dict) or not isinstance(content.get('Visualization Manager'), dict):
        raise RvizConfigError(f"'{path}' is no RViz configuration: it has no Visualization Manager")
    return content


def rviz_config(content: dict[str, Any], fixed_frame: str, nodes: Mapping[str, str]) -> str:
    """Return a configuration as text, with other names in it.

    :param fixed_frame: the frame in which all is shown
    :param nodes: full names of nodes by those that the configuration shows, such as ``/perception``
    """
    manager = content['Visualization Manager']
    options = (manager.get('Global Options') or {}) | {'Fixed Frame': fixed_frame}
    renamed = {**content, 'Visualization Manager': {**manager, 'Global Options': options}}
    return yaml.safe_dump(_rename(renamed, nodes), sort_keys=False)


def _rename(value: Any, nodes: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _rename(item, nodes) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, nodes) for item in value]
    if isinstance(value, str):
        shown = next((name for name in nodes if value.startswith(f'{name}/')), None)
        return value if shown is None else nodes[shown] + value.removeprefix(shown)
    return value
