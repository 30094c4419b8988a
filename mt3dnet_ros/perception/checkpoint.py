"""Checkpoints: safetensors in half precision that carry their own configuration; nothing is unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL
from mt3dnet_ros.models.weights import describe_misfit
from mt3dnet_ros.perception.checkpoint_header import FORMAT, VERSION, CheckpointError, read_config, require_mt3dnet


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
    require_mt3dnet(network.config, path)
    return cast(MT3DNet, network)


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
    config, weights = read_config(path), _read_weights(path)
    try:
        with torch.device('meta'):  # makes no room for what the configuration claims
            expected = _build(config).state_dict()
    except (ValueError, RuntimeError) as error:
        raise CheckpointError(f"checkpoint '{path}' has a configuration that cannot be built: {error}") from error
    if misfit := describe_misfit(expected, weights, 'its configuration'):
        raise CheckpointError(f"checkpoint '{path}' does not fit its configuration: {misfit}")
    model = _build(config)
    model.load_state_dict(weights)
    return model.eval()


def _build(config: MT3DNetConfig | STMTLConfig) -> MT3DNet | STMTL:
    return MT3DNet(config) if isinstance(config, MT3DNetConfig) else STMTL(config)


def _read_weights(path: str | Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework='pt') as file:
            weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"checkpoint '{path}' is damaged ({error}); copy it again") from error
    return {key: _to_single(value) for key, value in weights.items()}


def _to_half(value: Tensor) -> Tensor:
    value = value.detach().cpu()
    return value.to(torch.float16).contiguous() if value.is_floating_point() else value.contiguous()


def _to_single(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value
