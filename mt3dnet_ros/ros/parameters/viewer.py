"""The parameters of the node ``viewer``."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.ros.parameters.table import parameter
from mt3dnet_ros.ros.topics.viewer import SHOWN_BY_DEFAULT


@dataclass(frozen=True)
class ViewerParameters:
    """Parameters of the node ``viewer``."""

    view: str = parameter(
        'rerun',
        'what serves: rerun is a page for any browser, foxglove a WebSocket for the Foxglove app',
        choices=('rerun', 'foxglove'),
        changes='at start',
    )
    perception_ns: str = parameter('/perception', 'full name of the node perception', changes='at start')
    reconstruction_ns: str = parameter(
        '/reconstruction', 'full name of the node reconstruction, which foxglove may show', changes='at start'
    )
    image_transport: str = parameter(
        'raw', 'whether image or image/compressed is shown', choices=('raw', 'compressed'), changes='at start'
    )
    show: tuple[str, ...] = parameter(
        SHOWN_BY_DEFAULT,
        'what rerun shows; an output that is left out costs the node perception nothing',
        choices=SHOWN_BY_DEFAULT,
        changes='at start',
    )
    host: str = parameter(
        '127.0.0.1',
        'address to serve on; the default is reached from this machine alone, 0.0.0.0 from every other one too',
        changes='at start',
    )
    port: int = parameter(
        9090, 'of the page of rerun; the next free one where 9090 is in use', range=(1, 65535), changes='at start'
    )
    data_port: int = parameter(
        9876, 'of the data of rerun; the next free one where 9876 is in use', range=(1, 65535), changes='at start'
    )
    foxglove_port: int = parameter(
        8765,
        'of the WebSocket of foxglove; the next free one where 8765 is in use',
        range=(1, 65535),
        changes='at start',
    )
    open_browser: bool = parameter(False, 'open the page in the browser of this machine', changes='at start')
    rate: float = parameter(
        10.0,
        'most messages of a topic that are shown; more are skipped',
        unit='Hz',
        range=(0.1, 100.0),
        changes='at start',
    )
    max_size: int = parameter(
        960,
        'longer side of the pictures that rerun shows; larger ones are made smaller',
        unit='pixels',
        range=(32, 8192),
        changes='at start',
    )
    max_points: int = parameter(
        60000, 'points of a cloud that rerun shows; denser ones are thinned', range=(100, 5000000), changes='at start'
    )
    memory: int = parameter(
        256,
        'memory for what browsers have yet to fetch, and may look back at; what is older is dropped',
        unit='MiB',
        range=(16, 65536),
        changes='at start',
    )
    subscribe_unwatched: bool = parameter(
        False, 'subscribe, and keep what comes, while no browser is connected too', changes='at start'
    )
