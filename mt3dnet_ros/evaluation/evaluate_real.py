"""Judge a network on folders of real frames and the videos beside them."""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from mt3dnet_ros.datasets.parts_folder import PartsFolder
from mt3dnet_ros.evaluation.class_map import map_classes
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.scorers.consistency import judge_consistency
from mt3dnet_ros.evaluation.scorers.flicker import judge_flicker
from mt3dnet_ros.evaluation.scorers.instrument import InstrumentScorer, PartScorer
from mt3dnet_ros.media.pictures import Pictures, open_pictures
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver

_OUTPUTS = frozenset({'labels', 'parts'})
_VIDEO = 'video.*'


def judge_folder(perceiver: Perceiver, folder: Path) -> list[Section]:
    """Return the sections of one folder: of its labelled frames, each by itself, and of its video, if it has one.

    :raises DatasetError: the folder is not laid out as it must be
    :raises SourceError: the video cannot be read
    """
    frames = PartsFolder(folder)
    sections = _judge_frames(perceiver, frames)
    sections.append(judge_consistency(perceiver, (frames[index].image for index in range(len(frames)))))
    sections += [_judge_video(perceiver, open_pictures(video)) for video in sorted(folder.glob(_VIDEO))]
    return sections


def _judge_frames(perceiver: Perceiver, frames: PartsFolder) -> list[Section]:
    parts = map_classes(perceiver.config.parts, frames.part_names, frames.renamed_parts)
    scorers = InstrumentScorer(), PartScorer(parts)
    for index in tqdm(range(len(frames)), desc='frames', unit='frame', disable=None):
        frame = frames[index]
        observation = Observation(frame, perceiver(Frame(frame.image), None, _OUTPUTS), [])
        for scorer in scorers:
            scorer.update(observation)
    return [scorer.section() for scorer in scorers]


def _judge_video(perceiver: Perceiver, pictures: Pictures) -> Section:
    bar = tqdm(pictures, 'video', pictures.count or None, unit='frame', disable=None)
    return judge_flicker(perceiver, (Frame(picture.read(), picture.stamp) for picture in bar))
