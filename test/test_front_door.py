"""``import mt3dnet_ros``: what it gives, what it costs, and that one picture is perceived by itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.paths import ROOT
from support.small_network import save_small_checkpoint, tissue

import mt3dnet_ros
from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scene import ALL_OUTPUTS
from mt3dnet_ros.perception.settings import Settings

if TYPE_CHECKING:
    from typing import assert_type

    # Type checkers know what the front door gives.
    assert_type(mt3dnet_ros.load(), Perceiver)
    assert_type(mt3dnet_ros.load()(np.zeros((4, 4, 3), np.uint8)), mt3dnet_ros.Scene)
    assert_type(mt3dnet_ros.Camera(4, 4, 1.0, 1.0, 2.0, 2.0).fx, float)
    mt3dnet_ros.no_such_thing()  # type: ignore[attr-defined]


def test_import_alone_costs_nothing() -> None:
    heavy = 'import sys, mt3dnet_ros; print(sorted({"cv2", "numpy", "torch", "yaml"} & set(sys.modules)))'
    assert subprocess.run([sys.executable, '-c', heavy], capture_output=True, text=True).stdout == '[]\n'


@pytest.mark.parametrize('name', mt3dnet_ros.__all__)
def test_front_door_gives_what_it_lists(name: str) -> None:
    assert name in dir(mt3dnet_ros)
    assert getattr(mt3dnet_ros, name).__name__ == name


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(mt3dnet_ros.__file__).read_text())
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    names = {alias.name for node in checked.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert names == set(mt3dnet_ros.__all__)


def test_anything_else_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'mt3dnet_ros' has no attribute 'no_such_thing'"):
        mt3dnet_ros.no_such_thing  # type: ignore[attr-defined]  # noqa: B018


def test_docs_list_every_output_of_a_scene() -> None:
    (page,) = (ROOT / 'docs').rglob('python.md')
    rows = re.findall(r'^\| (`\w+`[^|]*) \|', page.read_text(), re.MULTILINE)
    assert set(re.findall(r'`(\w+)`', ' '.join(rows))) == ALL_OUTPUTS


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a network that remembers."""
    return save_small_checkpoint(tmp_path_factory.mktemp('front') / 'small.safetensors', saliency=True)


def loaded(checkpoint: Path) -> Perceiver:
    """Return a perceiver whose network, and smoothing of masks, would remember a stream."""
    return mt3dnet_ros.load(checkpoint, 'cpu', settings=Settings(score_threshold=0.0, mask_time_constant=0.5))


def assert_same(scene: mt3dnet_ros.Scene, other: mt3dnet_ros.Scene) -> None:
    """Check that two scenes show the same."""
    assert not scene.absent.keys() ^ other.absent.keys()
    for name in ('labels', 'confidence', 'parts', 'instances', 'depth', 'overlay', 'saliency'):
        np.testing.assert_array_equal(getattr(scene, name), getattr(other, name), err_msg=name)
    assert str(scene.gaze) == str(other.gaze)


def saliency_of(scene: mt3dnet_ros.Scene) -> np.ndarray:
    """Return a scene's saliency, which the network of these tests predicts."""
    assert scene.saliency is not None
    return scene.saliency


def test_array_is_perceived_like_a_frame_of_it(checkpoint: Path) -> None:
    rgb = tissue(60, 80)
    assert_same(loaded(checkpoint)(rgb), loaded(checkpoint)(mt3dnet_ros.Frame(rgb), None))


def test_single_pictures_do_not_influence_each_other(checkpoint: Path) -> None:
    perceiver = loaded(checkpoint)
    scenes = [perceiver(tissue(60, 80, seed)) for seed in (0, 1, 0)]
    assert not np.array_equal(saliency_of(scenes[0]), saliency_of(scenes[1]))
    assert_same(scenes[2], scenes[0])


def test_frames_of_a_stream_do(checkpoint: Path) -> None:
    perceiver = loaded(checkpoint)
    frames = [mt3dnet_ros.Frame(tissue(60, 80, seed), 40_000_000 * (k + 1)) for k, seed in enumerate((0, 1, 0))]
    scenes = [perceiver(frame) for frame in frames]
    assert not np.array_equal(saliency_of(scenes[2]), saliency_of(scenes[0]))


def test_old_name_still_loads_and_says_the_new_one(checkpoint: Path) -> None:
    from mt3dnet_ros.perception.loading import load_perceiver

    with pytest.warns(FutureWarning, match=r'mt3dnet_ros\.load'):
        assert isinstance(load_perceiver(checkpoint, 'cpu'), Perceiver)


@pytest.mark.parametrize('nothing', [None, [[object()]]])
def test_what_is_no_image_is_refused_with_what_to_do(nothing: object) -> None:
    with pytest.raises(MT3DNetError, match='read the file first'):
        mt3dnet_ros.load()(nothing)  # type: ignore[arg-type]


def test_one_name_of_an_output_is_refused_with_the_set_that_was_meant() -> None:
    image = np.zeros((64, 96, 3), np.uint8)
    with pytest.raises(MT3DNetError, match=r"\{'depth'\}"):
        mt3dnet_ros.load()(image, outputs='depth')  # type: ignore[arg-type]
