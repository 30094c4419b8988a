"""The configuration that a checkpoint carries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MT3DNetConfig:
    """Everything needed to rebuild the network and to read its outputs.

    :param classes: class names by id; 0 is the background
    :param parts: part names by id; 0 is the background
    :param input_size: height and width in pixels the network was trained at; multiples of 32
    :param mean: per channel, of images scaled to [0, 1] (and ``std``)
    :param canonical_focal: focal length, in pixels of the network's input, at which depth is predicted
    :param depth_range: least and largest depth in metres at the canonical focal length
    :param scene_scale: whether one number per image, from pooled features, moves all its depths
    :param saliency: whether the network also predicts task-oriented saliency, over time
    :param view: whether the network also says how likely the picture is a view that it knows
    :param temperatures: that logits of types are divided by: for instrument or not, and for which instrument
    :param score_line: scale and offset of the logits of detections' scores
    :param view_line: likewise of the logit of a known view
    :param known_depth: least and largest depth in metres, at the canonical focal length, of the frames
        that the network was calibrated on; None where that is unknown
    :param scale_deviation: standard deviation of the logarithm of the factor between each frame's true depth and the
        predicted one, on cameras and scenes that the network has not seen
    :param shape_deviation: likewise of single pixels, once the frame's factor is right
    :param tool_deviation: likewise of the median over an instrument's shaft: by how much what is known of an
        instrument's depth may mislead about that of the whole frame
    """

    classes: tuple[str, ...]
    architecture: str = 'mt3dnet'
    encoder: str = 'b0'
    decoder: str = 'top_down'
    decoder_channels: int = 96
    drop_path: float = 0.1
    taxonomy: str = 'endovis2018'
    parts: tuple[str, ...] = ('background', 'shaft', 'wrist', 'clasper')
    input_size: tuple[int, int] = (256, 320)
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    canonical_focal: float = 260.0
    depth_range: tuple[float, float] = (0.01, 0.5)
    scene_scale: bool = False
    saliency: bool = False
    view: bool = False
    temperatures: tuple[float, float] = (1.0, 1.0)
    score_line: tuple[float, float] = (1.0, 0.0)
    view_line: tuple[float, float] = (1.0, 0.0)
    known_depth: tuple[float, float] | None = None
    scale_deviation: float = 0.5
    shape_deviation: float = 0.2
    tool_deviation: float = 0.25
