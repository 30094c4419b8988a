"""Types of command-line arguments."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def user_path(text: str) -> Path:
    """Return a path as a user means it: a shell leaves the ~ of ``--output=~/out`` as it is."""
    return Path(os.path.expanduser(text))


def positive(text: str) -> int:
    """Return a whole number of at least 1.

    :raises argparse.ArgumentTypeError, ValueError: it is none
    """
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f'{number} must be at least 1')
    return number
