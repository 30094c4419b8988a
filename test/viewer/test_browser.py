"""The page in a real browser: it loads, shows picture and cloud in their colours, and speaks to its server alone."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest

pytest.importorskip('rerun', reason="needs the extra 'view'")

import rerun
from support.browser import Browser, browser
from support.perceived import GREEN, MAGENTA, ORANGE, whole_scene

from mt3dnet_ros.viewer.messages import read_picture
from mt3dnet_ros.viewer.ports import LOOPBACK
from mt3dnet_ros.viewer.rerun_server import RerunServer
from mt3dnet_ros.viewer.scene_log import APPLICATION, SceneLog
from mt3dnet_ros.viewer.settings import ServerSettings

SIZE = (720, 480)
_TIMEOUT = 240.0  # s: half a minute where the two cores are free, as the page is drawn without a graphics card


@pytest.fixture(scope='module')
def shown() -> Iterator[RerunServer]:
    stream = rerun.RecordingStream(APPLICATION, recording_id=str(uuid.uuid4()))
    server = RerunServer(stream, ServerSettings(memory=64))
    log = SceneLog(stream, read_picture)
    for key, message in whole_scene().items():
        log.log(key, message)
    yield server
    server.close()


def share(picture: np.ndarray, color: tuple[int, int, int]) -> float:
    """Return how much of a picture has about a colour."""
    return float((np.abs(picture.astype(int) - color).max(-1) < 40).mean())


def share_of_cyan(picture: np.ndarray) -> float:
    """Return how much of a picture is cyan, as bright as it may be: points are shaded."""
    red, green, blue = np.moveaxis(picture.astype(int), -1, 0)
    return float(((green > red + 50) & (blue > red + 50) & (abs(green - blue) < 40)).mean())


def seen(picture: np.ndarray) -> dict[str, float]:
    """Return the shares of what is to be seen, on the side on which the layout has it."""
    edge = SIZE[0] * 4 // 9
    left, right = picture[:, :edge], picture[:, edge:]
    return {
        'image': min(share(left, GREEN), share(left, MAGENTA)),
        'overlay': share(left, ORANGE),
        'cloud': share_of_cyan(right),
    }


def wait_until_seen(page: Browser) -> np.ndarray:
    """Return the first picture in which everything fills more than a hundredth of its side."""
    deadline = time.monotonic() + _TIMEOUT
    while min((shares := seen(picture := page.screenshot())).values()) < 0.01:
        assert time.monotonic() < deadline, f'{shares}; the page says {page.messages}'
        time.sleep(1.0)
    return picture


@pytest.mark.timeout(_TIMEOUT + 60.0)
def test_the_page_shows_pictures_and_cloud_and_speaks_to_its_server_alone(shown: RerunServer) -> None:
    with browser(shown.url, SIZE) as page:
        picture = wait_until_seen(page)
        assert shown.is_watched()
        assert share(picture[:, SIZE[0] * 4 // 9 :], ORANGE) < 0.01  # each is where the layout has it
        answered = {urlsplit(url).netloc for url in page.answered if url.startswith('http')}
        assert answered == {f'{LOOPBACK}:{port}' for port in (urlsplit(shown.url).port, shown.data_port)}
    deadline = time.monotonic() + 10.0
    while shown.is_watched():
        assert time.monotonic() < deadline
        time.sleep(0.1)
