"""The way to the network's input and back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.preprocess import Letterbox, easily_halved, halve, normalize

NETWORK = (256, 320)
SIZES = [
    (480, 640),
    (512, 640),
    (576, 720),
    (1024, 1280),
    (1080, 1920),
    (720, 576),
    (48, 64),
    (97, 131),
    (256, 320),
    (7, 900),
]


@pytest.fixture(params=SIZES, ids=lambda size: f'{size[1]}x{size[0]}')
def letterbox(request) -> Letterbox:
    return Letterbox(request.param, NETWORK)


def smooth_image(size: tuple[int, int]) -> np.ndarray:
    coarse = np.random.default_rng(1).integers(0, 255, (4, 5, 3), np.uint8)
    return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)


def test_content_fits_the_network_in_whole_cells(letterbox):
    height, width = letterbox.content_size
    assert 0 < height <= 256
    assert 0 < width <= 320
    assert height == 256 or width == 320
    assert height % 4 == width % 4 == 0


@pytest.mark.parametrize(
    ('size', 'content'),
    [((512, 640), (256, 320)), ((480, 640), (240, 320)), ((1080, 1920), (180, 320)), ((720, 576), (256, 204))],
)
def test_aspect_ratio_is_kept(size, content):
    assert Letterbox(size, NETWORK).content_size == content


def test_points_return(letterbox):
    points = np.random.default_rng(0).uniform(-0.5, 600, (50, 2))
    assert np.allclose(letterbox.points_to_image(letterbox.points_to_network(points)), points)


def test_corners_of_image_and_content_coincide(letterbox):
    height, width = letterbox.image_size
    corner = letterbox.points_to_network(np.array([width - 0.5, height - 0.5]))
    assert np.allclose(corner, np.array(letterbox.content_size[::-1]) - 0.5)
    assert np.allclose(letterbox.points_to_network(np.array([-0.5, -0.5])), -0.5)


def test_boxes_return_clipped_to_the_image(letterbox):
    height, width = letterbox.image_size
    box = np.array([0.1 * width, 0.2 * height, 0.6 * width, 0.7 * height])
    there = np.concatenate([letterbox.points_to_network(box[:2]), letterbox.points_to_network(box[2:])])
    assert np.allclose(letterbox.boxes_to_image(there), box)
    huge = letterbox.boxes_to_image(np.array([-1e4, -1e4, 1e4, 1e4]))
    assert np.allclose(huge, [-0.5, -0.5, width - 0.5, height - 0.5])


def test_map_of_positions_returns_to_its_pixels(letterbox):
    """Each cell holds the image position of its centre; scaled to the image, each pixel must hold its own."""
    height, width = letterbox.image_size
    back = letterbox.map_to_image(letterbox.cell_centers().astype(np.float32))
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    cell = 4.0 / letterbox.scale.min()
    inner = (columns > cell) & (columns < width - 1 - cell) & (rows > cell) & (rows < height - 1 - cell)
    tolerance = 0.01 + 1e-3 * cell
    assert np.abs(back - np.stack([columns, rows], -1))[inner].max(initial=0.0) < tolerance


@pytest.mark.parametrize('size', [size for size in SIZES if min(size) > 40])
def test_scaled_image_shows_the_same_at_the_same_place(size):
    letterbox, image = Letterbox(size, NETWORK), smooth_image(size)
    scaled = letterbox.forward(image)
    back = cv2.resize(scaled, size[::-1])
    assert scaled.shape == (*letterbox.content_size, 3)
    assert np.abs(back.astype(int) - image).mean() < 1.5


def test_shrinking_averages_and_does_not_skip_pixels():
    stripes = np.zeros((1024, 1280, 3), np.uint8)
    stripes[:, ::2] = 200
    assert np.abs(Letterbox((1024, 1280), NETWORK).forward(stripes).astype(int) - 100).max() <= 1


@pytest.mark.parametrize('size', [(576, 720), (1024, 1280), (97, 131)])
def test_views_are_scaled_like_their_copies(size):
    letterbox, image = Letterbox(size, NETWORK), smooth_image(size)
    padded = np.zeros((size[0], size[1] + 9, 3), np.uint8)
    padded[:, : size[1]] = image
    bgr = np.ascontiguousarray(image[..., ::-1])
    four = np.dstack([image, image[..., :1]])
    expected = letterbox.forward(image)
    for view in (padded[:, : size[1]], bgr[..., ::-1], four[..., :3], np.asfortranarray(image)):
        assert np.array_equal(letterbox.forward(view), expected)


def test_focal_length_scales_with_the_image():
    camera = Camera(1280, 1024, 1000.0, 1000.0, 640.0, 512.0)
    assert np.isclose(Letterbox((1024, 1280), NETWORK).focal(camera), 250.0)
    assert np.isclose(Letterbox((512, 640), NETWORK).focal(camera.resized(640, 512)), 250.0)


def test_normalised_image_is_centred_and_padded_with_the_mean():
    content = np.full((240, 320, 3), (255, 0, 51), np.uint8)
    images = normalize(content, NETWORK, mean=(0.5, 0.4, 0.2), std=(0.25, 0.2, 0.5))
    assert images.shape == (1, 3, 256, 320)
    assert np.allclose(images[0, :, 100, 100], [2.0, -2.0, 0.0], atol=1e-6)
    assert not images[:, :, 240:].any()


@pytest.mark.parametrize(
    ('box', 'size', 'expected'),
    [
        pytest.param(
            ((1, 1024), (24, 1271)), (1024, 1280), ((0, 1024), (24, 1272)), id='a line more, where there is one'
        ),
        pytest.param(((2, 1024), (23, 1271)), (1024, 1280), ((2, 1024), (23, 1271)), id='as it is'),
        pytest.param(((3, 1077), (5, 1901)), (1080, 1920), ((3, 1079), (5, 1901)), id='to be halved twice'),
        pytest.param(((0, 1023), (0, 1280)), (1023, 1280), ((0, 1023), (0, 1280)), id='the whole of an odd image'),
        pytest.param(((5, 400), (7, 500)), (480, 640), ((5, 400), (7, 500)), id='too small to be halved'),
    ],
)
def test_what_is_seen_can_be_halved(box, size, expected):
    found = easily_halved(box, size, NETWORK)
    assert found == expected
    if found != box:
        height, width = halve(np.zeros(size, np.uint8)[slice(*found[0]), slice(*found[1])], NETWORK).shape
        assert min(height / NETWORK[0], width / NETWORK[1]) < 2.0


class TestCrop:
    """The network sees a part of the image, as it would see that part alone."""

    SIZE, CROP = (576, 720), ((40, 560), (101, 653))
    CAMERA = Camera(720, 576, 640.0, 630.0, 350.0, 290.0)

    def both(self) -> tuple[Letterbox, Letterbox]:
        return Letterbox(self.SIZE, NETWORK, self.CROP), Letterbox((520, 552), NETWORK)

    def test_what_the_network_gets_is_the_part_alone(self):
        cropped, alone = self.both()
        image = smooth_image(self.SIZE)
        np.testing.assert_array_equal(cropped.forward(image), alone.forward(image[40:560, 101:653]))

    def test_a_smaller_part_is_seen_larger_and_its_focal_length_follows(self):
        cropped, alone = self.both()
        assert cropped.focal(self.CAMERA) == alone.focal(self.CAMERA.cropped(101, 40, 552, 520))
        assert cropped.focal(self.CAMERA) > Letterbox(self.SIZE, NETWORK).focal(self.CAMERA)

    def test_points_and_boxes_are_those_of_the_whole_image(self):
        cropped, alone = self.both()
        points = np.random.default_rng(0).uniform(0, 500, (50, 2))
        np.testing.assert_allclose(cropped.points_to_image(cropped.points_to_network(points)), points)
        np.testing.assert_allclose(cropped.cell_centers(), alone.cell_centers() + (101, 40))
        boxes = np.array([[-40.0, -40.0, 400.0, 400.0]])
        np.testing.assert_allclose(cropped.boxes_to_image(boxes), [[100.5, 39.5, 652.5, 559.5]])

    def test_maps_lie_in_their_part_and_another_value_around(self):
        cropped, alone = self.both()
        cells = np.random.default_rng(0).random(cropped.cells).astype(np.float32)
        values = cropped.map_to_image(cells, elsewhere=np.nan)
        np.testing.assert_array_equal(values[40:560, 101:653], alone.map_to_image(cells))
        values[40:560, 101:653] = np.nan
        assert np.isnan(values).all()
