"""What a camera does to a rendered picture, one effect at a time."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import CAMERA, ENDOSCOPE, flat_world, suction_at

from mt3dnet_ros.geometry.rays import project, rays
from mt3dnet_ros.renderer.camera.field_of_view import visible_share
from mt3dnet_ros.renderer.camera.front_lens import blood, droplets
from mt3dnet_ros.renderer.camera.optics import defocus, fringe, with_distortion
from mt3dnet_ros.renderer.camera.recording import chroma_subsampled, compressed, downscaled
from mt3dnet_ros.renderer.camera.sensor import expose, flare
from mt3dnet_ros.renderer.camera.smoke import plumes
from mt3dnet_ros.renderer.domains.camera_effects import Air, CameraEffects, Dirt, FieldOfView, Lens, Recording, Sensor
from mt3dnet_ros.renderer.render import Shot, render

BARREL = Lens(distorted=1.0, radial=(0.15, 0.15), tangential=0.002)
SHOT = Shot(CAMERA.width, CAMERA.height)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def detail(image: np.ndarray) -> float:
    return float(np.abs(np.diff(image.astype(np.float64), axis=1)).mean())


@pytest.fixture
def stripes():
    """Return a linear picture of bright and dark stripes, four pixels wide."""
    image = np.full((64, 80, 3), 0.2, np.float32)
    image[:, (np.arange(80) // 4) % 2 == 0] = 0.8
    return image


@pytest.mark.parametrize('share', [-0.05, 0.1, 0.3])
def test_a_distorted_lens_images_every_pixel_once(share):
    camera = with_distortion(generator(), CAMERA, replace(BARREL, radial=(share, share)))
    corners = np.array([[0.0, 0.0], [159.0, 127.0], [0.0, 127.0], [80.0, 0.0]])
    seen = rays(camera, corners)
    assert np.isfinite(seen).all()
    np.testing.assert_allclose(project(camera, seen), corners, atol=1e-6)
    wider = np.linalg.norm(seen[:, :2], axis=1) > np.linalg.norm(rays(CAMERA, corners)[:, :2], axis=1)
    assert (wider == (share > 0)).all()


def test_labels_and_depth_are_those_of_the_distorted_rays():
    domain = replace(ENDOSCOPE, camera=CameraEffects(lens=BARREL))
    tip = np.array([0.025, 0.02, 0.06])
    frame = render(generator(), flat_world(0.1, suction_at(tip)), domain, SHOT)
    assert frame.camera.distortion_model == 'plumb_bob'
    np.testing.assert_allclose(frame.depth[frame.types == 0], 0.1, rtol=1e-5)  # along the axis, not along the ray
    inside = tip + 0.004 * (np.array([0.1, 0.0, 0.0]) - tip) / np.linalg.norm(np.array([0.1, 0.0, 0.0]) - tip)
    column, row = np.rint(project(frame.camera, inside)).astype(int)
    straight = project(CAMERA, inside)
    assert frame.types[row, column] == 6
    assert np.hypot(column - straight[0], row - straight[1]) > 1.5


def test_a_circular_view_is_background_of_unknown_depth():
    view = FieldOfView(masked=1.0, mask_radius=(0.7, 0.7))
    frame = render(generator(), flat_world(0.1), replace(ENDOSCOPE, camera=CameraEffects(view=view)), SHOT)
    assert not frame.image[0, 0].any() and frame.depth[0, 0] == 0
    assert frame.image[64, 80].any() and frame.depth[64, 80] == pytest.approx(0.1)


def test_borders_are_black_and_nothing_else_is():
    seen = visible_share(generator(), 60, 80, FieldOfView(bordered=1.0, border=(0.05, 0.1)))
    rows, columns = np.nonzero(seen)
    assert seen[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].all()
    assert 3 <= rows.min() <= 6 and 4 <= columns.min() <= 8 and 53 <= rows.max() <= 56


def test_what_is_in_focus_stays_sharp(stripes):
    depth = np.full((64, 80), 0.1, np.float32)
    depth[:, 60:] = 0.05
    lens = Lens(defocused=1.0, pupil=(0.006, 0.006))
    seen = defocus(generator(), stripes, depth, CAMERA, lens)
    np.testing.assert_array_equal(seen[:, :56], stripes[:, :56])
    assert seen[:, 64:].std() < 0.8 * stripes[:, 64:].std()


def test_a_fringe_parts_red_and_blue_at_the_border_of_the_picture_only(stripes):
    seen = fringe(generator(), stripes, Lens(fringe=(0.02, 0.02)))
    difference = np.abs(seen[..., 0] - seen[..., 2]).mean(axis=0)
    assert difference[:8].mean() > 0.02 > difference[38:42].mean()
    np.testing.assert_array_equal(seen[..., 1], stripes[..., 1])


def test_smoke_hides_by_wisps_and_drifts(stripes):
    air, depth = Air(plumes=1.0, plume_density=(0.8, 0.8)), np.full((64, 80), 0.1, np.float32)
    early, late = (plumes(generator(1), stripes, depth, air, time) for time in (0.0, 2.0))
    hidden = 1 - (early.max(-1) - early.min(-1))
    assert detail(early) < 0.9 * detail(stripes)
    assert hidden.std() > 0.001
    assert np.abs(early - late).mean() > 0.01


def test_smoke_hides_more_of_what_is_far(stripes):
    air = Air(plumes=1.0, plume_density=(0.6, 0.6))
    depth = np.full((64, 80), 0.1, np.float32)
    depth[32:] = 0.15
    far, near = (plumes(generator(1), stripes, d, air)[32:] for d in (depth, np.full_like(depth, 0.1)))
    assert detail(far) < detail(near)


def test_drops_blur_and_blood_reddens_where_they_are(stripes):
    dirt = Dirt(spots=(3, 3), spot_size=(0.1, 0.15))
    wet = droplets(generator(2), stripes, replace(dirt, droplets=1.0))
    bloody = blood(generator(2), stripes, replace(dirt, blood=1.0))
    for seen in (wet, bloody):
        touched = np.abs(seen - stripes).max(-1) > 0.02
        assert 0.02 < touched.mean() < 0.6
    stained = np.abs(bloody - stripes).max(-1) > 0.1
    red, green = bloody[stained][:, 0], bloody[stained][:, 1]
    assert (red / green).mean() > 1.1


def test_glare_spreads_and_what_is_not_overexposed_does_not():
    image = np.full((64, 80, 3), 0.5, np.float32)
    sensor = Sensor(flared=1.0, flare=(0.3, 0.3))
    np.testing.assert_array_equal(flare(generator(), image, sensor), image)
    image[30:34, 38:42] = 8.0
    seen = flare(generator(), image, sensor)
    assert seen[28, 40, 0] > seen[16, 40, 0] > 0.5


def test_noise_grows_with_the_root_of_the_light_and_differs_between_frames():
    image = np.full((100, 100, 3), 0.04, np.float32)
    image[50:] = 0.64
    sensor = Sensor(noisy=1.0, shot=(0.05, 0.05))
    first, second = (expose(generator(), generator(grain), image, sensor) for grain in (1, 2))
    assert first[50:].std() / first[:50].std() == pytest.approx(4.0, rel=0.1)
    assert first[50:].std() == pytest.approx(0.05 * 0.8, rel=0.05)
    assert np.abs(first - second).mean() > 0.005


def test_a_mosaic_keeps_flat_colours_and_smears_their_noise():
    image = np.full((64, 64, 3), (0.6, 0.3, 0.2), np.float32)
    flat = expose(generator(), generator(), image, Sensor(mosaic=1.0))
    np.testing.assert_allclose(flat, image, atol=1e-4)
    noisy = Sensor(noisy=1.0, shot=(0.05, 0.05))
    plain, smeared = (expose(generator(), generator(3), image, replace(noisy, mosaic=m)) for m in (0.0, 1.0))

    def neighbours(noise: np.ndarray) -> float:
        red = noise[..., 0] - noise[..., 0].mean()
        return float((red[:, 1:] * red[:, :-1]).mean() / red.var())

    assert abs(neighbours(plain)) < 0.1 < neighbours(smeared)


def test_a_recording_loses_colour_before_brightness():
    picture = np.zeros((64, 80, 3), np.uint8)
    picture[:, ::2] = (200, 60, 60)
    picture[:, 1::2] = (60, 116, 60)  # about as bright
    seen = chroma_subsampled(generator(), picture, Recording(subsampled=1.0, chroma_pixels=(4.0, 4.0)))
    before, after = (cv2.cvtColor(p, cv2.COLOR_RGB2YCrCb).astype(int) for p in (picture, seen))
    assert detail(after[..., 1]) < 0.2 * detail(before[..., 1])
    assert abs(detail(after[..., 0]) - detail(before[..., 0])) < 3


@pytest.mark.parametrize(
    ('effect', 'mild', 'strong'),
    [
        (downscaled, Recording(softened=1.0, detail=(0.9, 0.9)), Recording(softened=1.0, detail=(0.3, 0.3))),
        (compressed, Recording(compressed=1.0, quality=(95.0, 95.0)), Recording(compressed=1.0, quality=(20.0, 20.0))),
    ],
)
def test_a_recording_loses_as_much_as_it_is_told_to(effect, mild, strong):
    picture = generator().integers(0, 255, (64, 80, 3), dtype=np.uint8)
    slight, heavy = (np.abs(effect(generator(), picture, r).astype(int) - picture).mean() for r in (mild, strong))
    assert 0 < slight < heavy
