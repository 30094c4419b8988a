"""Stands in for the Python of the system with ``programs/reader.py``: says the same, without GStreamer.

``MT3DNET_GSTREAMER_PYTHON`` names it; ``FAKE_READER`` names a folder in which ``<socket path>.json`` is its scenario: a
list of lives, one for each start, each a list of steps. After the steps of its life it waits for its end.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    program, path = sys.argv[-2:]
    sys.path.insert(0, str(Path(program).parent))
    from parent import Parent

    parent = Parent()
    for step in _next_life(Path(os.environ['FAKE_READER']), path):
        _do(parent, step)
    while True:
        parent.receive(None)


def _next_life(folder: Path, path: str) -> list[dict[str, Any]]:
    starts = folder / f'{path}.starts'
    number = len(starts.read_text()) if starts.exists() else 0
    starts.write_text('.' * (number + 1))
    lives = json.loads((folder / f'{path}.json').read_text())
    return lives[min(number, len(lives) - 1)]


def _do(parent: Any, step: dict[str, Any]) -> None:
    if 'say' in step:
        parent.send(step['say'])
    elif 'picture' in step:
        _give(parent, step['picture'])
    elif 'stream' in step:
        while True:
            _give(parent, step['stream'])
            step['stream']['arrived'] += 1
            time.sleep(0.05)
    elif 'print' in step:
        print(step['print'], file=sys.stderr, flush=True)
    elif 'wait' in step:
        while not Path(os.environ['FAKE_READER'], 'go on').exists():
            parent.receive(0.05)  # it is not asked again before it has answered
    elif 'die' in step:
        os._exit(step['die'])


def _give(parent: Any, picture: dict[str, Any]) -> None:
    """Wait until it is asked for, and give a picture whose left and right halves have one grey level each."""
    while parent.receive(None)[0]['is'] != 'next':
        pass
    width, height, levels = picture['width'], picture['height'], picture['levels']
    stride = -(-3 * width // 4) * 4
    descriptor = os.memfd_create('picture')
    os.ftruncate(descriptor, height * stride)
    with mmap.mmap(descriptor, height * stride) as memory:
        half = 3 * (width // 2)
        row = bytes([levels[0]]) * half + bytes([levels[-1]]) * (3 * width - half)
        memory[:] = (row + bytes([255]) * (stride - len(row))) * height
    parent.send({'is': 'memory', 'size': height * stride}, descriptor)
    os.close(descriptor)
    stamps = {name: time.time_ns() + value if value < 0 else value for name, value in picture['stamps'].items()}
    content = {'is': 'picture', 'width': width, 'height': height, 'stride': stride}
    parent.send({**content, 'arrived': picture['arrived'], 'stamps': stamps})


if __name__ == '__main__':
    main()
