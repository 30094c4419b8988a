"""MT3DNet: one encoder for segmentation, detection and metric depth (after arXiv 2412.03928)."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from mt3dnet_ros.errors import InputError

from .config import MT3DNetConfig
from .decoders import build_decoder
from .encoders import encoder_kind
from .grid import INPUT_MULTIPLE, is_input_size
from .saliency_branch import SaliencyBranch
from .state import ConvLSTMState
from .task_modules import TASK_MODULES, Features, Widths
from .tasks import Prediction, tasks_of


class MT3DNet(nn.Module):
    """Encoder, decoder, and the modules of every task in ``task_modules.py``; those that the network lacks are None.

    :param config: variant, classes and ranges; it travels with the weights
    """

    saliency: SaliencyBranch | None

    def __init__(self, config: MT3DNetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = encoder_kind(config.encoder).build(config.drop_path)
        self.decoder = build_decoder(config.decoder, self.encoder.channels, config.decoder_channels)
        widths = Widths(self.encoder.channels, config.decoder_channels)
        for task, modules in TASK_MODULES.items():
            for name, build in modules.build.items():
                setattr(self, name, build(config, widths) if task.belongs_to(config) else None)

    def forward(self, images: Tensor, state: ConvLSTMState | None = None) -> Prediction:
        """Run the network on one frame.

        :param images: (B, 3, H, W), scaled to [0, 1] and normalised with the configuration's mean and std
        :param state: of the frame before; None where there is none. Only the saliency branch reads it
        :raises ValueError: H or W is not a multiple of 32; the state is of another batch or size
        """
        return self._predict(images, 1, state)

    def forward_sequence(self, images: Tensor, state: ConvLSTMState | None = None) -> Prediction:
        """Run the network on consecutive frames, with the results of frame by frame.

        :param images: (B, T, 3, H, W); all else as for single frames
        """
        flat = self._predict(images.flatten(0, 1), images.shape[1], state)
        return flat.mapped(lambda output: output.unflatten(0, images.shape[:2]))

    def _predict(self, images: Tensor, length: int, state: ConvLSTMState | None) -> Prediction:
        height, width = images.shape[-2:]
        if not is_input_size((height, width)):
            raise InputError(
                f'network input is {width} x {height} pixels; both must be multiples of {INPUT_MULTIPLE}, so pad it'
            )
        maps = self.encoder(images)
        fine, coarse = self.decoder(maps)
        features = Features(maps, fine, coarse, length, state)
        outputs: dict[str, Any] = {}
        # The last task first, as in earlier versions: their gradients add up in the same order, to the same training.
        for task in reversed(tasks_of(self.config)):
            outputs |= TASK_MODULES[task].run(self, features)
        return Prediction(**outputs)
