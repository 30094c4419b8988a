"""Predictions drawn by hand, for a network input of 320 x 256 pixels (80 x 64 cells of 4 pixels)."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.taxonomy import load_taxonomy

NETWORK = (256, 320)
CONFIG = MT3DNetConfig(classes=load_taxonomy('endovis2018').names, canonical_focal=260.0)
SURE = 12.0  # a logit that leaves the others a probability of 6e-6


class Drawing:
    """A prediction that starts with nothing but background at 0.2 canonical metres.

    Boxes are (left, top, right, bottom) in cells of the dense outputs, right and bottom excluded.
    """

    def __init__(self, network: tuple[int, int] = NETWORK) -> None:
        height, width = network[0] // 4, network[1] // 4
        self.types = np.zeros((1, len(CONFIG.classes), height, width), np.float32)
        self.types[:, 0] = SURE
        self.parts = np.zeros((1, len(CONFIG.parts), height, width), np.float32)
        self.parts[:, 0] = SURE
        self.depth = np.full((1, 1, height, width), 0.2, np.float32)
        self.heat = np.full((1, len(CONFIG.classes) - 1, height // 2, width // 2), -SURE, np.float32)
        self.boxes = np.ones((1, 4, height // 2, width // 2), np.float32)
        self.saliency: np.ndarray | None = None

    def tool(self, box: tuple[int, int, int, int], class_id: int, depth: float = 0.1, logit: float = SURE) -> Drawing:
        left, top, right, bottom = box
        self.types[0, :, top:bottom, left:right] = 0.0
        self.types[0, class_id, top:bottom, left:right] = logit
        self.depth[0, 0, top:bottom, left:right] = depth
        return self

    def part(self, box: tuple[int, int, int, int], part_id: int) -> Drawing:
        left, top, right, bottom = box
        self.parts[0, :, top:bottom, left:right] = 0.0
        self.parts[0, part_id, top:bottom, left:right] = SURE
        return self

    def peak(self, box: tuple[int, int, int, int], class_id: int, heat: float) -> Drawing:
        """Let the detector see a box, given in cells of the dense outputs, with a heat in [0, 1]."""
        left, top, right, bottom = (4.0 * edge - 0.5 for edge in box)
        column, row = int((left + right + 1) / 16), int((top + bottom + 1) / 16)
        x, y = 8.0 * column + 3.5, 8.0 * row + 3.5
        self.heat[0, class_id - 1, row, column] = _logit(heat)
        self.boxes[0, :, row, column] = x - left, y - top, right - x, bottom - y
        return self

    def salient(self, box: tuple[int, int, int, int], probability: float) -> Drawing:
        """Give a box a saliency in (0, 1); what was never given any has 6e-6."""
        left, top, right, bottom = box
        if self.saliency is None:
            self.saliency = np.full_like(self.depth, -SURE)
        self.saliency[0, 0, top:bottom, left:right] = _logit(probability)
        return self

    @property
    def prediction(self) -> Prediction:
        return Prediction(self.types, self.parts, self.depth, self.heat, self.boxes, self.saliency)


class DrawnBackEnd:
    """What runs no network, and always says the same."""

    device = 'cpu'
    canvas = NumPyCanvas

    def __init__(self, drawing: Drawing, config: MT3DNetConfig = CONFIG, input_size: tuple[int, int] = NETWORK) -> None:
        self.drawing, self.config, self.input_size = drawing, config, input_size

    def __call__(self, images: np.ndarray, state: object = None) -> Prediction:
        return self.drawing.prediction

    def close(self) -> None:
        """Do nothing."""


def _logit(probability: float) -> float:
    return math.log(probability / (1.0 - probability))
