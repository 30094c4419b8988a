"""The networks that can be trained by ASTO: their tasks, their parts, and what each predicts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence

from torch import Tensor, nn

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL

from .stages import ENCODER, SALIENCY, SALIENCY_CELL, SEGMENTATION, SEGMENTATION_CELL


class Learner(ABC):
    """A network in parts that can be trained and frozen apart from each other.

    :param network: which the parts belong to
    :param tasks: that it can be trained for
    :param parts: that may be trained, each made of some modules; whatever belongs to none stays frozen
    """

    def __init__(
        self, network: MT3DNet | STMTL, tasks: Sequence[str], parts: Mapping[str, Sequence[nn.Module]]
    ) -> None:
        self.network, self.tasks, self.parts = network, tasks, parts

    @abstractmethod
    def logits(self, images: Tensor, tasks: Collection[str], over_time: bool) -> dict[str, Tensor]:
        """Return what the network says for each task of B windows of T frames.

        :param images: (B, T, 3, H, W)
        :param over_time: whether the temporal cells take part; without, frames know nothing of each other
        :returns: (B T, C, h, w) for each task
        """

    def parameters(self, parts: Iterable[str]) -> list[nn.Parameter]:
        """Return the weights of some parts."""
        return [weight for part in parts for module in self.parts[part] for weight in module.parameters()]

    def train_only(self, parts: Iterable[str]) -> None:
        """Freeze all but some parts: no gradients, and the statistics of batch normalisation do not move."""
        self.network.eval().requires_grad_(False)
        for part in parts:
            for module in self.parts[part]:
                module.train().requires_grad_(True)


class STMTLLearner(Learner):
    """ST-MTL: an encoder, and of each task a decoder and a temporal cell."""

    network: STMTL

    def __init__(self, network: STMTL) -> None:
        parts: dict[str, nn.Module | None] = {
            ENCODER: network.encoder, SEGMENTATION: network.segmentation, SALIENCY: network.saliency,
            SEGMENTATION_CELL: network.segmentation_cell, SALIENCY_CELL: network.saliency_cell,
        }  # fmt: skip
        there = {name: [module] for name, module in parts.items() if module is not None}
        super().__init__(network, (SEGMENTATION, SALIENCY), there)

    def logits(self, images: Tensor, tasks: Collection[str], over_time: bool) -> dict[str, Tensor]:
        """Run the encoder once, and the decoders of the tasks."""
        network, length = self.network, images.shape[1]
        maps = network.encode(images.flatten(0, 1))
        predicted = {}
        if SEGMENTATION in tasks:
            predicted[SEGMENTATION] = network.segment(maps, length)[0] if over_time else network.segmentation(maps)
        if SALIENCY in tasks:
            predicted[SALIENCY] = network.attend(maps, length)[0] if over_time else network.saliency(maps)
        return predicted


class BranchLearner(Learner):
    """The saliency branch of MT3DNet; encoder, decoder and heads are as another training left them.

    :raises ValueError: the network has no such branch
    """

    network: MT3DNet

    def __init__(self, network: MT3DNet) -> None:
        if network.saliency is None:
            raise InputError('the network has no saliency branch; build it with saliency=True in its configuration')
        branch = network.saliency
        spatial = [module for module in branch.children() if module is not branch.temporal]
        super().__init__(network, (SALIENCY,), {SALIENCY: spatial, SALIENCY_CELL: [branch.temporal]})
        self.branch = branch

    def logits(self, images: Tensor, tasks: Collection[str], over_time: bool) -> dict[str, Tensor]:
        """Run encoder, decoder and branch; the heads, which nothing is asked of, rest."""
        maps = self.network.encoder(images.flatten(0, 1))
        fine, _ = self.network.decoder(maps)
        return {SALIENCY: self.branch(maps[2:], fine, images.shape[1] if over_time else 1)[0]}
