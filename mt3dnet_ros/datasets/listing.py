"""Folders and files of data sets: hidden ones and what systems leave behind are passed over, links are followed."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mt3dnet_ros.datasets.frames import DatasetError, DatasetWarning

IMAGES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp')
MASKS = ('.png', '.bmp', '.tif', '.tiff')  # which keep the ids
_JUNK = ('__MACOSX', 'Thumbs.db', 'desktop.ini')  # what macOS leaves in zip files has the names of real folders
_NAMED = 5  # files, frames or sequences in a message


def is_visible(path: Path) -> bool:
    """Return whether a file or folder belongs to the data: not ``._frame.png``, ``.DS_Store`` or ``__MACOSX``."""
    return not path.name.startswith('.') and path.name not in _JUNK


def list_files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Return the files of a folder with some suffixes, in capitals or not, in order; none where it is not there."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if path.suffix.lower() in suffixes and is_visible(path))
    return sorted(path for path in found if path.is_file())


def files_below(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Return the files in a folder and all folders below, linked ones too, in order."""
    found: list[Path] = []
    seen: set[str] = set()
    for place, folders, _ in os.walk(folder, followlinks=True):
        if os.path.realpath(place) in seen:  # a link to a folder above
            folders.clear()
            continue
        seen.add(os.path.realpath(place))
        folders[:] = [name for name in folders if is_visible(Path(name))]
        found += list_files(Path(place), suffixes)
    return sorted(found)


def by_stem(paths: Iterable[Path]) -> dict[str, Path]:
    """Return files by their names without suffix.

    :raises DatasetError: two have one name
    """
    found: dict[str, Path] = {}
    for path in paths:
        if (other := found.setdefault(path.stem, path)) is not path:
            raise DatasetError(f"'{other}' and '{path}' are two files of one name; keep one of them")
    return found


def numbered_files(folder: Path, pattern: str, suffixes: tuple[str, ...] = IMAGES) -> dict[int, Path]:
    """Return the files of a folder by the number in their name, in the order of the numbers.

    :param pattern: of the whole name without suffix, its first group being the number
    :raises DatasetError: two files have one number
    """
    matches = ((re.fullmatch(pattern, path.stem), path) for path in list_files(folder, suffixes))
    found: dict[int, Path] = {}
    for match, path in matches:
        if match and (other := found.setdefault(int(match[1]), path)) is not path:
            raise DatasetError(f"'{other}' and '{path}' are two files of frame {match[1]}; keep one of them")
    return dict(sorted(found.items()))


def images_with_masks(folder: Path, masks: str) -> dict[str, tuple[Path, Path]]:
    """Return each frame's image, in ``images``, and its mask, by the frame's name.

    An image without a mask is left out, with a warning.

    :param masks: name of the folder of masks
    :raises DatasetError: there are no masks, a mask has no image, or two files have one name
    """
    found = by_stem(list_files(folder / masks, MASKS))
    if not found:
        raise DatasetError(f"'{folder}' has no {masks}/*.png{_instead(folder / masks)}")
    images = by_stem(list_files(folder / 'images', IMAGES))
    if alone := [found[name] for name in found if name not in images]:
        raise DatasetError(
            f"{len(alone)} of {len(found)} masks have no image of their name in '{folder / 'images'}', such as "
            f"'{alone[0].name}' (looked for {', '.join(IMAGES)})"
        )
    if without := [path.name for name, path in images.items() if name not in found]:
        warnings.warn(
            f"{len(without)} of {len(images)} images in '{folder / 'images'}' have no mask in {masks}/ and are left "
            f'out: {listed(without)}',
            DatasetWarning,
            stacklevel=2,
        )
    return {name: (images[name], mask) for name, mask in found.items()}


def find_folders(root: Path, pattern: str, depth: int = 4) -> Iterator[Path]:
    """Yield the folders below a folder whose name matches a pattern, in order; not what is inside of them.

    :param depth: how deep to look
    :raises DatasetError: there is no such folder
    """
    if not root.is_dir():
        raise DatasetError(f"data set folder '{root}' does not exist")
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and is_visible(path)):
        if re.fullmatch(pattern, folder.name):
            yield folder
        elif depth > 1:
            yield from find_folders(folder, pattern, depth - 1)


def numbered_folders(root: Path, pattern: str, wanted: Callable[[Path], bool]) -> dict[int, Path]:
    """Return the folders below a folder by the number in their name.

    :param pattern: of the whole name, its first group being the number
    :param wanted: tells of a path below the root whether it counts
    :raises DatasetError: there is no such folder, or two folders have one number
    """
    found: dict[int, Path] = {}
    for folder in find_folders(root, pattern):
        match = re.fullmatch(pattern, folder.name)
        assert match is not None
        if wanted(folder.relative_to(root)) and (other := found.setdefault(int(match[1]), folder)) is not folder:
            raise DatasetError(f"'{other}' and '{folder}' are two folders of one sequence; keep copies elsewhere")
    return found


def first_folder(parent: Path, *names: str) -> Path | None:
    """Return the first of the named folders that exists."""
    return next((parent / name for name in names if (parent / name).is_dir()), None)


def listed(names: Iterable[object]) -> str:
    """Return some names for people: the first few, and how many more there are."""
    words = list(map(str, names))
    return ', '.join(words[:_NAMED]) + (f' and {len(words) - _NAMED} more' if len(words) > _NAMED else '')


def content_of(folder: Path) -> str:
    """Return what lies in a folder, for people."""
    return listed(sorted(path.name for path in folder.iterdir() if is_visible(path))) or 'nothing'


def _instead(folder: Path) -> str:
    if any(list_files(folder, ('.jpg', '.jpeg'))):
        return ', but JPEG files; JPEG changes ids at every border, so take the original masks or write PNG'
    if not folder.parent.is_dir():
        return f"; there is no folder '{folder.parent}'"
    return f' (it has {content_of(folder.parent)}); docs/train/datasets.md shows the layout'
