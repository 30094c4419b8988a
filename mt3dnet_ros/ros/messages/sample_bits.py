"""How many of the 16 bits of a sample a camera uses: 10 or 12 bits in ``mono16`` would be nearly black."""

from __future__ import annotations

import cv2
import numpy as np

LADDER = (10, 12, 14, 16)


class SampleBits:
    """Scales 16-bit samples to 8 bits by the range that the camera really has.

    Where the number of bits is not given, it is the least of ``LADDER`` that has held every sample so far: it rises,
    and never falls, so that the brightness does not flicker.

    :param given: the number of bits, 1 to 16; 0 finds it out
    """

    def __init__(self, given: int = 0) -> None:
        self.given = given
        self.largest = 0  # sample so far

    @property
    def bits(self) -> int:
        """The number of bits that is taken."""
        return self.given or next(bits for bits in LADDER if self.largest < 1 << bits)

    @property
    def problem(self) -> str:
        """What is wrong with the number that was given; empty where nothing is."""
        if not self.given or self.largest < 1 << self.given:
            return ''
        return f'a sample of {self.largest} does not fit into {self.given} bits: set image_bits to 0 or to more'

    def scale(self, samples: np.ndarray) -> np.ndarray:
        """Return samples as 8 bits.

        :param samples: (H, W, C) uint16
        :return: (H, W, C) uint8; what does not fit is 255
        """
        self.largest = max(self.largest, int(samples.max()))
        return cv2.convertScaleAbs(samples, alpha=2.0 ** (8 - self.bits)).reshape(samples.shape)
