"""Every target; imported in the process that is attacked."""

from __future__ import annotations

from collections.abc import Sequence

from attack.target import Target


def targets() -> Sequence[Target]:
    """Return the targets, those of messages first."""
    from attack.file_targets import FILES
    from attack.message_targets import MESSAGES

    return (*MESSAGES, *FILES)
