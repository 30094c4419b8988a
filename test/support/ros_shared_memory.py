"""Shared memory of Fast DDS, as tests look at it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from mt3dnet_ros.ros.process.shared_memory import FOLDER


def mapped_segments(process: int | str) -> set[Path]:
    """Return the segments that a process has mapped: its own, and those of others it receives from.

    :param process: its id, or ``self``
    """
    lines = Path(f'/proc/{process}/maps').read_text().splitlines()
    return {Path(line.split()[-1]) for line in lines if f'{FOLDER}/fastdds_' in line and 'port' not in line}


def own_files(process: int) -> set[Path]:
    """Return the files in shared memory that a process holds locked, and what they are the locks of."""
    found = set()
    with suppress(OSError):  # the process may end meanwhile
        for descriptor in os.listdir(f'/proc/{process}/fd'):
            path = Path(os.readlink(f'/proc/{process}/fd/{descriptor}'))
            if path.match(f'{FOLDER}/fastdds_*_el'):
                segment = path.with_name(path.name.removesuffix('_el'))
                found |= {path, segment, segment.with_name(f'sem.{segment.name}_mutex')}
    # Those of discovery on one machine are shared by all domains, and so by whatever else runs.
    return {path for path in found if 'port70' not in path.name}
