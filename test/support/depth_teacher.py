"""A tiny Depth Anything with random weights, saved as the published ones are."""

from __future__ import annotations

import json
from pathlib import Path

import torch

_PREPROCESSOR = {
    'image_processor_type': 'DPTImageProcessor',
    'do_resize': True,
    'size': {'height': 56, 'width': 56},
    'keep_aspect_ratio': True,
    'ensure_multiple_of': 14,
    'resample': 3,
    'do_rescale': True,
    'do_normalize': True,
    'image_mean': [0.485, 0.456, 0.406],
    'image_std': [0.229, 0.224, 0.225],
}


def write_teacher(folder: Path, metric: bool = False) -> Path:
    """Write a teacher of relative inverse depth, or one of metric depth up to 1 m; return the folder."""
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    stages = [f'stage{index}' for index in (1, 2, 3, 4)]
    backbone = Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        image_size=56,
        patch_size=14,
        out_features=stages,
        reshape_hidden_states=False,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=16,
        neck_hidden_sizes=[4, 4, 8, 8],
        fusion_hidden_size=8,
        head_hidden_size=4,
        initializer_range=0.3,
        max_depth=1,
        depth_estimation_type='metric' if metric else 'relative',
    )
    torch.manual_seed(0)
    DepthAnythingForDepthEstimation(config).save_pretrained(folder)
    (folder / 'preprocessor_config.json').write_text(json.dumps(_PREPROCESSOR))
    return folder
