"""Train saliency over time, by the stages of ASTO."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from .recipe import AstoRecipe
from .run import Run


def train_saliency(recipe: AstoRecipe) -> Path:
    """Train, and return the path of the last stage's checkpoint.

    :raises DatasetError: the data folder is not laid out as it must be, or there are no saliency maps
    """
    # A resumed run writes its log on.
    warnings.filterwarnings('ignore', '.*Experiment logs directory .* exists and is not empty.*')
    torch.set_num_threads(recipe.threads)
    torch.set_flush_denormal(True)  # denormal numbers are a hundred times slower on a CPU
    return Run(recipe).run()
