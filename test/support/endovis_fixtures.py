"""Small data sets in the documented layouts of EndoVis 2017 and 2018 and of SCARED.

Every frame shows the same scene: tissue, bipolar forceps with a shaft, a wrist and claspers, monopolar curved scissors
that are all shaft, and a suction tube. The whole of it lies ``DEPTH`` metres before a pair of cameras, so that the
right image is the left one, moved by ``disparity(...)``.
"""

from __future__ import annotations

import json

import cv2
import numpy as np

SIZE = (40, 60)  # rows and columns
SEQUENCES_2018 = (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16)
DEPTH = 0.06
BASELINE = 0.004
FOCAL_PER_COLUMN = 1.5
CENTRE_OFFSET_PER_COLUMN = -0.05  # cx of the left camera less that of the right one, as endoscopes have it

TOOLS = ('bipolar forceps', 'monopolar curved scissors', 'suction')
NUMBERINGS = {  # ids of TOOLS
    'endovis2018': (1, 4, 6),
    'endovis2018_isinet': (1, 6, 8),
    'endovis2018_matis': (1, 4, 5),
}
SCENE_COLORS = {
    'shaft': (0, 255, 0),
    'wrist': (125, 255, 12),
    'clasper': (0, 255, 255),
    'kidney': (255, 55, 0),
    'suction': (123, 15, 175),
}
PART_NAMES = ('shaft', 'wrist', 'clasper')
_RELEASES = {
    'miccai_challenge_2018_release_1': range(1, 5),
    'miccai_challenge_release_2': range(5, 8),
    'miccai_challenge_release_3': range(9, 13),
    'miccai_challenge_release_4': range(13, 17),
}
_FAST = (cv2.IMWRITE_PNG_COMPRESSION, 1)


