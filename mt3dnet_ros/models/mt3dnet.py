"""MT3DNet: one hierarchical transformer for segmentation, detection and metric depth (after arXiv 2412.03928)."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from mt3dnet_ros.errors import InputError

from .config import MT3DNetConfig
from .conv_lstm import ConvLSTMState
from .decoders import build_decoder
from .mix_transformer import MixTransformer, variant
from .saliency_branch import SaliencyBranch
from .tasks import TASKS, Features, Prediction, Widths, tasks_of


class MT3DNet(nn.Module):
    """Encoder, decoder, and the modules of every task in ``tasks.py``; those that the network lacks are None.

    :param config: variant, classes and ranges; it travels with the weights
    """

    saliency: SaliencyBranch | None

    def __init__(self, config: MT3DNetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = MixTransformer(variant(config.encoder), config.drop_path)
        self.decoder = build_decoder(config.decoder, self.encoder.channels, config.decoder_channels)
        widths = Widths(self.encoder.channels, config.decoder_channels)
        for task in TASKS.values():
            for name, build in task.modules.items():
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
        if height % 32 or width % 32:
            raise InputError(f'network input is {width} x {height} pixels; both must be multiples of 32, so pad it')
        maps = self.encoder(images)
        fine, coarse = self.decoder(maps)
        features = Features(maps, fine, coarse, length, state)
        outputs: dict[str, Any] = {}
        # The last task first, as in earlier versions: their gradients add up in the same order, to the same training.
        for task in reversed(tasks_of(self.config)):
            outputs |= task.run(self, features)
        return Prediction(**outputs)
