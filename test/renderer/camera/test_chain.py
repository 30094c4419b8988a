"""The chain of a camera's effects: its order, and what each effect draws from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import CAMERA, ENDOSCOPE, flat_world, suction_at

from mt3dnet_ros.renderer.camera.capture import Capture
from mt3dnet_ros.renderer.camera.chain import CHAIN, Draws, film
from mt3dnet_ros.renderer.camera.control_unit import TYPICAL_RADIANCE
from mt3dnet_ros.renderer.camera.shutter import FLOW_INTERVAL, Timing
from mt3dnet_ros.renderer.domains.camera_effects import CameraEffects, ControlUnit, FieldOfView
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.render import Shot, render

WIDE = load_domain('wide').camera
IN_EVERY_FRAME = replace(
    WIDE,
    lens=replace(WIDE.lens, defocused=1.0),
    view=FieldOfView(bordered=1.0, border=(0.1, 0.1)),
    air=replace(WIDE.air, haze=1.0, plumes=1.0),
    dirt=replace(WIDE.dirt, droplets=1.0, blood=1.0),
    control_unit=replace(WIDE.control_unit, overexposed=1.0),
    sensor=replace(WIDE.sensor, flared=1.0, noisy=1.0, mosaic=1.0),
    recorder=replace(WIDE.recorder, softened=1.0, subsampled=1.0, compressed=1.0),
)


def capture_with(effects: CameraEffects, seed: int = 0) -> Capture:
    rng = np.random.default_rng(seed)
    depth = np.linspace(0.05, 0.15, 128 * 160, dtype=np.float32).reshape(128, 160)
    timing = Timing(exposure=FLOW_INTERVAL, fields='woven', gap=0.02)
    return Capture(rng, rng, effects, CAMERA, depth, timing, np.full((128, 160, 2), 3.0, np.float32))


def pictures(capture: Capture):
    """Yield each effect with the picture before it and after it."""
    picture = np.random.default_rng(1).uniform(0, 1.5, (128, 160, 3)).astype(np.float32)
    picture[60:70, 70:90] = 40.0  # glare
    for effect in CHAIN:
        before, picture = picture, effect.apply(np.random.default_rng(2), picture, capture)
        yield effect, before, picture


def test_every_effect_has_a_name_of_its_own():
    assert len({effect.name for effect in CHAIN}) == len(CHAIN)


def test_every_effect_changes_the_picture_where_it_is_in_every_frame():
    skipped = {'blur', 'sharpening'}  # in half of the frames
    unchanged = {
        effect.name
        for effect, before, after in pictures(capture_with(IN_EVERY_FRAME))
        if after.dtype == before.dtype and np.array_equal(before, after)
    }
    assert unchanged <= skipped


def test_an_ideal_camera_only_scales_and_encodes():
    radiance = np.full((128, 160, 3), TYPICAL_RADIANCE, np.float32)
    still = replace(capture_with(CameraEffects()), flow=None)
    expected = round(255 * 0.25 ** (1 / 2.2))
    assert np.abs(film(radiance, still).astype(int) - expected).max() <= 1


def test_an_overexposed_picture_is_brighter_by_the_factor_before_it_is_encoded():
    radiance = np.full((128, 160, 3), TYPICAL_RADIANCE, np.float32)
    effects = CameraEffects(control_unit=ControlUnit(overexposed=1.0, overexposure=(2.0, 2.0)))
    shown = film(radiance, replace(capture_with(effects), flow=None)).astype(int)
    assert np.abs(shown - round(255 * 0.5 ** (1 / 2.2))).max() <= 1


def test_only_effects_that_say_so_draw_from_the_frames_generator():
    capture = capture_with(IN_EVERY_FRAME)
    drew = set()
    for effect, before, _ in pictures(capture_with(IN_EVERY_FRAME)):
        state = capture.rng.bit_generator.state
        effect.apply(np.random.default_rng(0) if effect.draws is Draws.OWN else capture.rng, before, capture)
        drew |= {effect.name} if capture.rng.bit_generator.state != state else set()
    assert drew == {effect.name for effect in CHAIN if effect.draws is Draws.FRAME}


def test_an_effect_that_is_switched_on_leaves_the_rest_of_the_frame_as_it_is():
    def shown(effects: CameraEffects):
        world = flat_world(0.1, suction_at([0.0, 0.0, 0.08]))
        domain, shot = replace(ENDOSCOPE, camera=effects), Shot(CAMERA.width, CAMERA.height)
        return render(np.random.default_rng(0), world, domain, shot)

    view = FieldOfView(bordered=1.0, border=(0.1, 0.1))
    open_, bordered = (shown(e) for e in (ENDOSCOPE.camera, replace(ENDOSCOPE.camera, view=view)))
    inside = np.s_[14:-14, 18:-18]
    np.testing.assert_array_equal(open_.image[inside], bordered.image[inside])
    np.testing.assert_array_equal(open_.types[inside], bordered.types[inside])


def test_the_noise_differs_between_frames_that_share_everything_else():
    radiance = np.full((128, 160, 3), TYPICAL_RADIANCE, np.float32)
    captures = [capture_with(replace(ENDOSCOPE.camera)) for _ in range(3)]
    first, again, other = (
        film(radiance, replace(capture, grain=np.random.default_rng(grain)))
        for capture, grain in zip(captures, (1, 1, 2), strict=True)
    )
    np.testing.assert_array_equal(first, again)
    assert 0 < np.abs(first.astype(int) - other).mean() < 10
