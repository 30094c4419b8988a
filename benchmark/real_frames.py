"""How well does a checkpoint find instruments in real video? Binary Dice on frames with part masks.

    python benchmark/real_frames.py [--frames DIR ...] [--checkpoint FILE]

DIR holds `images/` and `parts_masks/` (0 background, else instrument), as `../shared/data/real_val/*` does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from mt3dnet_ros.evaluation.dice import binary_dice
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.resources import package_file

REAL_VAL = Path('../shared/data/real_val')


def scores(perceiver: Perceiver, folder: Path) -> list[float]:
    """Return the binary Dice of every frame that has a mask."""
    masks = sorted((folder / 'parts_masks').glob('*.png'))
    if not masks:
        raise SystemExit(f'{folder} has no parts_masks/*.png')
    values = []
    for path in masks:
        image = cv2.imread(str(folder / 'images' / f'{path.stem}.jpg'))
        scene = perceiver(Frame(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)), None, {'labels'})
        values.append(binary_dice(scene.labels, cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)))
    return values


def main() -> None:
    """Print a row per folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--frames', type=Path, nargs='*', default=sorted(REAL_VAL.glob('*')))
    shipped = package_file('config', 'checkpoints', 'mt3dnet_b0.safetensors')
    parser.add_argument('--checkpoint', type=Path, default=shipped)
    arguments = parser.parse_args()
    perceiver = Perceiver(load_checkpoint(arguments.checkpoint), torch.device('cpu'))
    print(f'{"frames":>28} {"n":>4} {"mean":>6} {"median":>6} {"worst":>6}')
    for folder in arguments.frames:
        values = scores(perceiver, folder)
        print(f'{folder.name:>28} {len(values):4d} {np.mean(values):6.3f} {np.median(values):6.3f} {min(values):6.3f}')


if __name__ == '__main__':
    main()
