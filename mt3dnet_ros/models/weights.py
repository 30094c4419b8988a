"""Whether weights from a file fit a network."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def describe_misfit(expected: Mapping[str, Tensor], found: Mapping[str, Tensor], owner: str) -> str | None:
    """Say how weights differ in names or shapes from those expected; None where they fit.

    :param owner: whose expectation it is, as in 'the encoder'
    """
    missing, surplus = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    if missing or surplus:
        return f'{len(missing)} weights missing {missing[:3]}, {len(surplus)} too many {surplus[:3]}'
    for key, value in expected.items():
        if value.shape != found[key].shape:
            return f"weight '{key}' has shape {tuple(found[key].shape)}, {owner} needs {tuple(value.shape)}"
    return None
