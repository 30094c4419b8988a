"""GStreamer, in the version that has what we need."""

from __future__ import annotations

from typing import Any

from parent import Parent

_LEAST = (1, 24)  # which brought UNIX sockets of file descriptors


def load_gstreamer(parent: Parent, *elements: str) -> Any:
    """Return the module ``Gst``, initialised; end this program where it, or one of the elements, is not there.

    :param elements: such as ``unixfdsrc``
    """
    try:
        import gi

        gi.require_version('Gst', '1.0')
        gi.require_version('GstVideo', '1.0')
        gi.require_version('GstAllocators', '1.0')
        from gi.repository import Gst, GstAllocators, GstVideo  # noqa: F401
    except (ImportError, ValueError) as error:
        parent.refuse(f'it has no GStreamer for Python ({error})')
    Gst.init(None)
    if Gst.version()[:2] < _LEAST:
        parent.refuse(f'{Gst.version_string()} is too old')
    if missing := [name for name in elements if Gst.ElementFactory.find(name) is None]:
        parent.refuse(f'{Gst.version_string()} is without {", ".join(missing)}')
    return Gst
