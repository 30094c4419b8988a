"""Show a recording in the browser: ``mt3dnet view RECORDING``."""

from __future__ import annotations

import argparse
import sys
import threading
import uuid
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.errors import InputError, needs_extra
from mt3dnet_ros.media.recordings.reader import RecordingReader
from mt3dnet_ros.viewer.layout import build_layout
from mt3dnet_ros.viewer.messages import read_picture
from mt3dnet_ros.viewer.play_recording import Played, play
from mt3dnet_ros.viewer.ports import LOOPBACK
from mt3dnet_ros.viewer.recorded_topics import find_perception, find_shown
from mt3dnet_ros.viewer.rerun_server import DEFAULT_DATA_PORT, RerunServer
from mt3dnet_ros.viewer.scene_log import APPLICATION, LogSettings, SceneLog
from mt3dnet_ros.viewer.web_page import DEFAULT_PORT

if TYPE_CHECKING:
    import rerun as rr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        'recording', type=user_path, metavar='RECORDING', help='an MCAP file, the folder of a bag, or a bag of ROS 1'
    )
    parser.add_argument('--save', type=user_path, metavar='FILE.rrd', help='write a file for Rerun instead of serving')
    parser.add_argument('--overwrite', action='store_true', help='replace the file of --save')
    parser.add_argument('--perception', default='', metavar='NAME', help='node whose outputs are shown, of several')
    parser.add_argument('--image', default='', metavar='TOPIC', help='of the camera (default: that with most pictures)')
    parser.add_argument(
        '--rate',
        type=_rate,
        default=10.0,
        metavar='HZ',
        help='most messages of a topic per second of the recording (default: %(default)g)',
    )
    parser.add_argument(
        '--max-size',
        type=positive,
        default=LogSettings.max_size,
        metavar='PIXELS',
        help='longer side of pictures; larger ones are made smaller (default: %(default)s)',
    )
    parser.add_argument(
        '--max-points',
        type=positive,
        default=LogSettings.max_points,
        metavar='N',
        help='points of a cloud; denser ones are thinned (default: %(default)s)',
    )
    parser.add_argument(
        '--memory',
        type=positive,
        default=2048,
        metavar='MIB',
        help='for what is served; of a longer recording the beginning is dropped (default: %(default)s)',
    )
    parser.add_argument(
        '--host', default=LOOPBACK, help='address to serve on (default: %(default)s, this machine alone)'
    )
    parser.add_argument('--port', type=positive, default=DEFAULT_PORT, help='of the page (default: %(default)s)')
    parser.add_argument(
        '--data-port', type=positive, default=DEFAULT_DATA_PORT, help='of the data (default: %(default)s)'
    )
    parser.add_argument('--no-browser', action='store_true', help='do not open the page')


def _rate(text: str) -> float:
    """Return a rate.

    :raises argparse.ArgumentTypeError, ValueError: it is none
    """
    if not 0.0 < (rate := float(text)) < 1e4:
        raise argparse.ArgumentTypeError(f'{text} must be more than 0 and less than 10000')
    return rate


def run(arguments: argparse.Namespace) -> int:
    """Show the recording until Ctrl-C, or write it; return 1 where some of it could not be shown."""
    with needs_extra('view'):
        import rerun
    with RecordingReader(arguments.recording) as reader:
        topics = _choose_topics(reader, arguments)
        stream = rerun.RecordingStream(APPLICATION, recording_id=str(uuid.uuid4()))
        settings = LogSettings(arguments.max_size, arguments.max_points, live=False)
        if arguments.save:
            _check_output(arguments.save, arguments.overwrite)
            stream.save(arguments.save, default_blueprint=build_layout(live=False))
            status = _play(reader, topics, SceneLog(stream, read_picture, settings), arguments.rate)
            stream.disconnect()
            print(f'wrote {arguments.save}')
            return status
        return _serve(reader, topics, stream, settings, arguments)


def _choose_topics(reader: RecordingReader, arguments: argparse.Namespace) -> dict[str, str]:
    types = {name: topic.message_type for name, topic in reader.topics.items()}
    nodes = find_perception(types)
    if arguments.perception and arguments.perception not in nodes:
        raise InputError(
            f"node '{arguments.perception}' has no detections in the recording (nodes: {', '.join(nodes) or 'none'})"
        )
    chosen = arguments.perception or (nodes[0] if nodes else '')
    if not arguments.perception and len(nodes) > 1:
        print(f'showing {chosen}; --perception shows another of {", ".join(nodes)}', file=sys.stderr)
    return find_shown(types, reader.counts, chosen, arguments.image)


def _check_output(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise InputError(f"'{path}' exists already; name another file, or add --overwrite")
    if not path.parent.is_dir():
        raise InputError(f"folder '{path.parent}' does not exist; make it, or name another")


def _serve(
    reader: RecordingReader,
    topics: dict[str, str],
    stream: rr.RecordingStream,
    settings: LogSettings,
    arguments: argparse.Namespace,
) -> int:
    server = RerunServer(
        stream, arguments.host, arguments.port, arguments.data_port, arguments.memory, live=settings.live
    )
    status = 1
    try:
        print(f'open {server.url} in a browser; Ctrl-C ends', flush=True)
        if not arguments.no_browser:
            webbrowser.open(server.url)
        log = SceneLog(stream, read_picture, settings)
        status = _play(reader, topics, log, arguments.rate)
        if log.megabytes > arguments.memory:
            print(
                f'the recording takes about {log.megabytes:.0f} MiB and --memory is {arguments.memory}: its beginning '
                'is dropped; raise --memory, or lower --rate, --max-size or --max-points',
                file=sys.stderr,
            )
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
    return status


def _play(reader: RecordingReader, topics: dict[str, str], log: SceneLog, rate: float) -> int:
    """Log the recording, say what became of it, and return the exit status."""
    played: Played = play(reader, topics, log, rate)
    for name, key in topics.items():
        skipped = f', {played.skipped[name]} skipped at --rate {rate:g}' if played.skipped[name] else ''
        print(f'{key}: {played.shown[name]} messages of {name}{skipped}', flush=True)
    for name, problem in played.problems.items():
        print(f'{played.refused[name]} messages could not be shown: {problem}', file=sys.stderr)
    for problem in reader.problems:
        print(problem, file=sys.stderr)
    return 1 if played.problems or reader.problems else 0
