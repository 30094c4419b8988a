"""Checkpoints: safetensors in half precision that carry their own configuration; nothing is unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL
from mt3dnet_ros.models.weights import describe_misfit

FORMAT = 'mt3dnet'
VERSION = '1'
_CONFIGS: Mapping[str, type[MT3DNetConfig | STMTLConfig]] = {'mt3dnet': MT3DNetConfig, 'st_mtl': STMTLConfig}


class CheckpointError(MT3DNetError, ValueError):
    """A checkpoint cannot be used; the message says why."""


def save_checkpoint(
    path: str | Path,
    model: MT3DNet | STMTL,
    config: MT3DNetConfig | STMTLConfig,
    extra_metadata: Mapping[str, str] | None = None,
) -> None:
    """Write weights as fp16 and the configuration as JSON in the file's header.

    :param extra_metadata: further strings for the header, such as the recipe and the scores
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = dict(extra_metadata or {}) | {
        'format': FORMAT,
        'version': VERSION,
        'config': json.dumps(asdict(config)),
    }
    partial = path.with_name(path.name + '.partial')
    # ``save_file`` would make a file that only its owner may read.
    partial.write_bytes(save({key: _to_half(value) for key, value in model.state_dict().items()}, metadata))
    partial.replace(path)


def load_checkpoint(path: str | Path) -> MT3DNet:
    """Return MT3DNet in evaluation mode and single precision; ``.config`` is the checkpoint's.

    :raises CheckpointError: the file is missing, damaged, of another architecture, or its weights do not fit
    """
    network = load_network(path)
    if isinstance(network, MT3DNet):
        return network
    raise CheckpointError(
        f"checkpoint '{path}' is of architecture '{network.config.architecture}'; here only 'mt3dnet' runs. "
        '`mt3dnet evaluate` judges it, and `mt3dnet train-saliency` trains it further'
    )


def load_st_mtl(path: str | Path) -> STMTL:
    """Return ST-MTL in evaluation mode and single precision; ``.config`` is the checkpoint's.

    :raises CheckpointError: the file is missing, damaged, of another architecture, or its weights do not fit
    """
    network = load_network(path)
    if isinstance(network, STMTL):
        return network
    raise CheckpointError(
        f"checkpoint '{path}' is of architecture '{network.config.architecture}'; give one of ST-MTL, written by "
        '`mt3dnet train-saliency`'
    )


def load_network(path: str | Path) -> MT3DNet | STMTL:
    """Return the network of a checkpoint, whichever it is, in evaluation mode and single precision.

    :raises CheckpointError: the file is missing, damaged, of an unknown architecture, or its weights do not fit
    """
    metadata, weights = _read(Path(path))
    config = _config(metadata, path)
    try:
        model = MT3DNet(config) if isinstance(config, MT3DNetConfig) else STMTL(config)
    except ValueError as error:
        raise CheckpointError(f"checkpoint '{path}' has a configuration that cannot be built: {error}") from error
    if misfit := describe_misfit(model.state_dict(), weights, 'its configuration'):
        raise CheckpointError(f"checkpoint '{path}' does not fit its configuration: {misfit}")
    model.load_state_dict(weights)
    return model.eval()


def read_metadata(path: str | Path) -> dict[str, str]:
    """Return the strings of a checkpoint's header.

    :raises CheckpointError: the file is missing, damaged or not a checkpoint of this package
    """
    return _read(Path(path))[0]


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    if not path.is_file():
        raise CheckpointError(f"checkpoint '{path}' does not exist; give the path of a .safetensors file")
    try:
        with safe_open(path, framework='pt') as file:
            metadata = file.metadata() or {}
            weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"checkpoint '{path}' is damaged or not a safetensors file ({error}); copy it again"
        ) from error
    if metadata.get('format') != FORMAT:
        raise CheckpointError(
            f"checkpoint '{path}' is of format '{metadata.get('format', 'unknown')}', not '{FORMAT}'; "
            'use one written by `mt3dnet train`'
        )
    if metadata.get('version') != VERSION:
        raise CheckpointError(
            f"checkpoint '{path}' has version '{metadata.get('version', 'none')}'; this package reads version {VERSION}"
        )
    return metadata, {key: _to_single(value) for key, value in weights.items()}


def _config(metadata: Mapping[str, str], path: str | Path) -> MT3DNetConfig | STMTLConfig:
    try:
        values = json.loads(metadata['config'])
        architecture = values.get('architecture')
        if architecture not in _CONFIGS:
            raise CheckpointError(
                f"checkpoint '{path}' is of architecture '{architecture}'; this package runs {', '.join(_CONFIGS)}"
            )
        kind = _CONFIGS[architecture]
        if unknown := sorted(values.keys() - {field.name for field in fields(kind)}):
            raise CheckpointError(
                f"checkpoint '{path}' has unknown configuration keys {unknown}; it needs a newer mt3dnet_ros"
            )
        return kind(**{key: _tuples(value) for key, value in values.items()})
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise CheckpointError(f"checkpoint '{path}' has no readable configuration ({error!r})") from error


def _to_half(value: Tensor) -> Tensor:
    value = value.detach().cpu()
    return value.to(torch.float16).contiguous() if value.is_floating_point() else value.contiguous()


def _to_single(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
