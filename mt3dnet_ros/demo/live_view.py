"""The demo in a browser, while it runs and afterwards."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from mt3dnet_ros.demo.interruption import INTERRUPTION
from mt3dnet_ros.demo.processes import NodeError, NodeProcess
from mt3dnet_ros.demo.topics import IMAGE, NODE

_START_TIMEOUT = 30.0  # s
_PARAMETERS = {'perception_ns': NODE, 'memory': '512', 'open_browser': 'true', 'subscribe_unwatched': 'true'}


def start_viewer(stack: ExitStack, log: Path) -> str:
    """Start the node ``viewer``, open its page where there is a browser, and return its address.

    :param stack: that ends it, see ``running_nodes``
    :param log: file that takes what it prints
    :raises NodeError: it cannot serve
    """
    with INTERRUPTION.held():
        viewer = NodeProcess('viewer', _PARAMETERS, {'image': IMAGE}, log)
        stack.callback(viewer.stop, 5.0)
    url = _wait_for_url(viewer, log)
    print(f'shown live at {url}', flush=True)
    return url


def wait_for_interrupt(url: str) -> None:
    """Go on serving until Ctrl-C."""
    print(f'\nstill shown at {url}; Ctrl-C ends', flush=True)
    try:
        Event().wait()
    except KeyboardInterrupt:
        print()


def _wait_for_url(viewer: NodeProcess, log: Path) -> str:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        viewer.check()
        if found := re.search(r'open (http\S+)', log.read_text(encoding='utf-8', errors='replace')):
            return found[1]
        time.sleep(0.1)
    raise NodeError(f'viewer: it did not serve within {_START_TIMEOUT:.0f} s; its output is in {log}')
