"""Frames of any data set as plain files: images, a mask for each, and the names of the masks' ids.

    mt3dnet render --output rendered --train 40 --val 8 --test 8
    python examples/frames_to_folder.py rendered rendered FOLDER

It shows what a data set hands out, and makes a folder to try ``train_on_folder.py`` with.
"""

import argparse
from pathlib import Path

import cv2
import yaml

from mt3dnet_ros.datasets.registry import dataset_splits, open_frames
from mt3dnet_ros.perception.taxonomy import label_file


def main() -> None:
    """Write every split in the layout of the data set ``masks_folder``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('dataset', help='such as rendered or endovis2018')
    parser.add_argument('data', type=Path, help='where it lies')
    parser.add_argument('folder', type=Path, help='to write into')
    parser.add_argument('--splits', nargs='+', help='(default: all)')
    arguments = parser.parse_args()

    for split in arguments.splits or dataset_splits(arguments.dataset):
        frames = open_frames(arguments.dataset, arguments.data, split)
        images, masks = (arguments.folder / split / kind for kind in ('images', 'masks'))
        images.mkdir(parents=True)
        masks.mkdir()
        for index, name in enumerate(frames.names):
            frame = frames[index]  # read now; an image, and the labels that the data set has
            file = name.removeprefix(f'{split}/').replace('/', '_') + '.png'
            cv2.imwrite(str(images / file), cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR))
            cv2.imwrite(str(masks / file), frame.types)  # so for .parts, .instances, .depth; None where unknown
        print(f'{len(frames)} frames of {split}, {frame.image.shape[1]} x {frame.image.shape[0]} pixels')
    (arguments.folder / 'classes.yaml').write_text(yaml.safe_dump(label_file(frames.taxonomy)))


if __name__ == '__main__':
    main()
