"""The configuration of ST-MTL that a checkpoint carries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class STMTLConfig:
    """Everything needed to rebuild the network and to read its outputs.

    :param classes: class names by id; 0 is the background
    :param recalibration: unit of the segmentation decoder: 'sc_scse' as published, 'scse' or 'skip_scse'
    :param temporal: whether a ConvLSTM++ stands before each decoder; without, frames are independent
    :param temporal_cell: 'full' or 'separable'
    :param temporal_hidden: channels of each memory
    :param input_size: height and width in pixels the network was trained at; multiples of 32
    :param mean: per channel, of images scaled to [0, 1] (and ``std``)
    """

    classes: tuple[str, ...]
    architecture: str = 'st_mtl'
    recalibration: str = 'sc_scse'
    temporal: bool = True
    temporal_cell: str = 'full'
    temporal_hidden: int = 512
    taxonomy: str = 'endovis2017'
    input_size: tuple[int, int] = (1024, 1280)
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
