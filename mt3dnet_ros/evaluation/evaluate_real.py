"""Judge a network on folders of real frames and the videos beside them: ``mt3dnet evaluate-real --data DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path

from tqdm import tqdm

from mt3dnet_ros.commands.arguments import user_path
from mt3dnet_ros.datasets.parts_folder import PartsFolder
from mt3dnet_ros.evaluation.class_map import map_classes
from mt3dnet_ros.evaluation.evaluate_video import VideoError, add_network_arguments, describe, open_perceiver
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.report import Section, write_report
from mt3dnet_ros.evaluation.scorers.consistency import judge_consistency
from mt3dnet_ros.evaluation.scorers.flicker import judge_flicker
from mt3dnet_ros.evaluation.scorers.instrument import InstrumentScorer, PartScorer
from mt3dnet_ros.media.pictures import Pictures, open_pictures
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.device import DeviceError
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver

_OUTPUTS = frozenset({'labels', 'parts'})
_VIDEO = 'video.*'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'Judge masks of instruments and of their parts on every folder of labelled real frames, whether they stay when '
        'pictures are mirrored, zoomed and brightened, and how much they flicker over the video beside them. Example: '
        'mt3dnet evaluate-real --data ../shared/data/real_val --output ~/report'
    )
    parser.add_argument(
        '--data',
        required=True,
        type=user_path,
        metavar='DIR',
        help='its sub-folders have images/ and parts_masks/, and may have a video; see docs/train/evaluation.md',
    )
    parser.add_argument('--output', required=True, type=user_path, metavar='DIR', help='folder of the reports')
    add_network_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Judge each folder and write a report on it."""
    folders = [masks.parent for masks in sorted(arguments.data.glob('*/parts_masks'))]
    if not folders:
        raise VideoError(
            f"no sub-folder of '{arguments.data}' has parts_masks/; docs/train/evaluation.md shows the layout"
        )
    try:
        perceiver = open_perceiver(arguments)
        for folder in folders:
            sections = judge_folder(perceiver, folder)
            output = arguments.output / folder.name
            output.mkdir(parents=True, exist_ok=True)
            write_report(output, {'folder': str(folder)} | describe(arguments, perceiver), sections, {})
            _print_folder(folder.name, sections)
    except (OSError, DeviceError, BackEndError) as error:
        raise VideoError(str(error)) from error
    print('wrote', arguments.output)
    return 0


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
        seen = Observation(frame, perceiver(Frame(frame.image), None, _OUTPUTS), [])
        for scorer in scorers:
            scorer.update(seen)
    return [scorer.section() for scorer in scorers]


def _judge_video(perceiver: Perceiver, pictures: Pictures) -> Section:
    bar = tqdm(pictures, 'video', pictures.count or None, unit='frame', disable=None)
    return judge_flicker(perceiver, (picture.read() for picture in bar), pictures.rate)


def _print_folder(name: str, sections: list[Section]) -> None:
    for section in sections:
        values = [f'{metric} {found.value:.4f}' for metric, found in section.metrics.items()]
        for part, found in section.tables.get('classes', {}).items():
            values += [f'{part} {metric} {value.value:.4f}' for metric, value in found.items() if part != 'background']
        print(f'{name}: {section.name}: {section.skipped or ", ".join(values)}')
