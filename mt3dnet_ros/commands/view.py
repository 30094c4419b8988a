"""Show a recording in the browser: ``mt3dnet view RECORDING``."""

from __future__ import annotations

import argparse

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.viewer.settings import LogSettings, ServerSettings


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
        '--host', default=ServerSettings.host, help='address to serve on (default: %(default)s, this machine alone)'
    )
    parser.add_argument('--port', type=positive, default=ServerSettings.port, help='of the page (default: %(default)s)')
    parser.add_argument(
        '--data-port', type=positive, default=ServerSettings.data_port, help='of the data (default: %(default)s)'
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
    with needs_extra('view'):  # first: it brings what recordings need as well
        import rerun  # noqa: F401
    from mt3dnet_ros.ros.messages.images import ImageDecoder
    from mt3dnet_ros.viewer.show_recording import RecordingShow

    log = LogSettings(arguments.max_size, arguments.max_points, live=False)
    names = (arguments.perception, arguments.image)
    show = RecordingShow(arguments.recording, log, arguments.rate, *names, decode=ImageDecoder())
    if arguments.save:
        return show.save(arguments.save, arguments.overwrite)
    server = ServerSettings(arguments.host, arguments.port, arguments.data_port, arguments.memory)
    return show.serve(server, open_browser=not arguments.no_browser)
