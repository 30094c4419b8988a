"""EndoVis 2018 with instrument types: the annotations of ISINet, organised by its script or by SurgicalSAM.

Layouts::

    DIR/{train,val}/{images,annotations,binary_annotations}/seq2_frame000[_classC_instK].png        ISINet
    DIR/{train/0,val}/{images,annotations,binary_annotations}/seq2/00000[_classC_instK].png          SurgicalSAM
    DIR/.../seq_2/{left_frames,labels}/frame000.png, instrument_labels_2017/frame000_classC_instK.png   as downloaded
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from mt3dnet_ros.datasets.completeness import warn_of_missing_frames
from mt3dnet_ros.datasets.endovis.endovis2018_raw import ANNOTATIONS, RawTypes
from mt3dnet_ros.datasets.endovis.organised import OrganisedTypes, TypeFiles, frames_by_sequence, list_organised
from mt3dnet_ros.datasets.frames import DatasetError, FrameSet
from mt3dnet_ros.datasets.listing import content_of, find_folders, first_folder
from mt3dnet_ros.datasets.splits import load_split, require_sequences
from mt3dnet_ros.json_text import parse_json
from mt3dnet_ros.perception.taxonomy import load_taxonomy

NATIVE, ISINET, MATIS = 'endovis2018', 'endovis2018_isinet', 'endovis2018_matis'
_PUBLISHED_FRAMES = 149  # of each sequence


def open_endovis2018(folder: str | Path, split: str, numbering: str | None = None) -> FrameSet:
    """Return the frames of a split in whichever layout the folder has.

    :param split: of ``config/splits/endovis2018.yaml``
    :param numbering: taxonomy of the ids in an organised folder; without it, found by ``numbering_of``
    :raises DatasetError: the folder has none of the layouts, or sequences of the split are missing
    """
    root = Path(folder)
    if any(_parts(root)):
        return _open_organised(root, split, numbering)
    if any((sequence / ANNOTATIONS).is_dir() for sequence in find_folders(root, r'seq_\d+')):
        return RawTypes(root, split)
    raise DatasetError(
        f"'{root}' is not EndoVis 2018 with instrument types; expected train/images and val/images (ISINet), "
        f'train/0/images (SurgicalSAM) or seq_N/{ANNOTATIONS} (as downloaded); it has {content_of(root)}'
    )


def numbering_of(class_ids: Iterable[int]) -> str:
    """Return the name of the taxonomy that a whole data set's class ids fit.

    ISINet's numbering that is compatible with 2017 leaves out 4 and 5 and has 8 and 9; the native one, which
    SurgicalSAM shares, ends at 7. The numbering of MATIS cannot be distinguished from it and is never returned.
    """
    ids = set(class_ids)
    return ISINET if ids & {8, 9} or (6 in ids and not ids & {4, 5}) else NATIVE


def _open_organised(root: Path, split: str, numbering: str | None) -> OrganisedTypes:
    """Return the frames of a split; they are found wherever they lie, so that every split can be made of a folder."""
    wanted = load_split('endovis2018', split)
    frames = list_organised(_parts(root))
    require_sequences(root, split, wanted, (sequence for sequence, _ in frames))
    chosen = {frame: files for frame, files in frames.items() if frame[0] in wanted}
    warn_of_missing_frames(frames_by_sequence(chosen), root, lambda _: _PUBLISHED_FRAMES)
    taxonomy = load_taxonomy(numbering or numbering_of(_class_ids(root, frames.values())))
    entries = {f'seq_{sequence}/frame{frame:03d}': files for (sequence, frame), files in chosen.items()}
    hint = f'they are taken to be of {taxonomy.name}: say which numbering the folder has, {NATIVE}, {ISINET} or {MATIS}'
    return OrganisedTypes(entries, taxonomy, hint)


def _parts(root: Path) -> Iterator[Path]:
    """Yield the folders that hold ``images``."""
    for part in ('train', 'val'):
        images = first_folder(root / part, 'images', '0/images')
        if images is not None:
            yield images.parent


def _class_ids(root: Path, frames: Iterable[TypeFiles]) -> set[int]:
    """Return the ids of all classes: those in the list that ISINet's script leaves behind, or those of the masks."""
    listing = root / 'labels_2017.json'
    if not listing.is_file():
        return {label for frame in frames for label, _ in frame.masks}
    try:
        return {int(label['classid']) for label in parse_json(listing.read_bytes())}
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise DatasetError(
            f'\'{listing}\' must be a list of {{"name": ..., "classid": ...}} ({error!r}); remove it, or write it again'
        ) from error
