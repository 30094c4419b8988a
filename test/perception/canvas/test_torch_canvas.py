"""A canvas of tensors shows what that of arrays shows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
import torch
from support.drawing import CONFIG, NETWORK, Drawing
from support.small_network import tissue

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.canvas.canvas import Canvas
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.canvas.torch_canvas import DeviceCanvases
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.perception.visible_area import VisibleArea

PALETTE = load_taxonomy(CONFIG.taxonomy).palette()
SETTINGS = Settings(score_threshold=0.1, max_depth=0.3, stride=3, overlay_opacity=0.4)
WANTED = frozenset({'depth', 'saliency', 'detections', 'labels', 'parts', 'confidence', 'cloud'})
TWO_TOOLS = (
    Drawing()
    .tool((0, 20, 45, 32), 4)
    .part((0, 20, 25, 32), 1)
    .part((25, 20, 35, 32), 2)
    .part((35, 20, 45, 32), 3)
    .tool((50, 10, 79, 50), 2, depth=0.15)
    .salient((30, 18, 60, 40), 0.7)
    .prediction
)


def grain() -> Prediction:
    """Return a prediction in which smooth noise makes instruments, parts and depths."""
    rng, drawing = np.random.default_rng(8), Drawing()
    for name, height in (('types', 9.0), ('parts', 6.0), ('depth', 0.1), ('heat', 2.0)):
        values = getattr(drawing, name)[0]
        for plane in values:
            plane[:] = height * cv2.GaussianBlur(rng.standard_normal(plane.shape).astype(np.float32), (0, 0), 4.0) * 8.0
    drawing.depth[:] = 0.15 + np.abs(drawing.depth)
    return drawing.salient((0, 0, 40, 64), 0.3).prediction


@dataclass(frozen=True)
class View:
    """An image: its size, what of it shows anything, and what of it the network sees."""

    size: tuple[int, int]
    crop: tuple[tuple[int, int], tuple[int, int]] | None = None
    visible: VisibleArea | None = None
    distortion: tuple[float, ...] = ()

    @property
    def camera(self) -> Camera:
        height, width = self.size
        model = 'plumb_bob' if self.distortion else 'none'
        return Camera(width, height, width, width, width / 2, height / 2, model, self.distortion)


def within(rows: tuple[int, int], columns: tuple[int, int], mask: np.ndarray | None = None) -> VisibleArea:
    return VisibleArea(slice(*rows), slice(*columns), mask)


def disc(size: tuple[int, int]) -> np.ndarray:
    middle = size[1] // 2, size[0] // 2
    return cv2.circle(np.zeros(size, np.uint8), middle, size[0] // 2 - 3, 1, cv2.FILLED)


VIEWS = {
    'whole': View((512, 640)),
    'distorted': View((512, 640), distortion=(-0.3, 0.1, 0.001, -0.002)),
    'odd': View((333, 517)),
    'large': View((1080, 1920)),
    'small': View((120, 150)),
    'borders': View((480, 720), ((20, 470), (80, 640)), within((20, 470), (80, 640))),
    'borders beside what is seen': View((480, 720), ((20, 470), (80, 640)), within((25, 470), (83, 636))),
    'disc': View((480, 640), ((3, 477), (83, 557)), within((3, 477), (83, 557), disc((480, 640)))),
}


@dataclass(frozen=True)
class Pair:
    """The same on both canvases."""

    arrays: Interpretation
    tensors: Interpretation

    def __getattr__(self, name: str):
        return getattr(self.arrays, name), getattr(self.tensors, name)


def canvases(view: View, rgb: np.ndarray) -> tuple[NumPyCanvas, Canvas]:
    whole = within((0, view.size[0]), (0, view.size[1]))
    inputs = Letterbox(view.size, NETWORK, view.crop), rgb, view.visible or whole
    return NumPyCanvas(*inputs), DeviceCanvases(torch.device('cpu'))(*inputs)


def interpreted(view: View, prediction: Prediction, has_camera: bool = True) -> Pair:
    camera = view.camera if has_camera else None
    letterbox, drawn_on = Letterbox(view.size, NETWORK, view.crop), canvases(view, tissue(*view.size))
    pair = Pair(*(Interpretation(prediction, letterbox, camera, CONFIG, SETTINGS, canvas) for canvas in drawn_on))
    pair.tensors.begin(WANTED, PALETTE)
    return pair


@pytest.fixture(params=['drawn', 'grain'])
def prediction(request: pytest.FixtureRequest) -> Prediction:
    return TWO_TOOLS if request.param == 'drawn' else grain()


@pytest.mark.parametrize('view', VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize('has_camera', [True, False], ids=['camera', 'no camera'])
def test_everything_is_the_same(view, prediction, has_camera):
    pair = interpreted(view, prediction, has_camera)
    for name, most in (('instances', 1e-3), ('labels', 1e-3), ('parts', 2e-3)):  # parts of grain have many borders
        ours, theirs = getattr(pair, name)
        share = float((ours != theirs).mean())
        assert ours.dtype == theirs.dtype and ours.any(), name
        assert share < most, name
    for name in ('confidence', 'saliency'):
        ours, theirs = getattr(pair, name)
        assert ours.dtype == theirs.dtype and np.abs(ours.astype(int) - theirs).mean() < 0.3, name
    assert_depths_are_near(*pair.depth)
    if has_camera:
        clouds = pair.cloud
        assert_depths_are_near(*(cloud.xyz for cloud in clouds))
        np.testing.assert_array_equal(*(cloud.rgb for cloud in clouds))
        assert (clouds[0].labels != clouds[1].labels).mean() < 1e-3
    else:
        assert pair.cloud == (None, None)


def assert_depths_are_near(ours: np.ndarray, theirs: np.ndarray) -> None:
    assert ours.dtype == theirs.dtype == np.float32
    assert (np.isnan(ours) != np.isnan(theirs)).mean() < 1e-4
    known = ~np.isnan(ours) & ~np.isnan(theirs)
    assert known.any()
    np.testing.assert_allclose(theirs[known], ours[known], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize('view', VIEWS.values(), ids=VIEWS)
def test_the_same_instruments_are_found(view, prediction):
    ours, theirs = interpreted(view, prediction).detections
    assert len(ours) == len(theirs) > 0
    for one, other in zip(ours, theirs, strict=True):
        assert (one.class_id, one.instance_id) == (other.class_id, other.instance_id)
        assert one.score == pytest.approx(other.score, abs=1e-3)
        assert np.abs(np.subtract(corners(one.box), corners(other.box))).max() <= 1
        np.testing.assert_allclose(one.position, other.position, rtol=1e-3)


def corners(box) -> tuple[int, int, int, int]:
    return box.x, box.y, box.x + box.width, box.y + box.height


@pytest.mark.parametrize('view', VIEWS.values(), ids=VIEWS)
def test_the_network_sees_the_same(view):
    rgb = tissue(*view.size)
    for image in (rgb, np.ascontiguousarray(rgb[..., ::-1])[..., ::-1], np.pad(rgb, ((0, 0), (0, 5), (0, 0)))[:, :-5]):
        image.setflags(write=False)
        ours, theirs = (canvas.normalized(CONFIG.mean, CONFIG.std) for canvas in canvases(view, image))
        np.testing.assert_allclose(theirs.numpy(), ours, atol=1e-5)
    np.testing.assert_array_equal(*(canvas.coarse for canvas in canvases(view, rgb)))


def test_masks_are_tinted_alike(prediction):
    pair = interpreted(VIEWS['whole'], prediction)
    ours, theirs = (shown.tinted(PALETTE) for shown in (pair.arrays, pair.tensors))
    same = np.equal(*pair.labels)
    assert np.abs(ours[same].astype(int) - theirs[same]).max() <= 1
    assert (theirs != tissue(512, 640)).any(axis=-1).mean() > 0.02


def test_the_picture_stays_as_it_is():
    rgb = tissue(512, 640)
    before, (_, canvas) = rgb.copy(), canvases(VIEWS['whole'], rgb)
    instances = canvas.instances(np.ones((64, 80), np.uint8), np.ones((64, 80), np.float32))
    canvas.fetched(canvas.tinted(instances, [(slice(0, 512), slice(0, 640))], PALETTE[3:4], 1.0))[:] = 0
    np.testing.assert_array_equal(rgb, before)


def test_depth_of_another_scale_is_drawn_anew():
    pair = interpreted(VIEWS['whole'], TWO_TOOLS)
    known = np.nanmedian(pair.tensors.depth)
    scaled = pair.tensors.scaled(DepthScale(factor=0.5))
    assert np.nanmedian(scaled.depth) == pytest.approx(0.5 * known)
    assert np.nanmedian(scaled.cloud.xyz[..., 2]) == pytest.approx(0.5 * known)
    assert np.shares_memory(scaled.labels, pair.tensors.labels)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='this machine has no CUDA device')
@pytest.mark.parametrize('view', VIEWS.values(), ids=VIEWS)
def test_a_gpu_draws_the_same(view, prediction):
    whole, letterbox = within((0, view.size[0]), (0, view.size[1])), Letterbox(view.size, NETWORK, view.crop)
    pair = interpreted(view, prediction)
    canvas = DeviceCanvases(torch.device('cuda', 0))(letterbox, tissue(*view.size), view.visible or whole)
    shown = Interpretation(prediction, letterbox, view.camera, CONFIG, SETTINGS, canvas)
    shown.begin(WANTED, PALETTE)
    for name in ('instances', 'labels', 'parts'):
        assert (getattr(shown, name) != getattr(pair.arrays, name)).mean() < 1e-3, name
    assert_depths_are_near(pair.arrays.depth, shown.depth)
    assert_depths_are_near(pair.arrays.cloud.xyz, shown.cloud.xyz)
