"""Data sets as people have them on disk: other suffixes, links, hidden files; what is incomplete is said by name."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.endovis_fixtures import (
    SIZE,
    write_endovis2017,
    write_endovis2018,
    write_endovis2018_releases,
    write_image,
    write_scared,
)
from support.rendered_shapes import write_shapes

from mt3dnet_ros.datasets.frames import DatasetError, DatasetWarning, FrameSet
from mt3dnet_ros.datasets.registry import open_frames

VAL_2018 = (2, 5, 9, 15)
VAL_SCARED = ((1, 3), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (7, 4))
CLASSES = Path(__file__).parents[2] / 'config' / 'labels' / 'endovis2018.yaml'


def write_masks_folder(folder: Path) -> Path:
    for frame in range(2):
        write_image(folder / 'val' / 'images' / f'{frame}.png', np.full((*SIZE, 3), 90, np.uint8))
        write_image(folder / 'val' / 'masks' / f'{frame}.png', np.full(SIZE, frame, np.uint8))
    shutil.copy(CLASSES, folder / 'classes.yaml')
    return folder


WRITERS: dict[str, tuple[str, str, Callable[[Path], Path]]] = {
    'ISINet': ('endovis2018', 'images', lambda folder: write_endovis2018(folder, VAL_2018, 2)),
    'SurgicalSAM': (
        'endovis2018',
        'images',
        lambda f: write_endovis2018(f, VAL_2018, 2, 'endovis2018', layout='surgicalsam'),
    ),
    'as downloaded': ('endovis2018', 'left_frames', lambda folder: write_endovis2018_releases(folder, VAL_2018, 2)),
    'scene': ('endovis2018_scene', 'left_frames', lambda folder: write_endovis2018_releases(folder, VAL_2018, 2)),
    'TernausNet': ('endovis2017', 'images', lambda folder: write_endovis2017(folder, (4, 7), 2, 'ternaus')),
    'SurgicalSAM 2017': ('endovis2017', 'images', lambda folder: write_surgicalsam_2017(folder)),
    'masks_folder': ('masks_folder', 'images', write_masks_folder),
}
everywhere = pytest.mark.parametrize('layout', WRITERS)


def write_surgicalsam_2017(folder: Path) -> Path:
    """Write sequences 4 and 7 as SurgicalSAM organises EndoVis 2017, and an augmented copy, which is not to be read."""
    write_endovis2018(folder / 'made', (4, 7), 2, 'endovis2018', layout='surgicalsam')
    (folder / 'made' / 'train' / '0').rename(folder / '0')
    shutil.copytree(folder / '0', folder / '1')
    shutil.rmtree(folder / 'made')
    return folder


def opened(layout: str, folder: Path) -> FrameSet:
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DatasetWarning)  # of so few frames
        return open_frames(WRITERS[layout][0], folder, 'val')


def images(layout: str, folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob('*.*') if WRITERS[layout][1] in path.parts and path.is_file())


def same(first: FrameSet, second: FrameSet) -> bool:
    return first.names == second.names and all(
        np.array_equal(a.image, b.image) and np.array_equal(a.types, b.types)
        for a, b in zip(first, second, strict=True)
    )


@everywhere
@pytest.mark.parametrize('suffix', ['.jpg', '.jpeg', '.JPG', '.PNG', '.bmp'])
def test_images_may_be_of_any_type(tmp_path: Path, layout: str, suffix: str) -> None:
    folder = WRITERS[layout][2](tmp_path)
    names = opened(layout, folder).names
    for path in images(layout, folder):
        content = cv2.imread(str(path))
        path.unlink()
        assert cv2.imwrite(str(path.with_suffix(suffix)), content)
    frames = opened(layout, folder)
    assert frames.names == names and all(frame.types is not None for frame in frames)


@everywhere
def test_names_in_capitals_hidden_files_and_links_do_not_matter(tmp_path: Path, layout: str) -> None:
    plain = opened(layout, WRITERS[layout][2](tmp_path / 'plain'))
    folder = WRITERS[layout][2](tmp_path / 'Daten für Übung 1')
    for path in [path for path in folder.rglob('*.png') if path.is_file()]:
        for junk in (f'._{path.name}', '.DS_Store', 'Thumbs.db'):
            (path.parent / junk).write_bytes(b'\0\5\26\7')
        path.rename(path.with_suffix('.PNG'))
    for place in [path for path in folder.rglob('*') if path.is_dir() and not any(p.is_dir() for p in path.iterdir())]:
        moved = tmp_path / 'elsewhere' / '_'.join(place.relative_to(folder).parts)
        moved.parent.mkdir(exist_ok=True)
        shutil.move(place, moved)
        place.symlink_to(moved)
    assert same(opened(layout, folder), plain)


@everywhere
def test_a_sequence_without_images_is_refused_by_name(tmp_path: Path, layout: str) -> None:
    folder = WRITERS[layout][2](tmp_path)
    for path in images(layout, folder):
        path.rename(path.with_suffix('.exr'))
    with pytest.raises(DatasetError, match=r'no frames of the sequences|masks have no image'):
        opened(layout, folder)


@everywhere
def test_a_missing_mask_is_refused_by_name_before_a_frame_is_read(tmp_path: Path, layout: str) -> None:
    folder = WRITERS[layout][2](tmp_path)
    kinds = ('annotations', 'labels', 'instruments_masks', 'masks')
    masks = [path for path in folder.rglob('*.png') if {path.parts[-2], path.parts[-3]} & set(kinds)]
    max(path for path in masks if folder / '1' not in path.parents).unlink()
    if layout == 'masks_folder':
        with pytest.warns(DatasetWarning, match=r'1 of 2 images .* have no mask in masks/ and are left out: 1\.png'):
            assert open_frames('masks_folder', folder, 'val').names == ('0',)
        return
    with pytest.raises(DatasetError, match=r'1 of \d+ frames have no mask \(expected .*'):
        opened(layout, folder)


@pytest.mark.parametrize('layout', [name for name in WRITERS if name != 'masks_folder'])
def test_a_gap_is_said_and_so_is_a_sequence_that_is_too_short(tmp_path: Path, layout: str) -> None:
    folder = WRITERS[layout][2](tmp_path)
    with pytest.warns(DatasetWarning, match=r'lacks frames, so that scores .*: of sequence \d has 2 of \d+ \(0 to 1\)'):
        open_frames(WRITERS[layout][0], folder, 'val')


def test_a_gap_in_the_frames_is_named(tmp_path: Path) -> None:
    folder = write_endovis2017(tmp_path, (4, 7), 5, 'ternaus')
    for kind in ('images/frame002.jpg', 'instruments_masks/frame002.png', 'parts_masks/frame002.png'):
        (folder / 'instrument_dataset_7' / kind).unlink()
    with pytest.warns(DatasetWarning, match=r'7 has 4 of 225 \(0 to 4, without 2\)'):
        open_frames('endovis2017', folder, 'val')


@everywhere
def test_two_images_of_one_frame_are_refused(tmp_path: Path, layout: str) -> None:
    folder = WRITERS[layout][2](tmp_path)
    first = images(layout, folder)[0]
    shutil.copy(first, first.with_suffix('.jpeg'))
    with pytest.raises(DatasetError, match=r'are (two files of|the same frame)'):
        opened(layout, folder)


def test_a_sequence_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    write_endovis2017(tmp_path / 'train', (4, 7), layout='ternaus')
    write_endovis2017(tmp_path / 'copy', (7,), layout='ternaus')
    with pytest.raises(DatasetError, match=r"instrument_dataset_7' and .* are two folders of one sequence"):
        open_frames('endovis2017', tmp_path, 'val')


@pytest.mark.parametrize('damage', ['a mask', 'all masks of a tool', 'the ground truth'])
def test_released_tools_without_all_their_masks_are_refused(tmp_path: Path, damage: str) -> None:
    folder = write_endovis2017(tmp_path, (4, 7), 2)
    truth = folder / 'instrument_dataset_4' / 'ground_truth'
    if damage == 'the ground truth':
        shutil.rmtree(truth)
        problem = '1 of 2 sequences have no ground_truth'
    else:
        masks = sorted((truth / 'Other_labels').iterdir())
        for mask in masks[:1] if damage == 'a mask' else masks:
            mask.unlink()
        problem = r"Other_labels' has no masks of [12] of 2 frames: 0"
    with pytest.raises(DatasetError, match=problem):
        open_frames('endovis2017', folder, 'val')


def test_parts_of_some_frames_alone_are_refused(tmp_path: Path) -> None:
    folder = write_endovis2017(tmp_path, (4, 7), 2, 'ternaus')
    (folder / 'instrument_dataset_7' / 'parts_masks' / 'frame001.png').unlink()
    with pytest.raises(DatasetError, match=r'1 of 4 frames have no mask \(expected parts_masks/frame000\.png\)'):
        open_frames('endovis2017', folder, 'val')


def test_sequences_without_masks_of_instruments_are_refused(tmp_path: Path) -> None:
    folder = write_endovis2018_releases(tmp_path, VAL_2018)
    shutil.rmtree(next(folder.rglob('seq_9/instrument_labels_2017')))
    with pytest.raises(DatasetError, match=r'1 of 4 sequences have no instrument_labels_2017/.*seq_9'):
        opened('as downloaded', folder)


def test_scene_masks_that_went_through_jpeg_are_refused(tmp_path: Path) -> None:
    folder = write_endovis2018_releases(tmp_path, VAL_2018, size=(160, 240))
    mask = next(folder.rglob('seq_2/labels/frame000.png'))
    encoded = cv2.imencode('.jpg', cv2.imread(str(mask)), [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
    assert cv2.imwrite(str(mask), cv2.imdecode(encoded, cv2.IMREAD_COLOR))
    with pytest.raises(DatasetError, match=r'frame000\.png. has (mostly colours|\d+ pixels .* colours of no class)'):
        opened('scene', folder)[0]


def test_surgicalsam_gives_the_frames_that_other_layouts_of_2017_give(tmp_path: Path) -> None:
    frames = opened('SurgicalSAM 2017', write_surgicalsam_2017(tmp_path / 'sam'))
    assert frames.names == opened('TernausNet', write_endovis2017(tmp_path / 't', (4, 7), 2, 'ternaus')).names
    assert frames.taxonomy is not None and frames.taxonomy.name == 'endovis2017'
    assert set(np.unique(frames[0].types)) == {0, 1, 4, 6}


def write_af(folder: Path, suffix: str = '.png', frames: int = 3, data_set: int = 3, stacked: bool = False) -> Path:
    """Write sequences of SCARED in the layout of AF-SfMLearner, with its numbers of frames and of keyframes."""
    key = 4 if data_set != 8 else 0
    source = write_scared(folder / 'made', ((data_set, key),), frames) / f'dataset_{data_set}' / f'keyframe_{key}'
    target = folder / f'dataset{data_set}' / f'keyframe{key + (data_set == 8)}' / 'image_02' / 'data'
    (target / 'groundtruth').mkdir(parents=True)
    for frame in range(frames):
        points = f'scene_points{frame:06d}.tiff'
        (source / 'data' / 'scene_points' / points).rename(target / 'groundtruth' / points)
        image = cv2.imread(str(source / 'data' / 'left' / f'frame_data{frame:06d}.png'))
        image = np.concatenate([image, 255 - image]) if stacked else image
        assert cv2.imwrite(str(target / f'{frame + 1:010d}{suffix}'), image)
    shutil.rmtree(folder / 'made')
    return folder


@pytest.mark.parametrize('stacked', [False, True])
@pytest.mark.parametrize('suffix', ['.png', '.jpg'])
def test_sequences_of_af_sfmlearner_are_read_by_its_lists(tmp_path: Path, suffix: str, stacked: bool) -> None:
    folder = write_af(tmp_path, suffix, stacked=stacked)
    (tmp_path / 'test_files.txt').write_text('dataset3/keyframe4 2 l\ndataset3/keyframe4 3 l\n')
    frames = open_frames('scared', folder, str(tmp_path / 'test_files.txt'))
    assert frames.names == ('dataset_3/keyframe_4/frame000001', 'dataset_3/keyframe_4/frame000002')
    expected = cv2.imread(str(next(folder.rglob(f'0000000002{suffix}'))))[: SIZE[0], :, ::-1]
    assert np.array_equal(frames[0].image, expected)
    assert frames[0].depth is not None and np.isclose(frames[0].depth[1:], 0.06).all()
    assert frames[0].camera is None  # no calibration in this layout


def test_keyframes_of_data_set_8_are_renumbered_in_the_layout_of_af_sfmlearner(tmp_path: Path) -> None:
    folder = write_af(tmp_path, data_set=8)
    (tmp_path / 'list.txt').write_text('dataset8/keyframe1 1 l\n')
    assert open_frames('scared', folder, str(tmp_path / 'list.txt')).names == ('dataset_8/keyframe_0/frame000000',)


def test_keyframes_without_image_or_depth_are_refused_by_name(tmp_path: Path) -> None:
    folder = write_scared(tmp_path, VAL_SCARED)
    (folder / 'dataset_2' / 'keyframe_4' / 'left_depth_map.tiff').unlink()
    with pytest.raises(DatasetError, match=r'1 of 7 frames have no depth map .*dataset_2/keyframe_4'):
        open_frames('scared', folder, 'val')
    (folder / 'dataset_5' / 'keyframe_4' / 'Left_Image.png').unlink()
    with pytest.raises(DatasetError, match=r'1 of 7 frames have no image .*dataset_5/keyframe_4'):
        open_frames('scared', folder, 'val')


def test_a_gap_in_the_points_of_a_video_is_named(tmp_path: Path) -> None:
    folder = write_scared(tmp_path, VAL_SCARED, frames=3)
    (folder / 'dataset_1' / 'keyframe_3' / 'data' / 'scene_points' / 'scene_points000001.tiff').unlink()
    with pytest.warns(DatasetWarning, match=r'dataset_1/keyframe_3 has 2 frames \(0 to 2, without 1\)'):
        open_frames('scared', folder, 'val_sequences')


@pytest.mark.parametrize(('value', 'said'), [(255, True), (1, False)])
def test_binary_masks_whose_foreground_is_unlabelled_are_said(
    tmp_path: Path, value: int, said: bool, recwarn: pytest.WarningsRecorder
) -> None:
    folder = write_masks_folder(tmp_path)
    for mask in (folder / 'val' / 'masks').iterdir():
        write_image(mask, np.repeat(np.uint8([0, value]), SIZE[0] * SIZE[1] // 2).reshape(SIZE))
    open_frames('masks_folder', folder, 'val')
    assert ['no value but 0 and 255' in str(warning.message) for warning in recwarn] == [True] * said


def test_masks_of_jpeg_are_named_where_png_was_expected(tmp_path: Path) -> None:
    folder = write_masks_folder(tmp_path)
    for mask in (folder / 'val' / 'masks').iterdir():
        mask.rename(mask.with_suffix('.jpg'))
    with pytest.raises(DatasetError, match=r'has no masks/.*, but JPEG files; JPEG changes ids at every border'):
        open_frames('masks_folder', folder, 'val')


def test_a_loop_reads_every_frame_once(tmp_path: Path) -> None:
    for frames in (
        opened('masks_folder', write_masks_folder(tmp_path / 'm')),
        open_frames('rendered', write_shapes(tmp_path / 'r'), 'val'),
    ):
        assert [frame.name for frame in frames] == list(frames.names)
