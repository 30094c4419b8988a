"""The life of a node's process: start, spin, and end without a traceback."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions


def run_node(
    make_node: Callable[[], Node],
    args: list[str] | None = None,
    signals: SignalHandlerOptions = SignalHandlerOptions.ALL,
) -> None:
    """Make a node and spin it until Ctrl-C, SIGTERM or the context's shutdown.

    The process ends with status 1 and one message where a parameter it was started with is not allowed.

    :param signals: which of them end the context at once; a node that ends by one of the others can still publish
    """
    node = None
    try:
        rclpy.init(args=args, signal_handler_options=signals)
        node = make_node()
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except ParameterException as error:
        get_logger('mt3dnet_ros').fatal(str(error))
        sys.exit(1)
    finally:
        _close(node)


def _close(node: Node | None) -> None:
    # A second Ctrl-C, as launch sends it, would end the process before the camera rests or a recording is complete.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if node is not None:
        node.destroy_node()
        vars(node).clear()  # of a lifecycle node, which refers to itself, Fast DDS's shared memory would stay behind
    rclpy.try_shutdown()
    gc.freeze()  # spares the interpreter's end a last search through PyTorch's objects: 0.1 s instead of 0.4
