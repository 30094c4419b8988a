"""From a frame to a scene, with a small network of random weights."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from support.drawing import CONFIG, NETWORK, Drawing, DrawnBackEnd

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.unproject import unproject
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.perceiver import STAGES, Perceiver, PerceptionError
from mt3dnet_ros.perception.scale.evidence import NO_EVIDENCE
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, Scene
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.taxonomy import TaxonomyError

SMALL = replace(CONFIG, input_size=(128, 160), decoder_channels=32, canonical_focal=130.0)
SIZES = [(480, 640), (1024, 1280), (576, 720), (1080, 1920), (720, 576), (48, 64), (333, 517)]
CPU = torch.device('cpu')


pytestmark = pytest.mark.usefixtures('one_thread')


@pytest.fixture(scope='module')
def perceiver() -> Perceiver:
    """Return one whose random network sees tools of several types in about half of the image."""
    torch.manual_seed(7)
    model = MT3DNet(SMALL).eval()
    example = torch.from_numpy(image_of(SMALL.input_size)).permute(2, 0, 1)[None] / 128.0 - 1.0
    types, parts = (
        [module for module in head.modules() if isinstance(module, torch.nn.Conv2d)][-1]
        for head in (model.types, model.parts)
    )
    with torch.no_grad():
        types.weight *= 40.0
        parts.weight *= 40.0
        types.bias -= model(example).types.mean(dim=(0, 2, 3))
        logits = model(example).types
        types.bias[0] += (logits[:, 1:].logsumexp(dim=1) - logits[:, 0]).median()
    return make_perceiver(model, CPU, Settings(score_threshold=0.0, max_depth=1.0, shaft_scale=False))


def image_of(size: tuple[int, int], seed: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    return np.ascontiguousarray(coarse.repeat(-(-size[0] // 8), 0).repeat(-(-size[1] // 8), 1)[: size[0], : size[1]])


def camera_of(size: tuple[int, int], focal: float = 0.8) -> Camera:
    """Return a camera with a focal length in image widths."""
    height, width = size
    lens = ('plumb_bob', (-0.1, 0.02, 0.0, 0.0, 0.0))
    return Camera(width, height, focal * width, focal * width, width / 2, height / 2, *lens)


def same(first: Scene, second: Scene, name: str) -> bool:
    if name == 'cloud':
        pairs = [(getattr(first.cloud, field), getattr(second.cloud, field)) for field in ('xyz', 'rgb', 'labels')]
        return all(np.array_equal(a, b, equal_nan=a.dtype == np.float32) for a, b in pairs)
    a, b = getattr(first, name), getattr(second, name)
    if not isinstance(a, np.ndarray):
        return repr(a) == repr(b)
    return np.array_equal(a, b, equal_nan=a.dtype == np.float32)


@pytest.mark.parametrize('size', SIZES, ids=lambda size: f'{size[1]}x{size[0]}')
def test_every_output_has_the_geometry_of_the_image(perceiver, size):
    scene = perceiver(Frame(image_of(size)), camera_of(size))
    for name in ('labels', 'confidence', 'parts', 'instances'):
        assert (getattr(scene, name).shape, getattr(scene, name).dtype) == (size, np.uint8), name
    assert (scene.depth.shape, scene.depth.dtype) == (size, np.float32)
    assert (scene.overlay.shape, scene.overlay.dtype) == ((*size, 3), np.uint8)
    rows, columns = -(-size[0] // 2), -(-size[1] // 2)
    assert scene.cloud.xyz.shape == scene.cloud.rgb.shape == (rows, columns, 3)
    assert scene.cloud.labels.shape == (rows, columns)


@pytest.mark.parametrize('size', SIZES, ids=lambda size: f'{size[1]}x{size[0]}')
def test_outputs_agree_with_each_other(perceiver, size):
    frame, camera = Frame(image_of(size)), camera_of(size)
    scene = perceiver(frame, camera)
    assert (scene.labels > 0).any()
    assert (scene.labels == 0).any()
    tools = scene.instances > 0
    assert np.array_equal(tools, scene.labels > 0)
    assert np.array_equal(tools, scene.parts > 0)
    assert np.array_equal(scene.cloud.labels, scene.labels[::2, ::2])
    assert np.array_equal(scene.cloud.rgb, frame.rgb[::2, ::2])
    known = np.isfinite(scene.cloud.xyz).all(axis=-1)
    assert np.array_equal(scene.cloud.xyz[..., 2][known], scene.depth[::2, ::2][known])
    masked = [detection for detection in scene.detections if detection.instance_id > 0]
    assert len(masked) == len(np.unique(scene.instances[tools]))
    for detection in masked:
        assert set(np.unique(scene.labels[scene.instances == detection.instance_id])) == {detection.class_id}
        surface = unproject(camera, scene.depth)[scene.instances == detection.instance_id]
        margin = 0.02 * np.nanmax(scene.depth)  # a border cell's centre may lie outside of the mask
        assert (np.array(detection.position) >= np.nanmin(surface, axis=0) - margin).all()
        assert (np.array(detection.position) <= np.nanmax(surface, axis=0) + margin).all()


WANTED = [*({name} for name in sorted(ALL_OUTPUTS)), set(), {'labels', 'depth'}, {'overlay', 'cloud'}]


@pytest.mark.parametrize('wanted', WANTED)
def test_only_what_is_asked_for_is_given_and_it_is_the_same(perceiver, wanted):
    size = (192, 240)
    frame, camera = Frame(image_of(size)), camera_of(size)
    everything, some = perceiver(frame, camera), perceiver(frame, camera, frozenset(wanted))
    for name in ALL_OUTPUTS - wanted:
        assert getattr(some, name) is None, name
    for name in wanted:
        assert same(some, everything, name), name


def test_what_the_network_says_can_be_had_first_and_interpreted_later(perceiver):
    size = (192, 240)
    frame, camera = Frame(image_of(size)), camera_of(size)
    whole, seen = perceiver(frame, camera), perceiver.run(frame, camera)
    perceiver(Frame(image_of(size)[::-1]), camera)
    later = perceiver.interpret(seen, camera, scale=whole.scale, tracks=whole.tracks)
    assert all(same(later, whole, name) for name in ALL_OUTPUTS)
    assert perceiver.interpret(seen, None, {'depth'}).depth.shape == size


def test_an_interpretation_follows_the_settings_that_its_frame_was_run_with(perceiver):
    original, frame = perceiver.settings, Frame(image_of((192, 240)))
    seen = perceiver.run(frame)
    perceiver.settings = replace(original, max_depth=1e-3)
    try:
        assert np.isfinite(perceiver.interpret(seen, None, {'depth'}).depth).any()
        assert np.isnan(perceiver(frame, None, {'depth'}).depth).all()
    finally:
        perceiver.settings = original


def test_each_half_takes_the_time_of_its_own_stages(perceiver):
    seen = perceiver.run(Frame(image_of((192, 240))))
    assert [stage for stage in STAGES if seen.timings[stage]] == ['preprocess', 'network', 'postprocess']
    scene = perceiver.interpret(seen, None, {'overlay'})
    assert [stage for stage in STAGES if scene.timings[stage]] == ['preprocess', 'network', 'postprocess', 'overlay']
    assert scene.timings['postprocess'] > seen.timings['postprocess']
    assert scene.timings['network'] == seen.timings['network']


@pytest.mark.parametrize(('wanted', 'asked'), [({'labels'}, 0), ({'depth'}, 1), ({'scale', 'detections', 'depth'}, 1)])
def test_evidence_is_asked_for_where_the_scale_matters_once_the_network_has_run(perceiver, wanted, asked, monkeypatch):
    said = []
    back_end = type(perceiver.back_end)
    run = back_end.__call__
    monkeypatch.setattr(back_end, '__call__', lambda *inputs: said.append('network') or run(*inputs))

    def evidence():
        said.append('evidence')
        return NO_EVIDENCE

    size = (96, 120)
    perceiver(Frame(image_of(size)), camera_of(size), wanted, evidence)
    assert said == ['network'] + ['evidence'] * asked
    perceiver(Frame(image_of(size)), None, wanted, evidence)  # without a camera nothing tells the scale
    assert said[asked + 1 :] == ['network']


@pytest.mark.parametrize('view', ['row step', 'bgr', 'four channels', 'read only', 'every other'])
def test_frame_may_be_a_view(perceiver, view):
    size = (192, 240)
    rgb, camera = image_of(size), camera_of(size)
    wide = np.zeros((size[0] * 2, size[1] * 2 + 5, 4), np.uint8)
    wide[: size[0], : size[1], :3] = rgb
    spread = np.zeros((size[0] * 2, size[1] * 2, 3), np.uint8)
    spread[::2, ::2] = rgb
    views = {
        'row step': np.ascontiguousarray(wide[..., :3])[: size[0], : size[1]],
        'bgr': np.ascontiguousarray(rgb[..., ::-1])[..., ::-1],
        'four channels': wide[: size[0], : size[1], :3],
        'read only': np.frombuffer(rgb.tobytes(), np.uint8).reshape(rgb.shape),
        'every other': spread[::2, ::2],
    }
    expected, scene = perceiver(Frame(rgb), camera), perceiver(Frame(views[view]), camera)
    for name in ALL_OUTPUTS:
        assert same(scene, expected, name), name


def test_double_focal_length_doubles_the_depth(perceiver):
    frame = Frame(image_of((192, 240)))
    near, far = (perceiver(frame, camera_of((192, 240), focal), {'depth'}).depth for focal in (0.4, 0.8))
    assert np.allclose(far, 2.0 * near, rtol=1e-5)


def test_same_view_in_another_size_has_the_same_depth(perceiver):
    small, large = image_of((192, 240)), image_of((192, 240)).repeat(2, 0).repeat(2, 1)
    camera = camera_of((192, 240))
    first = perceiver(Frame(small), camera, {'depth'}).depth
    second = perceiver(Frame(large), camera.resized(480, 384), {'depth'}).depth
    assert np.median(np.abs(second[::2, ::2] / first - 1.0)) < 0.02


def test_without_a_camera_there_is_no_cloud_and_no_position(perceiver):
    scene = perceiver(Frame(image_of((192, 240))), None)
    assert scene.cloud is None
    assert scene.depth is not None
    assert all(np.isnan(detection.position).all() for detection in scene.detections)


def test_settings_can_be_replaced_between_frames(perceiver):
    original, frame, camera = perceiver.settings, Frame(image_of((192, 240))), camera_of((192, 240))
    try:
        perceiver.settings = replace(original, stride=3, max_depth=0.05, score_threshold=1.0, overlay_opacity=0.0)
        scene = perceiver(frame, camera)
        assert scene.cloud.labels.shape == (64, 80)
        assert not (scene.depth > 0.05).any()
        assert scene.detections == []
    finally:
        perceiver.settings = original


def test_every_stage_is_timed(perceiver):
    frame, camera = Frame(image_of((192, 240))), camera_of((192, 240))
    timings = perceiver(frame, camera).timings
    assert tuple(timings) == STAGES
    assert all(seconds > 0.0 for seconds in timings.values())
    assert perceiver(frame, camera, {'labels'}).timings['overlay'] == 0.0


def test_what_the_scale_looks_at_is_postprocessing(perceiver, monkeypatch):
    """Instances are drawn when the scale first asks for them: that second belongs to another stage."""
    original, size = perceiver.settings, (192, 240)
    frame, camera = Frame(image_of(size)), camera_of(size)
    drawn = NumPyCanvas.instances

    def draw_slowly(*inputs):
        time.sleep(0.3)
        return drawn(*inputs)

    monkeypatch.setattr(NumPyCanvas, 'instances', draw_slowly)
    perceiver.settings = replace(original, shaft_scale=True)
    try:
        timings = perceiver(frame, camera, {'scale'}).timings
    finally:
        perceiver.settings = original
    assert timings['postprocess'] > 0.3 > timings['scale'] > 0.0


def test_scene_keeps_what_it_shows_while_other_frames_follow(perceiver):
    size = (192, 240)
    camera = camera_of(size)
    scene = perceiver(Frame(image_of(size, 1)), camera)
    arrays = [value for value in (*vars(scene).values(), *vars(scene.cloud).values()) if isinstance(value, np.ndarray)]
    copies = [array.copy() for array in arrays]
    for seed in (2, 3):
        perceiver(Frame(image_of(size, seed)), camera)
    assert len(arrays) >= 9
    for array, copy in zip(arrays, copies, strict=True):
        assert np.array_equal(array, copy, equal_nan=array.dtype == np.float32)


def test_no_picture_of_a_frame_is_kept_once_its_scene_is_given_away(perceiver):
    scene = perceiver(Frame(image_of((192, 240))), camera_of((192, 240)))
    kept = [weakref.ref(array) for array in (scene.labels, scene.depth, scene.overlay, scene.cloud.xyz)]
    del scene
    gc.collect()
    assert [array() for array in kept] == [None] * 4


def test_two_threads_get_what_each_would_alone(perceiver):
    frames = [(Frame(image_of(size, seed)), camera_of(size)) for seed, size in enumerate([(192, 240), (120, 160)])]
    alone, together = [perceiver(*frame) for frame in frames], [[], []]
    threads = [
        threading.Thread(target=lambda k=k: together[k].extend(perceiver(*frames[k]) for _ in range(5))) for k in (0, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in (0, 1):
        assert len(together[k]) == 5
        assert all(same(scene, alone[k], 'labels') and same(scene, alone[k], 'depth') for scene in together[k])


@pytest.mark.parametrize(
    ('rgb', 'message'),
    [
        (np.zeros((10, 10), np.uint8), '10x10 array of uint8'),
        (np.zeros((10, 10, 4), np.uint8), '10x10x4 array of uint8'),
        (np.zeros((10, 10, 3), np.float32), '10x10x3 array of float32'),
        (np.zeros((0, 10, 3), np.uint8), '0x10x3 array of uint8'),
    ],
)
def test_frame_that_is_no_image_is_refused(perceiver, rgb, message):
    with pytest.raises(PerceptionError, match=message):
        perceiver(Frame(rgb), None)


def test_camera_of_another_size_is_refused(perceiver):
    with pytest.raises(PerceptionError, match='camera of 640x480 pixels does not fit the frame of 240x192'):
        perceiver(Frame(image_of((192, 240))), camera_of((480, 640)))


def test_unknown_output_is_refused(perceiver):
    with pytest.raises(PerceptionError, match=r"outputs \['salience'\] are unknown \(known: cloud, "):
        perceiver(Frame(image_of((192, 240))), None, {'labels', 'salience'})


def test_network_with_classes_of_another_taxonomy_is_refused():
    swapped = (CONFIG.classes[0], *CONFIG.classes[:0:-1])
    with pytest.raises(TaxonomyError, match='the network has the classes background, other'):
        make_perceiver(MT3DNet(replace(SMALL, classes=swapped)), CPU)


def test_warm_up_needs_no_camera(perceiver):
    perceiver.warm_up((48, 64))
    perceiver.warm_up((48, 64), camera_of((48, 64)))


def test_another_input_size_can_be_chosen():
    torch.manual_seed(7)
    model = MT3DNet(SMALL).eval()
    shapes = []
    model.register_forward_pre_hook(lambda _, inputs: shapes.append(tuple(inputs[0].shape)))
    perceiver = make_perceiver(model, CPU, input_size=(96, 128))
    perceiver(Frame(image_of((192, 240))), None, {'depth'})
    assert shapes == [(1, 3, 96, 128)]


@pytest.mark.parametrize('size', [(100, 160), (128, 100), (0, 160), (-32, 160)])
def test_impossible_input_size_is_refused(size):
    with pytest.raises(BackEndError, match=f'network input of {size[1]}x{size[0]} must be of positive multiples'):
        make_perceiver(MT3DNet(SMALL), CPU, input_size=size)


def test_drawn_scene_passes_through_unchanged():
    """A network replaced by a drawing: what it says is what comes out, in the image's pixels."""
    drawing = Drawing().tool((10, 8, 30, 28), 4, depth=0.1)
    perceiver = Perceiver(DrawnBackEnd(drawing))
    assert perceiver.config.input_size == NETWORK
    rgb = np.full((1024, 1280, 3), 128, np.uint8)
    rgb[128:512, 160:480] = 30  # of a blank picture nothing would be said
    scene = perceiver(Frame(rgb), Camera(1280, 1024, 2080.0, 2080.0, 639.5, 511.5))
    (detection,) = scene.detections
    assert (detection.class_name, detection.box.x, detection.box.y) == ('monopolar curved scissors', 160, 128)
    assert scene.depth[288, 320] == pytest.approx(0.2)  # twice the canonical focal length
    assert detection.position[2] == pytest.approx(0.2)