def tool_regions(size):
    """Return where each tool is, as slices of rows and columns, and the columns at which wrist and clasper begin."""
    h, w = size
    forceps = slice(h // 8, h // 3), slice(w // 10, w // 2)
    scissors = slice(h // 2, 2 * h // 3), slice(w // 2, w)
    suction = slice(3 * h // 4, h), slice(w // 10, w // 3)
    return (forceps, scissors, suction), (w // 4, w // 3)


def tool_masks(size):
    """Return the mask of each of TOOLS, (H, W) bool."""
    masks = [np.zeros(size, bool) for _ in TOOLS]
    for mask, region in zip(masks, tool_regions(size)[0], strict=True):
        mask[region] = True
    return masks


def part_masks(size):
    """Return the masks of shaft, wrist and clasper, (H, W) bool."""
    forceps, scissors, _ = tool_masks(size)
    wrist, clasper = tool_regions(size)[1]
    columns = np.arange(size[1])
    shaft = (forceps & (columns < wrist)) | scissors
    return shaft, forceps & (columns >= wrist) & (columns < clasper), forceps & (columns >= clasper)


def draw_pair(size, seed=0):
    """Return what the two cameras see, (H, W, 3) uint8 RGB."""
    rng = np.random.default_rng(seed)
    grain = rng.integers(60, 200, (min(64, size[0] // 2), min(80, size[1] // 2), 3), dtype=np.uint8)
    left = cv2.resize(grain, size[::-1], interpolation=cv2.INTER_LINEAR)
    for tint, mask in zip(((40, 0, 0), (0, 40, 0), (0, 0, 40)), tool_masks(size), strict=True):
        left[mask] += np.array(tint, np.uint8)
    return left, np.roll(left, -disparity(size[1]), axis=1)


def disparity(columns):
    """Return x_left - x_right of every point, in whole pixels."""
    return round(columns * (FOCAL_PER_COLUMN * BASELINE / DEPTH + CENTRE_OFFSET_PER_COLUMN))


def scene_colors(size):
    """Return the mask of EndoVis 2018 scene segmentation, (H, W, 4) uint8 RGBA."""
    colors = np.full((*size, 4), (*SCENE_COLORS['kidney'], 255), np.uint8)
    for name, mask in zip(PART_NAMES, part_masks(size), strict=True):
        colors[mask, :3] = SCENE_COLORS[name]
    colors[tool_masks(size)[2], :3] = SCENE_COLORS['suction']
    return colors


def write_endovis2018(
    folder, sequences=SEQUENCES_2018, frames=1, numbering='endovis2018_isinet', size=SIZE, layout='isinet', masks=True
):
    """Write EndoVis 2018 with instrument types, as ISINet's script or SurgicalSAM organise it.

    :param layout: ``isinet`` or ``surgicalsam``
    :param masks: write the masks of the instances, too
    """
    name = {'isinet': 'seq{}_frame{:03d}', 'surgicalsam': 'seq{}/{:05d}'}[layout]
    train = 'train/0' if layout == 'surgicalsam' else 'train'
    for sequence, frame in np.ndindex(len(sequences), frames):
        stem = name.format(sequences[sequence], frame)
        part = folder / ('val' if sequences[sequence] in (2, 5, 9, 15) else train)
        write_image(part / 'images' / f'{stem}.png', draw_pair(size, seed=frame)[0])
        types = np.zeros(size, np.uint8)
        for label, mask in zip(NUMBERINGS[numbering], tool_masks(size), strict=True):
            types[mask] = label
            if masks:
                write_image(part / 'binary_annotations' / f'{stem}_class{label}_inst0.png', mask * np.uint8(255))
        write_image(part / 'annotations' / f'{stem}.png', types)
    return folder


def write_endovis2018_releases(folder, sequences=SEQUENCES_2018, frames=1, size=SIZE, annotated=True, tests=()):
    """Write EndoVis 2018 as the challenge released it, with masks of the scene, right images and calibrations.

    :param annotated: write the masks of instruments that ISINet adds, too
    :param tests: sequences of the test data to write
    """
    releases = [(folder / release, n) for release, numbers in _RELEASES.items() for n in numbers if n in sequences]
    for root, number in releases + [(folder / 'test_data', n) for n in tests]:
        for frame in range(frames):
            _write_release_frame(root / f'seq_{number}', frame, size, annotated)
        write_intuitive_calibration(root / f'seq_{number}' / 'camera_calibration.txt', size)
    return folder


def _write_release_frame(sequence, frame, size, annotated):
    name = f'frame{frame:03d}.png'
    left, right = draw_pair(size, seed=frame)
    write_image(sequence / 'left_frames' / name, left)
    write_image(sequence / 'right_frames' / name, right)
    write_image(sequence / 'labels' / name, scene_colors(size))
    for label, mask in zip(NUMBERINGS['endovis2018_isinet'][:2] if annotated else (), tool_masks(size), strict=False):
        colored = np.repeat(mask[..., None], 3, axis=-1) * np.array((90, 0, 200), np.uint8)
        write_image(sequence / 'instrument_labels_2017' / f'frame{frame:03d}_class{label}_inst0.png', colored)


def write_endovis2017(folder, sequences=tuple(range(1, 9)), frames=1, layout='raw', size=SIZE):
    """Write EndoVis 2017, as released (1920 x 1080 pixels), merged by TernausNet, or merged by ST-MTL.

    The tools are bipolar forceps, a right ProGrasp forceps (in place of scissors) and one of the type 'other'.

    :param layout: ``raw``, ``ternaus`` or ``st_mtl``; only the last two have images of the given size
    """
    for sequence, frame in np.ndindex(len(sequences), frames):
        target = folder / f'instrument_dataset_{sequences[sequence]}'
        if layout == 'raw':
            _write_raw_2017(target, frame)
        else:
            _write_merged_2017(target, frame, size, layout)
    return folder


def _write_raw_2017(target, frame):
    size, name = (1024, 1280), f'frame{frame:03d}.png'
    left, right = draw_pair(size, seed=frame)
    write_image(target / 'left_frames' / name, _bordered(left))
    write_image(target / 'right_frames' / name, _bordered(right))
    parts = sum(np.uint8(10 * number) * mask for number, mask in enumerate(part_masks(size), start=1))
    folders = ('Maryland_Bipolar_Forceps_labels', 'Right_Prograsp_Forceps_labels', 'Other_labels')
    for tool, mask in zip(folders, tool_masks(size), strict=True):
        values = np.where(mask, np.maximum(parts, 10), 0).astype(np.uint8)
        write_image(target / 'ground_truth' / tool / name, _bordered(values))
    write_intuitive_calibration(target / 'camera_calibration.txt', size)


def _bordered(image):
    """Return an image in the middle of a frame of 1920 x 1080 pixels."""
    frame = np.zeros((1080, 1920, *image.shape[2:]), np.uint8)
    frame[28:1052, 320:1600] = image
    return frame


def _write_merged_2017(target, frame, size, layout):
    types = sum(np.uint8(label) * mask for label, mask in zip((1, 2, 7), tool_masks(size), strict=True))
    parts = sum(np.uint8(number) * mask for number, mask in enumerate(part_masks(size), start=1))
    write_image(target / 'images' / f'frame{frame:03d}.jpg', draw_pair(size, seed=frame)[0])
    write_image(target / 'instruments_masks' / f'frame{frame:03d}.png', types * (32 if layout == 'ternaus' else 1))
    if layout == 'ternaus':
        write_image(target / 'parts_masks' / f'frame{frame:03d}.png', parts * 85)


def write_scared(folder, keyframes=((1, 3), (2, 4)), frames=0, size=SIZE, extracted=True):
    """Write keyframes of SCARED, and of each a sequence of some frames.

    The first row of the depth is NaN in the keyframes and 0 in the sequences: unknown.

    :param keyframes: numbers of the data set and of the keyframe in it
    :param frames: of each sequence
    :param extracted: write the sequences' images as files rather than as a video
    """
    for number, keyframe in keyframes:
        target = folder / f'dataset_{number}' / f'keyframe_{keyframe}'
        left, right = draw_pair(size)
        write_image(target / 'Left_Image.png', left)
        write_image(target / 'Right_Image.png', right)
        write_points(target / 'left_depth_map.tiff', points_of(size, np.nan))
        write_scared_calibration(target / 'endoscope_calibration.yaml', size)
        if frames:
            _write_sequence(target / 'data', frames, size, extracted)
    return folder


def _write_sequence(data, frames, size, extracted):
    pairs = [draw_pair(size, seed=frame) for frame in range(frames)]
    for frame, (left, right) in enumerate(pairs):
        points = points_of(size, 0.0)
        write_points(data / 'scene_points' / f'scene_points{frame:06d}.tiff', np.concatenate([points, points + 1]))
        if extracted:
            write_image(data / 'left' / f'frame_data{frame:06d}.png', left)
            write_image(data / 'right' / f'frame_data{frame:06d}.png', right)
    if not extracted:
        codec = cv2.VideoWriter.fourcc(*'mp4v')
        video = cv2.VideoWriter(str(data / 'rgb.mp4'), codec, 25.0, (size[1], 2 * size[0]))
        for pair in pairs:
            video.write(np.concatenate(pair)[..., ::-1])
        video.release()


def points_of(size, unknown):
    """Return points (X, Y, Z) in millimetres of a plane at DEPTH, (H, W, 3) float32; the first row is unknown."""
    points = np.empty((*size, 3), np.float32)
    points[..., 1], points[..., 0] = np.meshgrid(np.arange(size[0]), np.arange(size[1]), indexing='ij')
    points[..., 2] = 1000.0 * DEPTH
    points[0] = unknown
    return points


def intrinsics(size):
    """Return focal length, columns of the left and the right principal point, and their row, in pixels."""
    h, w = size
    return FOCAL_PER_COLUMN * w, 0.45 * w, (0.45 - CENTRE_OFFSET_PER_COLUMN) * w, 0.5 * h


def write_intuitive_calibration(path, size):
    """Write ``camera_calibration.txt`` with the keys that are known of it."""
    focal, left, right, row = intrinsics(size)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'Camera-0-F: {focal} {focal}     // left camera x,y focal dist in pixels\n'
        f'Camera-0-C: {left} {row}        // left camera x,y center in pixels\n'
        'Camera-0-K: 0.0 0.0 0.0 0.0 0.0  // left camera radial distortion\n'
        f'Camera-1-F: {focal} {focal}     // right camera x,y focal dist in pixels\n'
        f'Camera-1-C: {right} {row}       // right camera x,y center in pixels\n'
        'Camera-1-K: 0.0 0.0 0.0 0.0 0.0  // right camera radial distortion\n'
        'Extrinsic-Omega: 0.0 0.0 -0.0    // left to right camera rotation\n'
        f'Extrinsic-T: {-1000 * BASELINE} 0.0 0.0  // left to right camera position\n'
    )


def write_scared_calibration(path, size, names=('M1', 'M2'), unit=1.0):
    """Write ``endoscope_calibration.yaml``, a file of OpenCV's, whose lengths are so many units to the millimetre."""
    focal, left, right, row = intrinsics(size)
    path.parent.mkdir(parents=True, exist_ok=True)
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    for name, column in zip(names, (left, right), strict=True):
        storage.write(name, np.array([[focal, 0.0, column], [0.0, focal, row], [0.0, 0.0, 1.0]]))
        storage.write(f'D{name[1]}', np.zeros((1, 5)))
    storage.write('R', np.eye(3))
    storage.write('T', np.array([[-1000.0 * BASELINE * unit], [0.0], [0.0]]))
    storage.release()


def write_points(path, points):
    """Write an image of points, X first in the file; OpenCV writes the colours of an image backwards."""
    write_image(path, points[..., ::-1], is_color=False)


def write_image(path, image, is_color=True):
    """Write an image; RGB or RGBA where it has colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if is_color and image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR)
    options = {'.png': _FAST, '.jpg': (cv2.IMWRITE_JPEG_QUALITY, 100)}.get(path.suffix, ())
    assert cv2.imwrite(str(path), image, options)


def write_class_list(folder, ids):
    """Write the list of classes that ISINet's script leaves beside the data."""
    (folder / 'labels_2017.json').write_text(json.dumps([{'name': f'class {n}', 'classid': n} for n in ids]))
