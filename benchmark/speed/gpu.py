"""The running node on a GPU, where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from speed.conditions import Conditions
from speed.findings import Finding, Unmeasured, attempted, values
from speed.node_under_load import EVERY_OUTPUT, NodeUnderLoad
from speed.pictures import shipped_clip
from speed.running_node import figures
from speed.tables import GPU, GPU_BACK_END, RATE

_SIZE = 1280, 1024
_DRIVER = Path('/proc/driver/nvidia/version')


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the figures of the node on the first GPU."""
    missing = missing_gpu()
    if missing:
        yield Unmeasured(missing)
    else:
        parameters = conditions.parameters(device='cuda', back_end=GPU_BACK_END)
        yield from attempted('', lambda: measure_node(conditions, parameters))


def missing_gpu() -> str:
    """Return why there is nothing to measure, in words; empty where there is a GPU."""
    try:
        import torch
    except ImportError:
        driver = _DRIVER.exists()
        return 'PyTorch is not installed: make benchmark TORCH=cuda' if driver else 'no GPU here'
    if torch.cuda.is_available():
        return ''
    if _DRIVER.exists() and torch.version.cuda is None:
        return 'there is a GPU, but PyTorch is the build for the CPU: make benchmark TORCH=cuda'
    return 'no GPU here'


def measure_node(conditions: Conditions, parameters: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the figures of the node with some parameters."""
    with NodeUnderLoad(shipped_clip(), _SIZE, RATE, parameters) as node:
        node.wait_for_images()
        found = node.measure(EVERY_OUTPUT, conditions.seconds, conditions.settle)
    yield from values(GPU, {'received to published, median': found.stages.get('total', float('nan'))} | figures(found))
