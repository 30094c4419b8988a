"""What a checkpoint says of itself, read without its weights and without PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.json_text import JsonError, parse_json
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.config_values import ConfigValueError, check_config
from mt3dnet_ros.models.st_mtl.config import STMTLConfig

FORMAT = 'mt3dnet'
VERSION = '1'
_CONFIGS: Mapping[str, type[MT3DNetConfig | STMTLConfig]] = {'mt3dnet': MT3DNetConfig, 'st_mtl': STMTLConfig}


class CheckpointError(MT3DNetError, ValueError):
    """A checkpoint, or a network that was exported from one, cannot be used; the message says why."""


def read_metadata(path: str | Path) -> dict[str, str]:
    """Return the strings of a checkpoint's header.

    :raises CheckpointError: the file is missing, damaged or not a checkpoint of this package
    """
    if not Path(path).is_file():
        raise CheckpointError(f"checkpoint '{path}' does not exist; give the path of a .safetensors file")
    try:
        with safe_open(path, framework='np') as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"checkpoint '{path}' is damaged or not a safetensors file ({error}); copy it again"
        ) from error
    check_format(metadata, f"checkpoint '{path}'", 'use one written by `mt3dnet train`')
    return metadata


def check_format(metadata: Mapping[str, str], name: str, advice: str) -> None:
    """Check that a header is of this package, and of the version that it reads.

    :param name: of the file, for people
    :raises CheckpointError: it is not
    """
    if metadata.get('format') != FORMAT:
        raise CheckpointError(f"{name} is of format '{metadata.get('format', 'unknown')}', not '{FORMAT}'; {advice}")
    if metadata.get('version') != VERSION:
        raise CheckpointError(
            f"{name} has version '{metadata.get('version', 'none')}'; this package reads version {VERSION}"
        )


def config_of(metadata: Mapping[str, str], name: str) -> MT3DNetConfig | STMTLConfig:
    """Return the configuration in a header.

    :param name: of the file, for people
    :raises CheckpointError: there is none, or of an unknown architecture
    """
    try:
        values = parse_json(metadata['config'])
        architecture = values.get('architecture')
        if architecture not in _CONFIGS:
            raise CheckpointError(
                f"{name} is of architecture '{architecture}'; this package runs {', '.join(_CONFIGS)}"
            )
        kind = _CONFIGS[architecture]
        if unknown := sorted(values.keys() - {field.name for field in fields(kind)}):
            raise CheckpointError(f'{name} has unknown configuration keys {unknown}; it needs a newer mt3dnet_ros')
        config = kind(**{key: _tuples(value) for key, value in values.items()})
        check_config(config)
        return config
    except ConfigValueError as error:
        raise CheckpointError(f'{name} has a configuration that no network can have: {error}') from error
    except (KeyError, TypeError, AttributeError, RecursionError, JsonError) as error:
        raise CheckpointError(f'{name} has no readable configuration ({error!r})') from error


def read_config(path: str | Path) -> MT3DNetConfig | STMTLConfig:
    """Return the configuration of a checkpoint.

    :raises CheckpointError: the file is missing, damaged or of an unknown architecture
    """
    return config_of(read_metadata(path), f"checkpoint '{path}'")


def require_mt3dnet(config: MT3DNetConfig | STMTLConfig, path: str | Path) -> MT3DNetConfig:
    """Return the configuration where it is MT3DNet's.

    :raises CheckpointError: it is another network's
    """
    if isinstance(config, MT3DNetConfig):
        return config
    raise CheckpointError(
        f"checkpoint '{path}' is of architecture '{config.architecture}'; here only 'mt3dnet' runs. "
        '`mt3dnet evaluate` judges it, and `mt3dnet train-saliency` trains it further'
    )


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
