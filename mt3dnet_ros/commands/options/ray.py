"""``--ray``: the work of a command is done by a Ray cluster."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mt3dnet_ros.commands.arguments import positive
from mt3dnet_ros.commands.options.network import threads_in_use
from mt3dnet_ros.distribution.cluster import ADDRESS, LOCAL, open_cluster
from mt3dnet_ros.distribution.ray_workers import Needs, RayWorkers
from mt3dnet_ros.distribution.workers import Workers
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.perception.back_ends.registry import choose_back_end


def add_ray_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare ``--ray``, and how many processes are started where it names no cluster.

    :param what: is done by one of the processes, in the plural
    """
    parser.add_argument(
        '--ray',
        nargs='?',
        const=LOCAL,
        type=cluster_address,
        metavar='ADDRESS',
        help=f'let a Ray cluster work, {what} side by side: auto, HOST:PORT or ray://HOST:PORT of one that runs, local '
        'or nothing for one that is started on this machine and ends with the command; needs the extra ray',
    )
    parser.add_argument(
        '--processes',
        type=positive,
        metavar='N',
        help='processes of this machine, where no cluster is named (default: as many as it has cores for)',
    )


def cluster_address(text: str) -> str:
    """Return the address of a running cluster.

    :raises argparse.ArgumentTypeError: it is none, such as the next argument of a command
    """
    if text != LOCAL and not ADDRESS.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is no address of a Ray cluster; give --ray local, --ray auto, --ray HOST:PORT or --ray ray://HOST:PORT"
        )
    return text


@contextmanager
def open_workers(
    arguments: argparse.Namespace, needs: Needs, paths: Sequence[Path | None], otherwise: Workers
) -> Iterator[Workers]:
    """Connect to the cluster that ``--ray`` asks for, as long as it is needed.

    :param needs: of a task
    :param paths: that every node must see
    :param otherwise: who works without ``--ray``
    """
    if not arguments.ray:
        yield otherwise
        return
    processes = arguments.processes or max(1, (os.cpu_count() or 1) // needs.cpus)
    with open_cluster(arguments.ray, processes * needs.cpus) as ray:
        yield RayWorkers(ray, needs, [path for path in paths if path is not None])


def needs_of_network(arguments: argparse.Namespace) -> Needs:
    """Return what a task takes that runs a network: as many CPUs as this process has threads for one.

    Another number of threads would give other results in the last digits.

    :raises InputError: a GPU is named that tasks of a cluster cannot choose
    """
    if not arguments.ray:
        return Needs()
    threads = arguments.threads or threads_in_use()
    if arguments.device in ('auto', 'cpu', 'cuda'):
        return Needs(threads, {'auto': None, 'cpu': 0, 'cuda': 1}[arguments.device])
    raise InputError(f"--ray gives each task a GPU of its own; give --device cuda, not '{arguments.device}'")


def told(arguments: argparse.Namespace, needs: Needs, workers: Workers) -> argparse.Namespace:
    """Return the arguments as a task has to read them, wherever it runs: with device, back end and threads."""
    if not isinstance(workers, RayWorkers):
        return arguments
    device = 'cuda:0' if workers.needs.gpus else 'cpu'
    settled = {'device': device, 'threads': needs.cpus, 'back_end': choose_back_end(arguments.back_end, device)}
    return argparse.Namespace(**(vars(arguments) | settled))
