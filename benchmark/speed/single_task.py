"""Three networks of single tasks in the place of ours: what a user would run for masks, depth and detections.

They have the architecture of the published ones, from their configurations, and random weights: their time does not
depend on what they have learned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver
from speed.conditions import Conditions
from speed.findings import Finding, attempted, values
from speed.pictures import camera_of, read_pictures, shipped_clip
from speed.stages import make_perceivers
from speed.tables import AS_SHIPPED, AT_512X640, AT_OURS, SINGLE_TASK, ours, ratio
from speed.turns import Spent, in_turns

if TYPE_CHECKING:
    import torch

Sizes = tuple[tuple[int, int], ...]  # height and width of each network's input, in the order of SINGLE_TASK
Settings = dict[str, Any]  # of a configuration
_PICTURE = 640, 512
_PERIOD = 40_000_000  # nanoseconds between two frames

# Depth-Anything takes multiples of its patches of 14 pixels, and keeps the aspect of the picture around its 518.
SIZES: Mapping[str, Sizes] = {
    AT_512X640: ((512, 640), (518, 644), (512, 640)),
    AS_SHIPPED: ((512, 512), (518, 644), (640, 640)),
    AT_OURS: ((288, 352), (294, 350), (288, 352)),
}


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the time of each network and of ours, and their ratio."""
    yield from attempted('', partial(_measure, conditions))


def _measure(conditions: Conditions) -> Iterator[Finding]:
    with needs_extra('depth'):
        networks = make_networks()
    perceivers: dict[str, Perceiver] = {}
    yield from make_perceivers(conditions.back_ends, perceivers, conditions.checkpoint)
    frames = {ours(name): _frames(perceiver) for name, perceiver in perceivers.items()}
    for case, sizes in SIZES.items():
        passes = {name: _pass(networks[name], size) for name, size in zip(SINGLE_TASK, sizes, strict=True)}
        yield from values(
            case, compare(in_turns({**passes, **frames}, conditions.turns, conditions.warm_up), tuple(perceivers))
        )


def compare(spent: Mapping[str, Spent], back_ends: tuple[str, ...]) -> dict[str, float]:
    """Return the median time of everything, and of the ratios of the three together to ours, turn by turn."""
    times = {name: each.wall for name, each in spent.items()}
    together = sum(times[name] for name in SINGLE_TASK)
    ratios = {ratio(name): float(np.median(together / times[ours(name)])) for name in back_ends}
    return {name: float(np.median(wall)) for name, wall in times.items()} | ratios


def make_networks() -> dict[str, torch.nn.Module]:
    """Return the three networks, by name, with random weights."""
    return dict(zip(SINGLE_TASK, (_segformer(), _depth_anything(), _rt_detr()), strict=True))


def _segformer() -> torch.nn.Module:
    """SegFormer-B0 for the 150 classes of ADE20K, 3.8 million parameters."""
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    settings: Settings = {'num_labels': 150}
    return SegformerForSemanticSegmentation(SegformerConfig(**settings)).eval()


def _depth_anything() -> torch.nn.Module:
    """Depth-Anything-V2-Small on DINOv2-S, 24.8 million parameters."""
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    encoder: Settings = {
        'hidden_size': 384,
        'num_attention_heads': 6,
        'image_size': 518,
        'out_indices': [3, 6, 9, 12],
        'apply_layernorm': True,
        'reshape_hidden_states': False,
    }
    return DepthAnythingForDepthEstimation(DepthAnythingConfig(backbone_config=Dinov2Config(**encoder))).eval()


def _rt_detr() -> torch.nn.Module:
    """RT-DETRv2 on ResNet-18 for the 80 classes of COCO, 20.2 million parameters."""
    from transformers import RTDetrResNetConfig, RTDetrV2Config, RTDetrV2ForObjectDetection

    encoder: Settings = {
        'layer_type': 'basic',
        'depths': [2, 2, 2, 2],
        'hidden_sizes': [64, 128, 256, 512],
        'out_features': ['stage2', 'stage3', 'stage4'],
    }
    rest: Settings = {
        'encoder_in_channels': [128, 256, 512],
        'decoder_layers': 3,
        'hidden_expansion': 0.5,
        'num_labels': 80,
    }
    return RTDetrV2ForObjectDetection(RTDetrV2Config(backbone_config=RTDetrResNetConfig(**encoder), **rest)).eval()


def _pass(network: torch.nn.Module, size: tuple[int, int]) -> Callable[[], Any]:
    """Return a pass of a normalised picture of a height and width through a network."""
    import torch

    images = torch.randn(1, 3, *size)

    def run() -> Any:
        with torch.inference_mode():
            return network(pixel_values=images)

    return run


def _frames(perceiver: Perceiver) -> Callable[[], Any]:
    """Return what perceives the next frame of the shipped clip, with every output."""
    pictures, camera = read_pictures(shipped_clip(), _PICTURE, 1), camera_of(_PICTURE)
    stamps = iter(range(1, 1 << 62, _PERIOD))
    return lambda: perceiver(Frame(pictures[0], next(stamps)), camera)
