"""A new head and its loss, tried on the network that ships: depth's jumps, from a thing to what is behind it.

    mt3dnet render --output rendered --train 200 --val 20 --test 1
    python examples/new_head.py rendered OUTPUT [--steps N]

The network stays as it is, and the head learns from its features in minutes. What proves itself becomes a task of the
package, trained with the others, exported and predicted, by the steps of docs/extend/new_head.md.
"""

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from mt3dnet_ros.models.layers import SeparableConv
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.resources import package_file
from mt3dnet_ros.training.data import TrainingData
from mt3dnet_ros.training.recipe_file import build_recipe


def jumps(depth: Tensor, size: torch.Size) -> Tensor:
    """Return 1 where depth grows by a tenth from a cell to the next, else 0, (B, 1, h, w), of metres (B, 1, H, W)."""
    cells = F.interpolate(depth, size)
    far, near = F.max_pool2d(cells, 3, 1, 1), -F.max_pool2d(-cells, 3, 1, 1)
    return ((near > 0) & (far > 1.1 * near)).float()  # 0 is unknown


def main() -> None:
    """Train the head, score it on frames that it did not see, and keep its weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', help='rendered frames')
    parser.add_argument('output', type=Path)
    parser.add_argument('--steps', type=int, default=200)
    arguments = parser.parse_args()
    torch.manual_seed(1)

    network = load_checkpoint(package_file('config', 'checkpoints', 'mt3dnet_lite0.safetensors'))
    head = nn.Sequential(SeparableConv(network.config.decoder_channels, 32), nn.Conv2d(32, 1, 1))
    optimizer = torch.optim.AdamW(head.parameters(), lr=3e-3)
    like_network = {'input_size': network.config.input_size, 'canonical_focal': network.config.canonical_focal}
    run = {'data': arguments.data, 'output': str(arguments.output), 'steps': arguments.steps, 'batch_size': 4}
    data = TrainingData(build_recipe(like_network | run))

    def predict(images: Tensor) -> Tensor:
        with torch.no_grad():
            fine, _ = network.decoder(network.encoder(images))
        return head(fine)  # (B, 1, H/4, W/4) logits

    for step, batch in enumerate(data.train_dataloader(), start=1):
        logits = predict(batch.images)
        target = jumps(batch.depth, logits.shape[-2:])
        loss = F.binary_cross_entropy_with_logits(logits, target, pos_weight=torch.tensor(5.0))  # jumps are rare
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print(f'step {step}: loss {loss:.3f}')

    head.eval()
    hits = torch.zeros(3)
    for batch in data.val_dataloader():
        found = predict(batch.images) > 0
        wanted = jumps(batch.depth, found.shape[-2:]) > 0
        hits += torch.stack([(found & wanted).sum(), found.sum(), wanted.sum()])
    print(f'Dice of jumps: {2 * hits[0] / (hits[1] + hits[2]):.3f}')
    arguments.output.mkdir(parents=True, exist_ok=True)
    save_file(head.state_dict(), arguments.output / 'jumps.safetensors')


if __name__ == '__main__':
    main()
