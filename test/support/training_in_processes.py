"""Train for some steps on a fixed batch, alone or as one of several processes, and keep the gradients.

Run ``python test/support/training_in_processes.py OUTPUT PROCESSES '{"recipe key": value}'``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from lightning.pytorch import Callback

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.training.asto.module import AstoModule
from mt3dnet_ros.training.asto.recipe import AstoRecipe
from mt3dnet_ros.training.asto.window_transform import WindowBatch
from mt3dnet_ros.training.augmentation.augment import Batch
from mt3dnet_ros.training.module import TrainingModule
from mt3dnet_ros.training.recipe_file import build_recipe
from mt3dnet_ros.training.train import build_trainer

STEPS = 3
FRAMES = 4


class KeepGradients(Callback):
    """Write the gradients of every update, as they are once all processes have theirs, to ``gradients.pt``."""

    def __init__(self, output):
        self.output, self.steps = output, []

    def on_after_backward(self, trainer, pl_module):
        trained = [(name, value) for name, value in pl_module.named_parameters() if value.grad is not None]
        self.steps.append({name: value.grad.clone() for name, value in trained})

    def on_train_end(self, trainer, pl_module):
        if trainer.is_global_zero:
            torch.save(self.steps, self.output / 'gradients.pt')


def drawn_batch():
    """Return frames with bars of several types, of which some lack parts, depth, or instances."""
    generator = torch.Generator().manual_seed(5)
    images = torch.randn(FRAMES, 3, 64, 96, generator=generator)
    types = torch.zeros(FRAMES, 32, 48, dtype=torch.int64)
    for frame in range(FRAMES):
        types[frame, 4 : 10 + 3 * frame, 5:40] = 1 + frame
    parts, instances = types.clamp(max=2), (types > 0).to(torch.uint8)
    depth = 0.05 + 0.1 * torch.rand(FRAMES, 1, 32, 48, generator=generator)
    parts[0], parts[2], instances[3], depth[1] = IGNORED, IGNORED, IGNORED, 0.0
    ones = torch.ones(FRAMES)
    return Batch(images, types, parts, instances, depth, ones, torch.eye(3).expand(FRAMES, 3, 3), ones)


def drawn_windows():
    """Return windows of two frames with a bright square that moves, and is salient."""
    generator = torch.Generator().manual_seed(6)
    images, saliency = torch.randn(FRAMES, 2, 3, 64, 96, generator=generator), torch.zeros(FRAMES, 2, 1, 64, 96)
    for window in range(FRAMES):
        for frame in (0, 1):
            left = 10 * window + 16 * frame
            images[window, frame, :, 8:32, left : left + 24] += 2.0
            saliency[window, frame, :, 8:32, left : left + 24] = 0.8
    return WindowBatch(images, torch.zeros(FRAMES, 2, 64, 96, dtype=torch.int64), saliency)


class Share(torch.utils.data.IterableDataset):
    """A process's part of a batch, the same for every step."""

    def __init__(self, batch, processes):
        self.batch, self.processes = batch, processes

    def __iter__(self):
        rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
        for _ in range(STEPS):
            yield type(self.batch)(*(values[rank :: self.processes] for values in self.batch))


_COMMON = {
    'data': '', 'batch_size': FRAMES, 'validate_every': STEPS, 'val_split': '', 'precision': '32-true',
    'accelerator': 'cpu', 'threads': 1, 'synchronise_batch_norm': True, 'learning_rate': 1e-4,
}  # fmt: skip
FRAME_RECIPE = _COMMON | {
    'input_size': [64, 96], 'decoder_channels': 16, 'steps': STEPS, 'drop_path': 0.0, 'warmup_steps': 1,
    'balance_rate': 0.5, 'balance_reference': 'none',
}  # fmt: skip
STAGES_RECIPE = _COMMON | {
    'network': 'mt3dnet', 'stages': ['saliency', 'temporal', 'saliency_temporal'], 'steps': [1] * STEPS,
    'batch_windows': FRAMES,
}  # fmt: skip


def main(output, processes, changes):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    values = STAGES_RECIPE if 'initial' in changes else FRAME_RECIPE
    recipe = build_recipe(values | {'output': str(output), 'processes': processes} | changes)
    trainer = build_trainer(recipe, output, KeepGradients(output))
    in_stages = isinstance(recipe, AstoRecipe)
    module, batch = (AstoModule(recipe), drawn_windows()) if in_stages else (TrainingModule(recipe), drawn_batch())
    trainer.fit(module, torch.utils.data.DataLoader(Share(batch, processes), batch_size=None))


if __name__ == '__main__':
    main(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
