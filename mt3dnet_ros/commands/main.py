"""The ``mt3dnet`` command; each sub-command is imported only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, NoReturn

from mt3dnet_ros.datasets.frames import DatasetWarning
from mt3dnet_ros.distribution.errors import ClusterWarning
from mt3dnet_ros.errors import MissingExtraError, MT3DNetError, describe_os_error


class Command(NamedTuple):
    """One sub-command.

    :param summary: what it does
    :param extra: of setup.py, which brings what it needs beside the package's own requirements; empty for none
    """

    summary: str
    extra: str = ''

    @property
    def help(self) -> str:
        """The summary and the extra."""
        return f'{self.summary} [{self.extra}]' if self.extra else self.summary


# The module of a command has its name, `render_clip` of `render-clip`, and has
# add_arguments(parser), which works without any extra, and run(arguments) -> exit code.
COMMANDS = {
    'render': Command('render a data set for training from tool meshes', 'render'),
    'render-clip': Command('render a short video of moving tools with its calibration', 'render'),
    'prepare-depth': Command('make depth maps for training from a teacher or stereo', 'depth'),
    'make-saliency': Command('make saliency maps and scanpaths from part masks'),
    'train': Command('train a network by a recipe', 'train'),
    'train-saliency': Command('train ST-MTL, or the saliency branch of MT3DNet, by ASTO', 'train'),
    'evaluate': Command('judge a network on a labelled data set', 'evaluate'),
    'evaluate-video': Command('judge a network on a video without labels'),
    'evaluate-real': Command('judge a network on folders of real frames and videos'),
    'calibrate': Command('fit confidence, scores, and limits and deviation of depth to labelled frames', 'evaluate'),
    'predict': Command('predict on an image, a folder of images or a video'),
    'reconstruct': Command('fuse a film into a surface without instruments', 'render'),
    'view': Command('show a recording in the browser', 'view'),
    'card': Command("print or write a checkpoint's facts and its model card"),
    'make-checkpoint': Command('make a checkpoint by a plan: render, train, calibrate', 'render,train,evaluate'),
    'export': Command('export a checkpoint to torch.export and ONNX', 'export'),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command; what this package or the system refuses is printed in one line, without a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in words if word in COMMANDS), None)
    try:
        status = run_parsed(parse(words))
        sys.stdout.flush()  # while a reader that has gone away can still be told from other errors
        return status
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes it once more
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        print('\nmt3dnet: interrupted', file=sys.stderr)
        return 128 + signal.SIGINT
    except MT3DNetError as error:
        print(f'mt3dnet {command}: {error}', file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f'mt3dnet {command}: {_not_installed(error, COMMANDS[str(command)].extra)}', file=sys.stderr)
    except OSError as error:  # of all files
        print(f'mt3dnet {command}: {describe_os_error(error)}', file=sys.stderr)
    return 1


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Return the arguments of a command line, whose first word may be the sub-command.

    :raises SystemExit: it cannot be understood, which is printed with the usage
    """
    return _parser(next((word for word in words if word in COMMANDS), None)).parse_args(words)


def run_parsed(arguments: argparse.Namespace) -> int:
    """Run a sub-command and return its status; errors come as they are."""
    with warnings.catch_warnings():
        warnings.showwarning = partial(_show_warning, arguments.command, warnings.showwarning, set())
        return int(_module(arguments.command).run(arguments))


def _show_warning(
    command: str,
    show: Callable[..., None],
    said: set[str],
    message: Warning | str,
    category: type[Warning],
    *place: Any,
    **more: Any,
) -> None:
    """Show once what concerns data or a cluster, as a command's own words, without the place in the code."""
    if issubclass(category, DatasetWarning | ClusterWarning):
        if str(message) not in said:
            print(f'mt3dnet {command}: warning: {message}', file=sys.stderr)
        said.add(str(message))
    else:
        show(message, category, *place, **more)


def _not_installed(error: ModuleNotFoundError, extra: str) -> str:
    """Return what to install: an extra of this package only where one of its own modules imports what is missing."""
    importer = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][-1]
    module = (error.name or str(error)).partition('.')[0]
    if extra and str(importer.f_globals.get('__name__')).partition('.')[0] == __name__.partition('.')[0]:
        return str(MissingExtraError(module, extra))
    return f"module '{error.name}' is not installed, which {importer.f_code.co_filename} imports; install it"


class _Parser(argparse.ArgumentParser):
    """The parser of ``mt3dnet``; what a sub-command does not know is reported with the sub-command's usage."""

    chosen: argparse.ArgumentParser | None = None

    def error(self, message: str) -> NoReturn:
        if self.chosen is not None:
            self.chosen.error(message)
        super().error(message)


def _parser(chosen: str | None) -> _Parser:
    parser = _Parser(
        prog='mt3dnet',
        description='Train and use MT3DNet.',
        epilog="A name in brackets is an extra that the command needs: pip install 'mt3dnet_ros[NAME]'.",
    )
    subparsers = parser.add_subparsers(dest='command', required=True, parser_class=argparse.ArgumentParser)
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=command.help, description=command.summary)
        if name == chosen:
            _module(name).add_arguments(subparser)
            parser.chosen = subparser
    return parser


def _module(command: str) -> Any:
    return importlib.import_module(f'mt3dnet_ros.commands.{command.replace("-", "_")}')


if __name__ == '__main__':  # as torchrun starts it
    sys.exit(main())
