"""What is drawn fast is what is drawn plainly."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.plain_canvas import PlainCanvas

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.canvas.canvas import size_of_parts
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.instruments.detections import pixels_around
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.visible_area import VisibleArea

NETWORK = (288, 352)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CASES = {
    'enlarged little': ((512, 640), None, False),
    'enlarged much': ((1024, 1280), None, False),
    'of another shape, cropped': ((576, 720), ((14, 570), (31, 705)), False),
    'odd, cropped, enlarged much': ((1023, 1281), ((7, 1020), (40, 1250)), False),
    'round': ((1080, 1440), ((100, 1000), (200, 1240)), True),
    'smaller than the input': ((120, 161), None, False),
}


def smooth(size: tuple[int, int], seed: int, least: float = 0.0, most: float = 1.0, sigma: float = 3.0) -> np.ndarray:
    """Return smooth noise from one value to another, (h, w) float32."""
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=size).astype(np.float32), (0, 0), sigma)
    noise -= noise.min()
    return least + (most - least) * noise / noise.max()


class Case:
    """One picture, cells to draw on it, and both canvases."""

    def __init__(self, name: str) -> None:
        size, seen, is_round = CASES[name]
        height, width = size
        self.letterbox = Letterbox(size, NETWORK, seen)
        self.rgb = np.stack([smooth(size, seed, 0, 255, 20.0) for seed in range(3)], axis=-1).astype(np.uint8)
        rows, columns = (slice(*side) for side in seen) if seen else (slice(0, height), slice(0, width))
        mask = None
        if is_round:
            mask = np.zeros(size, np.uint8)
            cv2.ellipse(mask, (720, 550), (515, 445), 0, 0, 360, 255, cv2.FILLED)
        visible = VisibleArea(slice(rows.start + 2, rows.stop), columns, mask) if seen else VisibleArea(rows, columns)
        self.fast, self.plain = (make(self.letterbox, self.rgb, visible) for make in (NumPyCanvas, PlainCanvas))
        cells = self.letterbox.cells
        self.foreground = smooth(cells, 4)
        tools = (self.foreground > 0.5).astype(np.uint8)
        self.ids = cv2.dilate(cv2.connectedComponents(tools)[1].astype(np.uint8), np.ones((3, 3), np.uint8))
        self.cells = self.ids * tools
        self.instances = self.plain.instances(self.ids, self.foreground)
        parts = np.exp(20.0 * np.stack([smooth(cells, seed, sigma=6.0) for seed in range(5, 9)]))
        self.parts = parts / parts.sum(axis=0)


@pytest.fixture(scope='module', params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def test_network_sees_the_same(case: Case) -> None:
    assert np.array_equal(case.fast.normalized(MEAN, STD), case.plain.normalized(MEAN, STD))


def test_instances_are_the_same(case: Case) -> None:
    drawn = case.fast.instances(case.ids, case.foreground)
    assert len(np.unique(drawn)) > 2
    assert (drawn == case.instances).mean() >= 0.9999  # fewer roundings on the way


def test_confidence_is_the_same(case: Case) -> None:
    chosen, background = smooth(case.letterbox.cells, 9), 1.0 - case.foreground
    drawn = case.fast.confidence(chosen, background, case.instances)
    assert np.array_equal(drawn, case.plain.confidence(chosen, background, case.instances))


def test_parts_are_the_same(case: Case) -> None:
    drawn, plain = (canvas.parts(case.parts, case.instances) for canvas in (case.fast, case.plain))
    assert set(np.unique(drawn)) == {0, 1, 2, 3}
    assert np.array_equal(drawn > 0, case.instances > 0)
    if size_of_parts(case.letterbox) == case.letterbox.seen_size:
        assert np.array_equal(drawn, plain)


def test_parts_drawn_at_half_size_differ_at_their_borders_alone(case: Case) -> None:
    everywhere = np.ones_like(case.instances)
    seen = case.letterbox.seen
    drawn, plain = (canvas.parts(case.parts, everywhere)[seen] for canvas in (case.fast, case.plain))
    square = np.ones((5, 5), np.uint8)
    is_border = cv2.dilate(plain, square) != cv2.erode(plain, square)
    assert 0.02 < is_border.mean() < 0.2
    assert ((drawn != plain) & ~is_border).mean() < 1e-4  # but for ties of 8-bit numbers
    assert (drawn == plain).mean() >= 0.99


def test_saliency_is_the_same(case: Case) -> None:
    saliency = smooth(case.letterbox.cells, 10)
    assert np.array_equal(case.fast.probability(saliency), case.plain.probability(saliency))


@pytest.mark.parametrize('limits', [(0.05, 0.2), (0.08, 0.2), (0.05, 0.15), (0.3, 0.4)])
def test_depth_is_the_same(case: Case, limits: tuple[float, float]) -> None:
    cells = smooth(case.letterbox.cells, 11, 0.06, 0.19)
    drawn = case.fast.depth(cells, limits)
    assert drawn.dtype == np.float32
    assert np.array_equal(drawn, case.plain.depth(cells, limits), equal_nan=True)


def test_depth_that_is_nowhere_known_stays_unknown(case: Case) -> None:
    assert np.isnan(case.fast.depth(np.full(case.letterbox.cells, np.nan, np.float32), (0.0, 0.5))).all()


@pytest.mark.parametrize('stride', [1, 2, 3])
@pytest.mark.parametrize('distortion', [('none', ()), ('plumb_bob', (-0.5, 0.1, 0.0, 0.0))])
def test_points_are_the_same(case: Case, stride: int, distortion: tuple[str, tuple[float, ...]]) -> None:
    height, width = case.letterbox.image_size
    camera = Camera(width, height, 0.4 * width, 0.4 * width, 0.5 * width, 0.5 * height, *distortion)
    depth = case.plain.depth(smooth(case.letterbox.cells, 12, 0.06, 0.19), (0.08, 0.2))
    drawn = case.fast.cloud(camera, depth, case.instances, stride)
    for values, plain in zip(drawn, case.plain.cloud(camera, depth, case.instances, stride), strict=True):
        assert values.flags.c_contiguous and values.dtype == plain.dtype
        assert np.array_equal(values, plain, equal_nan=values.dtype == np.float32)


@pytest.mark.parametrize('opacity', [0.0, 0.3, 0.5])
def test_tint_is_the_same(case: Case, opacity: float) -> None:
    count = int(case.ids.max())
    colors = np.random.default_rng(3).integers(0, 256, (count, 3), np.uint8)
    windows = [pixels_around((case.cells == k).view(np.uint8), case.letterbox) for k in range(1, count + 1)]
    drawn = case.fast.tinted(case.instances, windows, colors, opacity)
    assert np.array_equal(drawn, case.plain.tinted(case.instances, colors, opacity))
    assert not np.shares_memory(drawn, case.rgb)


def test_picture_that_is_stored_blue_first_gives_the_same() -> None:
    case = Case('enlarged much')
    height, width = case.letterbox.image_size
    stored = np.ascontiguousarray(case.rgb[..., ::-1])[..., ::-1]
    canvas = NumPyCanvas(case.letterbox, stored, VisibleArea(slice(0, height), slice(0, width)))
    assert np.array_equal(canvas.normalized(MEAN, STD), case.plain.normalized(MEAN, STD))
    camera = Camera(width, height, 800.0, 800.0, 640.0, 512.0)
    depth = np.full(case.letterbox.image_size, 0.1, np.float32)
    assert np.array_equal(canvas.cloud(camera, depth, case.instances, 2)[1], case.rgb[::2, ::2])
