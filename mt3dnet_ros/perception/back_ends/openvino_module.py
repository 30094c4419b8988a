"""OpenVINO, imported without its telemetry."""

from __future__ import annotations

import sys
from typing import Any

from mt3dnet_ros.errors import needs_extra


def import_openvino() -> Any:
    """Return the module ``openvino``, whose converter would otherwise tell its makers by network that it was used.

    :raises MissingExtraError: it is not installed
    """
    sys.modules.setdefault('openvino_telemetry', None)  # type: ignore[arg-type]
    with needs_extra('openvino'):
        import openvino
    return openvino
