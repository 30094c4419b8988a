"""The life of a node's process: start, spin, and end without a traceback or a trace."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.logging import get_logger, get_logging_directory
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.ros.process.crash_report import CRASH_REPORT, command_line
from mt3dnet_ros.ros.process.ending import ENDING, RUNNING_GRACE, STARTING_GRACE
from mt3dnet_ros.ros.process.local_profile import use_local_profile
from mt3dnet_ros.ros.process.patient_executor import PatientExecutor
from mt3dnet_ros.ros.process.shared_memory import names_in_use, remove_orphans, remove_own

N = TypeVar('N', bound=Node)
_MOST_LOSSES = 1_000  # one after another, after which nothing will become better
_LOG_PERIOD = 5.0  # seconds between two messages of a kind


def run_node(
    make_node: Callable[[], N],
    args: list[str] | None = None,
    start: Callable[[N], object] | None = None,
    patience: float = 0.0,
    on_loss: Callable[[N, str], object] | None = None,
) -> None:
    """Make a node and spin it until Ctrl-C, SIGTERM, SIGHUP or the context's shutdown.

    A message that cannot be taken, as where memory has run out, does not end it.

    The node can still publish while it closes. The process ends with status 1 and one message where a parameter it was
    started with is not allowed.

    :param make_node: is not interrupted
    :param start: is called with the node before it spins; may take long
    :param patience: seconds that messages may wait for others, so that a node of many topics takes them together
    :param on_loss: called with the node and the reason where a message could not be taken; None logs that
    """
    ENDING.listen()
    _begin_report(args)
    ENDING.expect_close(lambda: None, STARTING_GRACE)
    node = None
    try:
        remove_orphans()
        use_local_profile()
        with ENDING.awaited():
            rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
            node = make_node()
        _describe(node)
        if start is not None and not ENDING.requested.is_set():
            start(node)
        _spin(node, patience, on_loss or _log_loss)
    except ExternalShutdownException:
        pass
    except ParameterException as error:
        CRASH_REPORT.fail(str(error))
        get_logger('mt3dnet_ros').fatal(str(error))
        sys.exit(1)
    except MT3DNetError as error:
        CRASH_REPORT.fail(str(error))
        raise
    except Exception as error:
        CRASH_REPORT.note_exception(error)
        CRASH_REPORT.crash()
        raise
    finally:
        _close(node)
        CRASH_REPORT.end()


def _begin_report(args: list[str] | None) -> None:
    """Begin the report of a crash, and wait where the node has died again and again."""
    CRASH_REPORT.begin(Path(get_logging_directory()), command_line(args))
    ENDING.last_word = CRASH_REPORT.end
    run = CRASH_REPORT.run
    if run is None or not run.count:
        return
    left = f'; its report: {run.last_report}' if run.last_report else ''
    wait = f'; waiting {run.pause:.0f} s' if run.pause else ''
    get_logger('mt3dnet_ros').warning(f'started again, for the {run.count}. time, after: {run.last_cause}{left}{wait}')
    ENDING.requested.wait(run.pause)


def _describe(node: Node) -> None:
    def parameters() -> dict[str, Any]:
        return {name: parameter.value for name, parameter in node.get_parameters_by_prefix('').items()}

    CRASH_REPORT.describe(node.get_fully_qualified_name(), parameters)


def _log_loss(node: Node, reason: str) -> None:
    node.get_logger().error(reason, throttle_duration_sec=_LOG_PERIOD)


def _spin(node: N, patience: float, on_loss: Callable[[N, str], object]) -> None:
    simulated = node.get_parameter('use_sim_time').value  # which is read when a message is taken
    executor = PatientExecutor(patience) if patience and not simulated else SingleThreadedExecutor()
    executor.add_node(node)
    wake_up = node.create_guard_condition(
        lambda: None
    )  # which executor.wake is not enough for, in a node without timers
    ENDING.expect_close(wake_up.trigger, RUNNING_GRACE)
    losses = 0  # one after another
    while rclpy.ok() and not ENDING.requested.is_set():
        loss = _spin_once(executor)
        losses = losses + 1 if loss else 0
        if loss:
            _release(node)
            on_loss(node, f'a message was lost, as it could not be taken ({type(loss).__name__}: {loss}); free memory')
        if loss and losses >= _MOST_LOSSES:
            raise loss


def _spin_once(executor: SingleThreadedExecutor) -> Exception | None:
    """Let one callback run; return what rclpy raised in place of it, where that need not end the node."""
    try:
        executor.spin_once()
    except (MemoryError, RuntimeError) as error:  # RCLError among them, and what rclpy makes of a lack of memory
        if isinstance(error, MT3DNetError):
            raise
        return error
    return None


def _release(node: Node) -> None:
    """Have the executor wait for all of a node's topics, timers and services again.

    Of a message that cannot be taken, rclpy holds to the end that it is being taken: neither its topic nor anything
    else in its callback group, timers among it, would ever have its turn again.
    """
    kinds = (node.subscriptions, node.timers, node.clients, node.services, node.waitables, node.guards)
    entities: Iterable[Any] = chain.from_iterable(kinds)
    for entity in entities:
        entity._executor_event = False
        group = entity.callback_group
        active = getattr(group, '_active_entity', None)
        if group is not None and active is not None:
            group.ending_execution(active)


def _close(node: Node | None) -> None:
    # First, as a second Ctrl-C, which launch sends, would come before the camera rests or a recording is complete.
    ENDING.close()
    shared = names_in_use()
    if node is not None:
        node.destroy_node()
        vars(node).clear()  # of a lifecycle node, which refers to itself, Fast DDS's shared memory would stay behind
    shared |= names_in_use()  # also of those whom it has told something last
    rclpy.try_shutdown()
    remove_own(shared)  # of a node that could not be made, and ports of others that it has sent to
    gc.freeze()  # spares the interpreter's end a last search through PyTorch's objects: 0.1 s instead of 0.4
