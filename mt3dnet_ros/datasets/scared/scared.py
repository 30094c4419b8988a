"""SCARED: stereo endoscopy of porcine anatomy with depth measured by structured light.

Layout::

    DIR/dataset_N/keyframe_K/{Left_Image.png,Right_Image.png,left_depth_map.tiff,endoscope_calibration.yaml}
    DIR/dataset_N/keyframe_K/data/{rgb.mp4,scene_points/scene_pointsNNNNNN.tiff}    of the sequences

Depth maps are images of points (X, Y, Z) in millimetres in the frame of the left camera, unknown ones (0, 0, 0) or NaN;
those of the sequences have the left image's points over the right one's, as the video has the images.
"""

from __future__ import annotations

from pathlib import Path

from mt3dnet_ros.datasets.frames import FrameSet
from mt3dnet_ros.datasets.scared.keyframes import ScaredKeyframes
from mt3dnet_ros.datasets.scared.sequences import ScaredSequences, read_frame_list
from mt3dnet_ros.datasets.splits import load_split

_SEQUENCES = '_sequences'


def open_scared(folder: str | Path, split: str) -> FrameSet:
    """Return the frames of a split.

    :param split: of ``config/splits/scared.yaml``, or the path of a list such as AF-SfMLearner's
        ``splits/endovis/test_files.txt``
    :raises DatasetError: keyframes of the split are missing
    """
    root = Path(folder)
    if split.endswith('.txt'):
        return ScaredSequences(root, read_frame_list(Path(split)))
    keyframes = [(number, keyframe) for number, keyframe in load_split('scared', split)]
    if split.endswith(_SEQUENCES):
        return ScaredSequences(root, dict.fromkeys(keyframes))
    return ScaredKeyframes(root, keyframes)
