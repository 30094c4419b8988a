"""A picture in memory that other processes can have without a copy."""

from __future__ import annotations

import mmap
import os
from contextlib import suppress

import numpy as np

CHANNELS = 4  # blue, green, red and alpha


class SharedPicture:
    """A transparent picture in anonymous memory with a file descriptor, as video sockets hand it on.

    What is not written costs no memory. The memory lives for as long as one process has it.

    :param size: height and width in pixels
    """

    def __init__(self, size: tuple[int, int]) -> None:
        height, width = size
        length = height * width * CHANNELS
        self.descriptor = os.memfd_create('mt3dnet_picture', os.MFD_CLOEXEC)
        try:
            os.ftruncate(self.descriptor, length)
            memory = mmap.mmap(self.descriptor, length)
        except OSError:
            self.close()
            raise
        self.pixels = np.frombuffer(memory, np.uint8).reshape(height, width, CHANNELS)
        """(H, W, 4) uint8, all zero at first: blue, green, red, alpha."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def close(self) -> None:
        """Give the file descriptor back; ``pixels`` stay for as long as somebody refers to them."""
        with suppress(OSError):
            os.close(self.descriptor)
        self.descriptor = -1

    def __del__(self) -> None:
        if self.descriptor >= 0:
            self.close()
