"""The parameters of the node ``console_overlay``."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.gstreamer.sockets import parse_socket
from mt3dnet_ros.perception.console.parts import PARTS
from mt3dnet_ros.perception.console.switch import PEDAL_MODES
from mt3dnet_ros.ros.parameters.table import parameter


def _check_socket(name: str) -> None:
    if name:
        parse_socket(name)


@dataclass(frozen=True)
class ConsoleOverlayParameters:
    """Parameters of the node ``console_overlay``."""

    left_perception_ns: str = parameter(
        '/perception', 'node perception of the left eye; empty: this eye gets no pictures'
    )
    right_perception_ns: str = parameter('', 'node perception of the right eye; empty: this eye gets no pictures')
    left_socket: str = parameter(
        '',
        'video socket for the pictures of the left eye, as in @dvrk:stereo_source:left_ar; needs GStreamer 1.24 or '
        'newer; empty: none',
        check=_check_socket,
    )
    right_socket: str = parameter('', 'the same of the right eye', check=_check_socket)
    rectified: bool = parameter(False, 'the images of both eyes are rectified')
    show: tuple[str, ...] = parameter(
        tuple(PARTS),
        'what is drawn, once the overlay is on; gaze needs a network with saliency, tips and distances a calibration',
        choices=tuple(PARTS),
        changes='any time',
    )
    most_covered: float = parameter(
        0.08,
        'part of the pixels that may be covered, whatever is seen; what does not fit is left out, in the order names, '
        'outlines, gaze, distances, tips',
        range=(0.0, 0.25),
        changes='any time',
    )
    stale_after: float = parameter(
        0.18,
        'age of an image by its stamp, and time since perception spoke of it, from which on nothing is shown; the '
        'default leaves 20 ms of 200 for the way to the display',
        unit='s',
        range=(0.02, 2.0),
    )
    pedal_mode: str = parameter(
        PEDAL_MODES[0],
        'press and tap turn the overlay on and off whenever the pedal is pressed, or tapped shortly (the 2 of the '
        'dVRK); with hold it is shown while the pedal is pressed',
        choices=PEDAL_MODES,
    )
    pedal_button: int = parameter(0, 'button of the pedal', range=(0, 31))
    autostart: bool = parameter(True, 'configure and activate when the node starts', changes='at start')
