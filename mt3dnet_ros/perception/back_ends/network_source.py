"""Where a network comes from: a checkpoint, a file that was exported from one, or memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.checkpoint_header import CheckpointError, read_config, require_mt3dnet
from mt3dnet_ros.perception.export.onnx_file import SUFFIX, ExportedFile, read_exported, sha256_of

if TYPE_CHECKING:
    from mt3dnet_ros.models.mt3dnet import MT3DNet


@dataclass(frozen=True)
class NetworkSource:
    """A network that nothing runs yet.

    :param path: of its checkpoint; None where there is none
    :param exported: the file that it was exported to, where that was named instead of a checkpoint
    :param in_memory: the network itself, where it is at hand
    """

    config: MT3DNetConfig
    path: Path | None = None
    exported: ExportedFile | None = None
    in_memory: MT3DNet | None = None

    def model(self) -> MT3DNet:
        """Return the network as PyTorch has it.

        :raises CheckpointError: the checkpoint cannot be used
        :raises BackEndError: there is only what was exported
        :raises MissingExtraError: PyTorch is not installed
        """
        if self.in_memory is not None:
            return self.in_memory
        if self.path is None:
            name = self.exported.path if self.exported else ''
            raise BackEndError(f"PyTorch does not run the exported network '{name}'; use openvino, or its checkpoint")
        with needs_extra('torch'):
            from mt3dnet_ros.perception.checkpoint import load_checkpoint
        return load_checkpoint(self.path)

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the images, in pixels, that it was exported for, or trained at."""
        return self.exported.input_size if self.exported else self.config.input_size

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file that names the network."""
        path = self.path or (self.exported.path if self.exported else None)
        return sha256_of(path) if path else ''

    def exported_for(self, size: tuple[int, int]) -> Path | None:
        """Return the path of a file that was exported from this network, for images of this size; None without one.

        It is the one that was named, or lies beside the checkpoint and was made from it.
        """
        if self.exported is None and self.path is not None:
            return _beside(self.path, self.sha256, size)
        return self.exported.path if self.exported and self.exported.input_size == size else None


def open_network(path: str | Path) -> NetworkSource:
    """Return the network of a checkpoint (.safetensors), or of a file that was exported from one (.onnx).

    :raises CheckpointError: the file is missing, damaged, or of another architecture
    """
    path = Path(path)
    if path.suffix == SUFFIX:
        exported = read_exported(path)
        return NetworkSource(exported.config, exported=exported)
    return NetworkSource(require_mt3dnet(read_config(path), path), path)


def source_of(network: MT3DNet | NetworkSource) -> NetworkSource:
    """Return a network in memory as a source, and a source as it is."""
    return network if isinstance(network, NetworkSource) else NetworkSource(network.config, in_memory=network)


def _beside(checkpoint: Path, sha256: str, size: tuple[int, int]) -> Path | None:
    path = checkpoint.with_suffix(SUFFIX)
    if not path.is_file():
        return None
    try:
        exported = read_exported(path)
    except CheckpointError:  # whatever it is, it is not what was exported from here
        return None
    return path if (exported.checkpoint, exported.input_size) == (sha256, size) else None
