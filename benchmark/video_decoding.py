"""How fast videos are decoded: by the package (PyAV) and by OpenCV, in turns, on the shipped clip or another file.

Example: python benchmark/video_decoding.py /path/to/video.mp4
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np

from mt3dnet_ros.media.open_source import open_video
from mt3dnet_ros.resources import package_file


class Rate(NamedTuple):
    """Pictures per second, and milliseconds of processor time per picture."""

    rate: float
    processor_ms: float


def by_package(path: Path) -> Iterator[np.ndarray]:
    """Yield the pictures as the package reads them, red first."""
    return (picture.image for picture in open_video(path))


def by_opencv(path: Path) -> Iterator[np.ndarray]:
    """Yield the pictures as OpenCV reads them, brought to red first."""
    capture = cv2.VideoCapture(str(path))
    while (read := capture.read())[0]:
        yield cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB)


def measure(pictures: Iterator[np.ndarray]) -> Rate:
    """Return how fast pictures come."""
    wall, processor = time.perf_counter(), time.process_time()
    count = sum(1 for _ in pictures)
    return Rate(count / (time.perf_counter() - wall), 1e3 * (time.process_time() - processor) / count)


def main() -> None:
    """Measure both in turns, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('video', nargs='?', type=Path, default=package_file('config', 'demo', 'clip.mp4'))
    parser.add_argument('--runs', type=int, default=5)
    arguments = parser.parse_args()
    readers: dict[str, Callable[[Path], Iterator[np.ndarray]]] = {'package': by_package, 'OpenCV': by_opencv}
    rates: dict[str, list[Rate]] = {name: [] for name in readers}
    for _ in range(arguments.runs):
        for name, read in readers.items():
            rates[name].append(measure(read(arguments.video)))
    for name, found in rates.items():
        rate, processor = (median(values) for values in zip(*found, strict=True))
        print(f'{name:8} {rate:7.0f} pictures/s  {processor:6.2f} ms of processor time per picture')


if __name__ == '__main__':
    main()
