"""A data set reader of one's own: COCO annotations with polygons, as CVAT, Label Studio and others export them.

    python examples/own_dataset.py FOLDER            FOLDER/images/..., FOLDER/train.json, FOLDER/val.json

Training and judging find it by its module, which must be on PYTHONPATH:

    export PYTHONPATH=examples
    mt3dnet train --config examples/train_on_folder.yaml dataset=own_dataset:CocoFrames data=FOLDER output=RUN
    mt3dnet evaluate --dataset own_dataset:CocoFrames --data FOLDER --split val --output report
"""

import json
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.files import read_image
from mt3dnet_ros.datasets.frames import LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.registry import open_frames, register
from mt3dnet_ros.perception.taxonomy import LabelClass, Taxonomy


class CocoFrames(ListedFrames[dict]):
    """Frames with types and instances; classes are matched to those of a network by their names."""

    def __init__(self, folder: str | Path, split: str) -> None:
        content = json.loads((Path(folder) / f'{split}.json').read_text())
        categories = [category['name'] for category in content['categories']]
        classes = [LabelClass(number, name, (200, 200, 200)) for number, name in enumerate(['background', *categories])]
        super().__init__({image['file_name']: image for image in content['images']}, Taxonomy('coco', tuple(classes)))
        self._images = Path(folder) / 'images'
        self._ids = {category['id']: number for number, category in enumerate(content['categories'], start=1)}
        self._annotations = content['annotations']

    def _read(self, name: str, entry: dict) -> LabelledFrame:
        image = read_image(self._images / name)
        types, instances = np.zeros((2, *image.shape[:2]), np.uint8)
        found = [annotation for annotation in self._annotations if annotation['image_id'] == entry['id']]
        for number, annotation in enumerate(found, start=1):
            polygons = [np.int32(np.reshape(points, (-1, 2))) for points in annotation['segmentation']]
            cv2.fillPoly(types, polygons, self._ids[annotation['category_id']])
            cv2.fillPoly(instances, polygons, number)
        return LabelledFrame(name, image, types, instances=instances)


register('coco', CocoFrames, splits=('train', 'val'))  # a short name, for programs that import this module


if __name__ == '__main__':
    for split in ('train', 'val'):
        frames = open_frames('coco', sys.argv[1], split)
        ids = [kind for index in range(len(frames)) for kind in np.unique(frames[index].types)]
        seen = Counter(frames.taxonomy.by_id(int(kind)).name for kind in ids)
        print(f'{split}: {len(frames)} frames;', ', '.join(f'{name} in {count}' for name, count in seen.items()))
