"""Colours of tissue: pairs for plain textures, and the kinds of tissue that anatomical textures are painted from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.renderer.domains import Colour

# Pairs of colours, sRGB in [0, 1], between which a tissue's own noise mixes.
PALETTES = np.array(
    [
        [[0.62, 0.30, 0.27], [0.80, 0.52, 0.45]],  # peritoneum
        [[0.45, 0.12, 0.11], [0.62, 0.25, 0.20]],  # liver, kidney
        [[0.80, 0.55, 0.25], [0.92, 0.76, 0.48]],  # fat
        [[0.70, 0.42, 0.42], [0.88, 0.66, 0.62]],  # bowel
        [[0.42, 0.05, 0.06], [0.60, 0.12, 0.10]],  # muscle and blood
        [[0.72, 0.48, 0.38], [0.83, 0.62, 0.52]],  # ex vivo tissue
        [[0.80, 0.70, 0.66], [0.93, 0.87, 0.83]],  # fascia, gauze
        [[0.50, 0.40, 0.42], [0.66, 0.55, 0.58]],  # gallbladder, veins
    ],
    np.float32,
)


@dataclass(frozen=True)
class TissueKind:
    """The look of one kind of tissue.

    :param dark: sRGB colour in [0, 1], and ``light`` another, between which noise mixes
    :param frequency: relative frequency
    :param vessels: contrast of its vessels, in [0, 1]
    :param vessel_width: of the trunks, metres
    :param lobules: diameter of its lobules in metres; 0 for smooth tissue
    :param relief: standard deviation of the slopes of its fine relief
    :param streaks: how much its mottling is drawn out, 1 for not at all
    :param wetness: strength of highlights
    """

    dark: Colour
    light: Colour
    frequency: float
    vessels: float = 0.3
    vessel_width: float = 0.0008
    lobules: float = 0.0
    relief: float = 0.15
    streaks: float = 1.0
    wetness: float = 0.7


TISSUE_KINDS = {
    'fat': TissueKind((0.74, 0.42, 0.14), (0.94, 0.70, 0.34), 2.0, 0.25, 0.0006, 0.006, 0.30, 1.0, 0.7),
    'pale fat': TissueKind((0.80, 0.62, 0.38), (0.95, 0.82, 0.60), 0.7, 0.2, 0.0006, 0.004, 0.25, 1.0, 0.6),
    'peritoneum': TissueKind((0.68, 0.48, 0.44), (0.88, 0.74, 0.68), 1.2, 0.6, 0.0007, 0.0, 0.12, 1.5, 0.9),
    'bowel': TissueKind((0.66, 0.34, 0.34), (0.88, 0.60, 0.56), 1.5, 0.7, 0.0008, 0.0, 0.10, 1.3, 1.0),
    'liver': TissueKind((0.26, 0.08, 0.08), (0.44, 0.17, 0.14), 1.0, 0.0, 0.0005, 0.0, 0.08, 1.0, 1.0),
    'spleen': TissueKind((0.32, 0.16, 0.22), (0.50, 0.28, 0.34), 0.4, 0.2, 0.0006, 0.0, 0.08, 1.0, 0.9),
    'muscle': TissueKind((0.42, 0.08, 0.10), (0.70, 0.22, 0.20), 1.2, 0.2, 0.0010, 0.0, 0.30, 4.0, 1.0),
    'raw': TissueKind((0.36, 0.05, 0.07), (0.80, 0.34, 0.30), 1.0, 0.3, 0.0010, 0.003, 0.40, 2.0, 1.3),
    'fascia': TissueKind((0.72, 0.58, 0.50), (0.92, 0.86, 0.80), 0.7, 0.5, 0.0008, 0.0, 0.20, 5.0, 0.8),
    'cooked': TissueKind((0.60, 0.38, 0.32), (0.80, 0.57, 0.48), 1.0, 0.15, 0.0008, 0.0, 0.15, 1.5, 0.9),  # ex vivo
    'gallbladder': TissueKind((0.44, 0.42, 0.36), (0.64, 0.60, 0.53), 0.15, 0.5, 0.0007, 0.0, 0.08, 1.0, 1.2),
}
