"""What a rendered data set consists of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.renderer.domains.domain import Domain

SPLITS = ('train', 'val', 'test')  # a split's place enters the seed of its frames


@dataclass(frozen=True)
class RenderPlan:
    """What to render.

    :param data: folder that holds ``dvrk_model/`` and, where present, ``laparoscopy/``, ``scikit_surgery/`` and
        ``needle/``; None for tools of simple shapes
    :param domain: what scenes are drawn from
    :param train: number of scenes for training, ``val`` for validation and ``test`` for the final figures
    :param height: rows of a frame, and ``width`` its columns
    :param oversampling: rays per pixel along each side
    :param frames_per_sequence: frames of a scene; 0 for a still frame of each, in which nothing moves
    :param rate: frames per second in a sequence
    :param dvrk_model: folder of the dVRK model in place of the one in ``data``
    :param baseline: distance of a second camera to the right of the first, metres; 0 for none
    """

    data: Path | None
    domain: Domain
    train: int = 3000
    val: int = 150
    test: int = 300
    height: int = 288
    width: int = 360
    oversampling: float = 1.25
    seed: int = 0
    frames_per_sequence: int = 0
    rate: float = 10.0
    baseline: float = 0.0
    dvrk_model: Path | None = None

    def __post_init__(self) -> None:
        """Refuse sequences in which nothing can move."""
        if self.frames_per_sequence < 0 or self.frames_per_sequence == 1:
            raise InputError(f'a sequence of {self.frames_per_sequence} frames shows no motion; give 2 or more')
        if self.rate <= 0:
            raise InputError(f'a rate of {self.rate} frames per second must be above 0')
        if self.baseline < 0:
            raise InputError(f'a stereo baseline of {self.baseline} m must not be below 0')

    def scenes(self, split: str) -> int:
        """Return the number of scenes of a split."""
        return int(getattr(self, split))

    def frames(self, split: str) -> int:
        """Return the number of frames of a split."""
        return self.scenes(split) * max(1, self.frames_per_sequence)

    def rendered_size(self) -> tuple[int, int]:
        """Return the width and height at which rays are cast."""
        return round(self.oversampling * self.width), round(self.oversampling * self.height)
