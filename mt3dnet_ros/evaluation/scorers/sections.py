"""Which sections a report has, for a network and a data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from mt3dnet_ros.datasets.frames import FrameSet
from mt3dnet_ros.evaluation.class_map import ClassMap, map_classes
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.observer import Observer
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.scorers.confidence import ConfidenceScorer
from mt3dnet_ros.evaluation.scorers.depth import DepthScorer
from mt3dnet_ros.evaluation.scorers.detection import DetectionScorer
from mt3dnet_ros.evaluation.scorers.instrument import InstrumentScorer, PartScorer
from mt3dnet_ros.evaluation.scorers.type import TypeScorer
from mt3dnet_ros.evaluation.scorers.type_doubt import DOUBT, TypeDoubtScorer
from mt3dnet_ros.evaluation.st_mtl_observer import STMTLObserver
from mt3dnet_ros.evaluation.tracks.scorer import TracksScorer
from mt3dnet_ros.perception.taxonomy import load_taxonomy


@dataclass(frozen=True)
class UnpredictedTask(Scorer[NoReturn]):
    """A section on what the network does not predict.

    :param name: of the section, and ``title``
    """

    name: str
    title: str

    def measure(self, observation: Observation) -> None:
        """Return nothing."""

    def add(self, measured: NoReturn) -> None:
        """Add nothing."""

    def section(self) -> Section:
        """Return the section, which says why it is empty."""
        return Section(self.name, self.title, skipped='the network does not predict it')


def frame_scorers(observer: Observer | STMTLObserver, frames: FrameSet, renames: dict[str, str]) -> list[Scorer[Any]]:
    """Return the scorers of frames, and of what is followed from frame to frame.

    :param renames: type names of the data set by those of the network, where they differ
    :raises ClassMapError: a renamed class does not exist
    """
    types: ClassMap | None = None
    if frames.taxonomy is not None:
        types = map_classes(observer.classes, frames.taxonomy.names, renames)
    return [InstrumentScorer(), TypeScorer(types), *_of_mt3dnet(observer, frames, types), ConfidenceScorer(types)]


def _of_mt3dnet(observer: Observer | STMTLObserver, frames: FrameSet, types: ClassMap | None) -> list[Scorer[Any]]:
    """Return the scorers of the outputs that ST-MTL lacks."""
    if isinstance(observer, STMTLObserver):
        titles = {
            'parts': 'Instrument parts',
            'detection': 'Detection',
            'type_doubt': DOUBT,
            'depth': 'Depth',
            'tracks': 'Tracks',
        }
        return [UnpredictedTask(name, title) for name, title in titles.items()]
    names = getattr(frames, 'part_names', load_taxonomy('parts').names)
    parts = map_classes(observer.config.parts, names, getattr(frames, 'renamed_parts', {}))
    of_frames: list[Scorer[Any]] = [PartScorer(parts), DetectionScorer(types), TypeDoubtScorer(types), DepthScorer()]
    return [*of_frames, TracksScorer(frames, types)]
