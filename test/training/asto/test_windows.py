"""Windows of frames: consecutive, with saliency, and all frames of a window cropped alike."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from support.rendered_shapes import write_shapes

from mt3dnet_ros.datasets.frames import IGNORED, DatasetError, LabelledFrame
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.datasets.saliency.files import saliency_path
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.training.asto.window_transform import WindowTransform
from mt3dnet_ros.training.asto.windows import Window, WindowSet
from mt3dnet_ros.training.samples import Draw, SeededTransform

SIZE = (48, 64)
CONFIG = STMTLConfig(('background', 'forceps'), input_size=(64, 96), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


class Video:
    """Frames of one sequence; number 3 is missing. Saliency is 10 times the frame's number."""

    taxonomy = None

    def __init__(self, numbers=(0, 1, 2, 4, 5, 6)):
        self.names = tuple(f'video/frame{number:03d}' for number in numbers)

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        return LabelledFrame(self.names[index], np.full((*SIZE, 3), index, np.uint8))


@pytest.fixture
def maps(tmp_path):
    for number in (1, 2, 4, 5, 6):  # the first frame has no predecessor, hence no saliency
        path = saliency_path(tmp_path, f'video/frame{number:03d}')
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full(SIZE, 10 * number, np.uint8))
    return tmp_path


def moving_spot():
    """Return a window in which types and saliency show where the image is bright, elsewhere in each frame."""
    images, types = torch.zeros(3, *SIZE, 3, dtype=torch.uint8), torch.zeros(3, *SIZE, dtype=torch.uint8)
    for frame in range(3):
        images[frame, 8:24, 8 + 12 * frame : 24 + 12 * frame] = 255
        types[frame, 8:24, 8 + 12 * frame : 24 + 12 * frame] = 1
    return Window(images, types, images[..., 0])


@pytest.mark.parametrize(('length', 'expected'), [(1, [1, 2, 3, 4, 5]), (2, [1, 3, 4]), (3, [3])])
def test_windows_hold_consecutive_frames_that_have_saliency(maps, length, expected):
    assert [window[0] for window in WindowSet(Video(), maps, length).windows] == expected


def test_a_window_carries_frames_saliency_and_the_seed_of_its_batch(maps):
    window, seed = WindowSet(Video(), maps, 3)[Draw(0, 17)]
    assert seed == 17 and window.images.shape == (3, *SIZE, 3)
    assert window.images[:, 0, 0, 0].tolist() == [3, 4, 5]
    assert window.saliency[:, 0, 0].tolist() == [40, 50, 60]
    assert (window.types == IGNORED).all()  # these frames have none


def test_frames_can_be_made_smaller_when_they_are_read(maps):
    window, _ = WindowSet(Video(), maps, 2, size=(24, 32))[0]
    assert window.images.shape == (2, 24, 32, 3) and window.types.shape == window.saliency.shape == (2, 24, 32)


def test_missing_saliency_is_told_with_its_remedy(tmp_path):
    with pytest.raises(DatasetError, match=r'of 6 frames, no 2 in a row have saliency .* `mt3dnet make-saliency'):
        WindowSet(Video(), tmp_path, 2)


def test_stills_are_no_sequences(tmp_path):
    frames = RenderedFrames(write_shapes(tmp_path / 'stills', frames=2), 'train')
    with pytest.raises(DatasetError, match='no 1 in a row'):
        WindowSet(frames, tmp_path, 1)


@pytest.mark.parametrize('crops', ['random', 'mirrored', 'whole'])
def test_saliency_and_types_move_with_the_image(crops):
    for seed in range(4):
        torch.manual_seed(seed)
        batch = WindowTransform(CONFIG, crops, zoom=(0.8, 1.4))([moving_spot()])
        assert batch.images.shape == (1, 3, 3, 64, 96) and batch.saliency.shape == (1, 3, 1, 64, 96)
        assert torch.allclose(batch.saliency[:, :, 0], batch.images[:, :, 0], atol=1e-5)
        agreement = (batch.types == 1) == (batch.saliency[:, :, 0] > 0.5)
        assert agreement.float().mean() > 0.99 and (batch.types == 1).any()


@pytest.mark.parametrize('crops', ['random', 'mirrored'])
def test_all_frames_of_a_window_are_cropped_alike_and_windows_are_not(crops):
    still = Window(*(values[:1].repeat(2, *(1,) * (values.dim() - 1)) for values in moving_spot()))
    torch.manual_seed(2)
    images = WindowTransform(CONFIG, crops, zoom=(0.8, 1.4), strength=1.0)([still] * 8).images
    assert torch.equal(images[:, 0], images[:, 1])
    assert len({window.numpy().tobytes() for window in images[:, 0]}) > 2


def test_mirroring_leaves_half_of_the_windows_and_turns_the_rest_either_way():
    torch.manual_seed(3)
    images = WindowTransform(CONFIG, 'mirrored')([moving_spot()] * 200).images[:, 0, 0].round()
    whole = WindowTransform(CONFIG, 'whole')([moving_spot()]).images[0, 0, 0].round()
    turned = (whole, whole.flip(1), whole.flip(0))
    shares = [sum(torch.equal(image, shown) for image in images) / len(images) for shown in turned]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=0.1)


def test_a_batch_follows_from_its_seed_alone():
    transform = SeededTransform(WindowTransform(CONFIG, 'random', zoom=(0.8, 1.4), strength=1.0))
    first, again, other = (transform([(moving_spot(), seed)]).images for seed in (5, 5, 6))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_the_plain_transform_shows_whole_frames_as_they_are():
    plain = WindowTransform(CONFIG, 'random', zoom=(2.0, 2.0), strength=1.0).plain()
    assert torch.equal(plain([moving_spot()]).images, WindowTransform(CONFIG, 'whole')([moving_spot()]).images)
