"""Which of a network's convolutions OpenVINO does not run in bfloat16.

Rounded to 8 bits, what the first block of the encoder filters for each channel by itself differs enough to turn 0.2 %
of the pixels' labels. At full precision these few convolutions cost little, and 0.1 % of the labels are turned.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from mt3dnet_ros.perception.back_ends.openvino_module import import_openvino

_FINEST = 4  # pixels of the input per cell of maps from which on convolutions may be rounded
_CONVOLUTIONS = ('Convolution', 'GroupConvolution')


def keep_precise_start(core: Any, model: Any) -> Any:
    """Return a network whose first convolutions are never rounded to 16 bits; others are where the CPU is fast at that.

    Of the attribute that says so there is only a written form, in OpenVINO's own format.

    :param core: ``openvino.Core``
    :param model: ``openvino.Model`` of images (1, 3, H, W)
    """
    openvino = import_openvino()
    least = model.inputs[0].shape[2] // _FINEST
    marked = {op.get_friendly_name() for op in model.get_ordered_ops() if _is_fine_convolution(op, least)}
    with tempfile.TemporaryDirectory(prefix='mt3dnet-') as folder:
        path = Path(folder, 'network.xml')
        openvino.save_model(model, path, compress_to_fp16=False)
        tree = ElementTree.parse(path)
        for layer in tree.iter('layer'):
            if layer.get('type') in _CONVOLUTIONS and layer.get('name') in marked:
                _mark(layer)
        weights = np.fromfile(path.with_suffix('.bin'), np.uint8)
    return core.read_model(ElementTree.tostring(tree.getroot()), openvino.Tensor(weights))


def _is_fine_convolution(op: Any, least: int) -> bool:
    return op.get_type_name() in _CONVOLUTIONS and op.input(0).get_shape()[2] > least


def _mark(layer: ElementTree.Element) -> None:
    about = layer.find('rt_info')
    if about is None:
        about = ElementTree.SubElement(layer, 'rt_info')
    ElementTree.SubElement(about, 'attribute', {'name': 'precise', 'version': '0'})
