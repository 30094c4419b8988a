"""Judge a network on folders of real frames and the videos beside them, and on pictures of nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.datasets.parts_folder import PartsFolder
from mt3dnet_ros.datasets.unlabelled_folder import UnlabelledFolder
from mt3dnet_ros.evaluation.blank_pictures import SIZES, blank_pictures
from mt3dnet_ros.evaluation.class_map import map_classes
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.scorers.called_instrument import CalledInstrumentScorer
from mt3dnet_ros.evaluation.scorers.consistency import judge_consistency
from mt3dnet_ros.evaluation.scorers.flicker import judge_flicker
from mt3dnet_ros.evaluation.scorers.instrument import InstrumentScorer, PartScorer
from mt3dnet_ros.media.pictures import Pictures, open_pictures
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver

_OUTPUTS = frozenset({'labels', 'parts', 'detections', 'depth'})
_VIDEO = 'video.*'


def judge_folder(perceiver: Perceiver, folder: Path) -> list[Section]:
    """Return the sections of one folder: of its frames, each by itself, and of its video, if it has one.

    :param folder: with ``images/``, and ``parts_masks/`` where the frames are labelled
    :raises DatasetError: the folder is not laid out as it must be
    :raises SourceError: the video cannot be read
    """
    frames = PartsFolder(folder) if (folder / PartsFolder.masks).is_dir() else UnlabelledFolder(folder)
    sections = _judge_frames(perceiver, frames)
    sections.append(judge_consistency(perceiver, (frame.image for frame in frames)))
    sections += [_judge_video(perceiver, open_pictures(video)) for video in sorted(folder.glob(_VIDEO))]
    return sections


def judge_blank_pictures(perceiver: Perceiver) -> Section:
    """Return the section on pictures in which there is nothing to see, in several sizes."""
    scorer = CalledInstrumentScorer()
    for height, width in SIZES:
        for name, picture in blank_pictures(height, width).items():
            frame = LabelledFrame(f'{name}, {width}x{height}', picture, types=np.zeros((height, width), np.uint8))
            scorer.update(_observe(perceiver, frame))
    return scorer.section()


def _judge_frames(perceiver: Perceiver, frames: PartsFolder | UnlabelledFolder) -> list[Section]:
    scorers: list[Scorer] = [InstrumentScorer(), CalledInstrumentScorer()]
    if isinstance(frames, PartsFolder):
        scorers.append(PartScorer(map_classes(perceiver.config.parts, frames.part_names, frames.renamed_parts)))
    for frame in tqdm(frames, desc='frames', unit='frame', disable=None):
        observation = _observe(perceiver, frame)
        for scorer in scorers:
            scorer.update(observation)
    return [scorer.section() for scorer in scorers]


def _observe(perceiver: Perceiver, frame: LabelledFrame) -> Observation:
    return Observation(frame, perceiver(Frame(frame.image), None, _OUTPUTS), [])


def _judge_video(perceiver: Perceiver, pictures: Pictures) -> Section:
    bar = tqdm(pictures, 'video', pictures.count or None, unit='frame', disable=None)
    return judge_flicker(perceiver, (Frame(picture.read(), picture.stamp) for picture in bar))
