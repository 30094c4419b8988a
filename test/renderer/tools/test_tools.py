"""Tools of simple shapes, hand-held tools and their looks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import ENDOSCOPE

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.domains.tools import Looks
from mt3dnet_ros.renderer.meshes import COVER, METAL, SHAFT
from mt3dnet_ros.renderer.render import Shot, render
from mt3dnet_ros.renderer.scene.world import sample_world
from mt3dnet_ros.renderer.streams import stream
from mt3dnet_ros.renderer.tools.finishes import sample_finishes
from mt3dnet_ros.renderer.tools.instruments import instruments_of_class
from mt3dnet_ros.renderer.tools.laparoscopic import hand_held
from mt3dnet_ros.renderer.tools.looks import with_looks
from mt3dnet_ros.renderer.tools.print_marks import print_marks

SIMPLE = [tool for class_id in range(1, 9) for tool in instruments_of_class(class_id, None)]


def points_of(tool, *parts: int, joints: dict | None = None) -> np.ndarray:
    poses = tool.link_poses(joints or {})
    chosen = [piece for piece in tool.pieces if piece.part in parts]
    return np.concatenate([piece.mesh.moved(poses[piece.link]).vertices for piece in chosen])


def test_without_meshes_every_class_has_a_tool():
    assert {tool.class_id for tool in SIMPLE} == set(range(1, 9))


@pytest.mark.parametrize('tool', [*SIMPLE, *hand_held()], ids=lambda tool: tool.name)
def test_a_simple_tool_has_shaft_and_clasper_in_this_order_and_plausible_sizes(tool):
    shaft, clasper = points_of(tool, 1), points_of(tool, 3)
    assert 0.28 < np.ptp(shaft[:, 2]) < 0.35
    assert 0.002 < np.ptp(shaft[:, 0]) < 0.015
    assert clasper[:, 2].max() > shaft[:, 2].max()
    assert 0.01 < np.ptp(clasper[:, 2]) < 0.05


@pytest.mark.parametrize('tool', [*SIMPLE, *hand_held()], ids=lambda tool: tool.name)
def test_the_tip_lies_at_the_end_of_the_closed_jaws(tool):
    end = points_of(tool, 3)[:, 2].max()
    assert tool.tip_position({})[2] == pytest.approx(end, abs=0.002)


@pytest.mark.parametrize('tool', [tool for tool in SIMPLE if 'jaw' in tool.limits()], ids=lambda tool: tool.name)
def test_jaws_open(tool):
    closed, opened = (np.ptp(points_of(tool, 3, joints={'jaw': angle}), axis=0)[1] for angle in (0.0, 0.8))
    assert opened > closed + 0.003


def test_hand_held_tools_have_no_wrist_joints_and_wristed_ones_have():
    assert not any(tool.wristed for tool in hand_held())
    assert all(tool.wristed for tool in SIMPLE if tool.class_id not in (5, 6))


def test_a_model_folder_without_urdf_files_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'no folder urdf_flat.*none at all for tools of simple shapes'):
        instruments_of_class(3, None, tmp_path)


def finishes_with(seed: int = 0, wristed: bool = False, **looks):
    plain = sample_finishes(np.random.default_rng(0), ENDOSCOPE.finishes, 8)
    return plain, with_looks(np.random.default_rng(seed), plain, Looks(**looks), wristed)


def test_plain_looks_leave_a_tool_as_it_is():
    plain, same = finishes_with()
    for material, finish in plain.items():
        np.testing.assert_array_equal(same[material].albedo, finish.albedo)
        np.testing.assert_array_equal(same[material].scratches, finish.scratches)


def test_insulated_jaws_are_dark_and_the_collar_stays_metal():
    plain, dressed_ = finishes_with(insulated=1.0)
    assert dressed_[COVER].albedo.max() < 0.07
    assert dressed_[METAL] is plain[METAL]


@pytest.mark.parametrize(('style', 'least'), [('white_shafts', 0.3), ('chromed_shafts', 0.15)])
def test_bright_shafts_are_bright(style, least):
    plain, bright = finishes_with(**{style: 1.0})
    assert plain[SHAFT].albedo.max() < 0.08 < least < bright[SHAFT].albedo.mean()


def test_coloured_shafts_have_a_colour():
    shades = [finishes_with(seed, coloured_shafts=1.0)[1][SHAFT].albedo for seed in range(12)]
    assert np.median([shade.max() / shade.min() for shade in shades]) > 3


def test_stained_shafts_are_brownish():
    shades = np.stack([finishes_with(seed, stained_shafts=1.0)[1][SHAFT].albedo for seed in range(12)])
    assert np.all(shades[:, 0] >= shades[:, 1])
    assert np.all(shades[:, 1] >= shades[:, 2])
    assert np.median(shades[:, 0] / shades[:, 2]) > 1.3


def test_print_is_much_brighter_than_a_dark_shaft():
    _, printed = finishes_with(printed=1.0)
    seen = printed[SHAFT].albedo.mean() * printed[SHAFT].scratches
    assert seen.max() > 0.3
    assert np.median(seen) < 0.1


def test_print_covers_a_part_and_is_mirrored_to_the_other_side():
    ink = [print_marks(np.random.default_rng(seed), 64, Looks().print_weight) for seed in range(10)]
    assert all(one.min() >= 0 and one.max() <= 1 for one in ink)
    assert 0.02 < np.mean([one.mean() for one in ink]) < 0.4
    np.testing.assert_array_equal(ink[0][:, :32], ink[0][:, :31:-1])


def test_bold_print_has_more_ink_in_the_same_places():
    thin, bold = (
        np.stack([print_marks(np.random.default_rng(seed), 96, (weight, weight)) for seed in range(10)])
        for weight in (0.05, 0.3)
    )
    assert bold.mean() > 1.2 * thin.mean()
    assert bold[thin > 0.9].mean() > 0.9


def test_a_stream_depends_only_on_seed_and_name_and_draws_nothing():
    rng, untouched = np.random.default_rng([1, 2]), np.random.default_rng([1, 2])
    first = stream(rng, 'needle').random()
    assert rng.random() == untouched.random()
    assert stream(rng, 'needle').random() == first != stream(rng, 'gauze').random()


def test_new_looks_do_not_move_anything():
    plain = sample_world(np.random.default_rng(3), ENDOSCOPE, 40, 32, None)
    looks = replace(ENDOSCOPE, looks=Looks(printed=1.0, white_shafts=0.5, insulated=1.0))
    other = sample_world(np.random.default_rng(3), looks, 40, 32, None)
    for before, after in zip(plain.tools, other.tools, strict=True):
        np.testing.assert_array_equal(before.pose, after.pose)
    np.testing.assert_array_equal(plain.tissue.albedo, other.tissue.albedo)
    np.testing.assert_array_equal(plain.lighting.positions, other.lighting.positions)


def test_wide_scenes_render_without_any_data():
    domain = load_domain('wide')
    shown: set[int] = set()
    for seed in range(6):
        rng = np.random.default_rng(seed)
        frame = render(rng, sample_world(rng, domain, 60, 48, None), domain, Shot(60, 48))
        assert frame.image.std() > 3
        assert np.all((frame.types > 0) == (frame.parts > 0))
        shown |= set(np.unique(frame.types)) - {0}
    assert len(shown) >= 3


def test_the_command_needs_no_data(tmp_path):
    options = ['--val', '1', '--train', '0', '--test', '0', '--width', '60', '--height', '48', '--processes', '1']
    assert main(['render', '--output', str(tmp_path), '--domain', 'endoscope', *options]) == 0
    assert RenderedFrames(tmp_path, 'val')[0].image.shape == (48, 60, 3)


def test_a_wrong_folder_of_the_model_is_an_error_in_one_line(tmp_path, capsys):
    options = ['--val', '6', '--train', '0', '--width', '60', '--height', '48', '--processes', '1']
    assert main(['render', '--output', str(tmp_path / 'out'), '--dvrk-model', str(tmp_path), *options]) == 1
    assert f"dVRK model '{tmp_path}' has no folder urdf_flat" in capsys.readouterr().err
