"""What is compressed, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import lz4.frame
import zstandard

_LARGE = 64 * 1024  # bytes of a message from which on its compression is judged
_WORTH = 0.5  # of its bytes that may be left
_JUDGED_AGAIN = 250  # messages


@dataclass(frozen=True)
class Codec:
    """A compression by the name that MCAP has for it.

    :param chooses: leave large messages alone of which it would leave more than half: LZ4 takes longer for a photograph
        or for depth than the system takes to write them
    """

    name: str
    compress: Callable[[bytes], bytes]
    chooses: bool = False


@dataclass
class Choice:
    """Says which messages a codec compresses: of each topic nearly always the same.

    :param codec: None where nothing is compressed
    """

    codec: Codec | None
    _judged: dict[str, tuple[bool, int]] = field(default_factory=dict)  # how, and messages since

    def __call__(self, topic: str, data: bytes) -> bool:
        """Return whether to compress the next message of a topic."""
        if self.codec is None or not self.codec.chooses or len(data) < _LARGE:
            return self.codec is not None
        worth, since = self._judged.get(topic, (False, _JUDGED_AGAIN))
        if since >= _JUDGED_AGAIN:
            worth, since = len(self.codec.compress(data)) < _WORTH * len(data), 0
        self._judged[topic] = worth, since + 1
        return worth


COMPRESSIONS: dict[str, Codec | None] = {
    'lz4': Codec('lz4', lz4.frame.compress, chooses=True),
    'zstd': Codec('zstd', lambda data: zstandard.compress(data, 1)),
    'none': None,
}
