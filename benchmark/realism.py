"""How far rendered frames are from real ones: which statistics of the real ones they cover.

    python benchmark/realism.py --rendered DIR [--split val] --real FOLDER [FOLDER ...] [--frames 100]

``--rendered`` is a folder written by ``mt3dnet render``, each ``--real`` one of part masks (docs/train/evaluation.md).
A row per statistic: its 5th, 50th and 95th percentile over frames, of the rendered ones and of each real folder, and
which share of the real frames lies between the outer two of the rendered ones. Ranges of a domain are wide enough
where that share is near 0.9, and shifted where it is small. The labels of real frames serve for this count alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import FrameSet, LabelledFrame
from mt3dnet_ros.datasets.parts_folder import PartsFolder
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.evaluation.order import spread

WIDTH = 320  # columns at which frames are compared: about what a network sees
LEAST_PIXELS = 60  # of a region, for it to count
SHAFT = 1
BLACK, WHITE = 12, 250  # grey values of what is no picture (borders, outside of a round view), and of glare
RING = 21  # pixels around an instrument that count as its surroundings


def statistics(frame: LabelledFrame) -> dict[str, float]:
    """Return the statistics of one frame, NaN where it has too little of what they are of.

    Lightness and colour are CIE Lab (L 0 to 100), saturation is that of HSV (0 to 1), gradients and noise are in L.
    """
    comb, blocks = _comb(frame.image), _blocks(frame.image)
    image, parts = _reduced(frame)
    lab = cv2.cvtColor(image.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    saturation = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)[..., 1] / 255.0
    light, brightest = lab[..., 0], image.max(axis=2)
    gradient, residue = _gradient(light), np.abs(_noise_residue(light))
    tool, seen = parts > 0, brightest > BLACK
    tissue, shaft, manipulator = ~tool & seen, (parts == SHAFT) & seen, (parts > SHAFT) & seen
    ring = (cv2.dilate(tool.astype(np.uint8), np.ones((RING, RING))) > 0) & tissue
    glare = image.min(axis=2) >= WHITE
    result = {'share of instruments': tool.mean(), 'share of black': 1.0 - seen.mean()}
    for name, where in (('tissue', tissue), ('shaft', shaft), ('manipulator', manipulator)):
        if where.sum() < LEAST_PIXELS:
            continue
        result |= {
            f'{name}: L': np.median(light[where]), f'{name}: L, 5th percentile': np.percentile(light[where], 5),
            f'{name}: L, 95th percentile': np.percentile(light[where], 95), f'{name}: a': np.median(lab[where, 1]),
            f'{name}: b': np.median(lab[where, 2]), f'{name}: saturation': np.median(saturation[where]),
            f'{name}: gradient': gradient[where].mean(),
            f'{name}: gradient, 95th percentile': np.percentile(gradient[where], 95),
            f'{name}: glare share': glare[where].mean(),
        }  # fmt: skip
        if name != 'tissue' and ring.sum() >= LEAST_PIXELS:
            result[f'{name}: L less that around'] = np.median(light[where]) - np.median(light[ring])
    return result | {
        'tissue: noise': _robust_noise(residue[tissue]), 'tissue: glare spots': _spots(glare & tissue),
        'tissue: L over 40 pixels': _coarse(light, tissue), 'spectrum: slope': _slope(light),
        'rows: comb': comb, 'columns: blocks of 8': blocks,
    }  # fmt: skip


def _reduced(frame: LabelledFrame) -> tuple[np.ndarray, np.ndarray]:
    assert frame.parts is not None
    height, width = frame.image.shape[:2]
    size = WIDTH, round(height * WIDTH / width)
    return cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), cv2.resize(
        frame.parts, size, interpolation=cv2.INTER_NEAREST_EXACT
    )


def _gradient(light: np.ndarray) -> np.ndarray:
    return np.hypot(cv2.Scharr(light, cv2.CV_32F, 1, 0), cv2.Scharr(light, cv2.CV_32F, 0, 1)) / 32.0


def _noise_residue(light: np.ndarray) -> np.ndarray:
    """Return what a mask that is blind to planes and edges leaves (Immerkaer 1996), in units of the noise."""
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6.0
    return cv2.filter2D(light, cv2.CV_32F, mask)


def _robust_noise(residue: np.ndarray) -> float:
    return float(np.median(residue) / 0.6745) if len(residue) else np.nan  # a normal distribution's median deviation


def _spots(glare: np.ndarray) -> float:
    return cv2.connectedComponents(glare.astype(np.uint8))[0] - 1.0


def _coarse(light: np.ndarray, where: np.ndarray) -> float:
    """Return the deviation of L between places 40 pixels wide: how unevenly the field is lit."""
    weight = cv2.blur(where.astype(np.float32), (40, 40))
    mean = cv2.blur(np.where(where, light, 0.0).astype(np.float32), (40, 40)) / np.maximum(weight, 1e-6)
    places = mean[20::40, 20::40][weight[20::40, 20::40] > 0.5]
    return float(places.std()) if len(places) > 1 else np.nan


def _slope(light: np.ndarray) -> float:
    """Return the slope of log power over log frequency: about -2 for pictures of nature, steeper when blurred."""
    side = min(light.shape)
    window = np.hanning(side)[:, None] * np.hanning(side)
    power = np.abs(np.fft.fftshift(np.fft.fft2((light[:side, :side] - light.mean()) * window))) ** 2
    rows, columns = np.indices(power.shape) - side // 2
    radius = np.hypot(rows, columns).astype(int)
    profile = np.bincount(radius.ravel(), power.ravel()) / np.bincount(radius.ravel())
    frequencies = np.arange(4, side // 2)
    return float(np.polyfit(np.log(frequencies), np.log(profile[frequencies]), 1)[0])


def _comb(image: np.ndarray) -> float:
    """Return the difference of neighbouring rows over that of every second: above 1 where fields are interlaced."""
    green = image[..., 1].astype(np.float32)
    return float(np.abs(green[1:-1] - green[:-2]).mean() / max(np.abs(green[2:] - green[:-2]).mean(), 1e-6))


def _blocks(image: np.ndarray) -> float:
    """Return steps at multiples of 8 columns over all steps: above 1 where coarse compression left blocks."""
    steps = np.abs(np.diff(image[..., 1].astype(np.float32), axis=1)).mean(axis=0)
    return float(steps[7::8].mean() / max(steps.mean(), 1e-6))


def table_of(frames: FrameSet, count: int) -> dict[str, np.ndarray]:
    """Return the statistics of at most ``count`` frames, evenly spread, by their names; NaN where a frame has none."""
    rows = [statistics(frames[index]) for index in spread(len(frames), count)]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: np.array([row.get(name, np.nan) for row in rows], float) for name in names}


def covered(rendered: np.ndarray, real: np.ndarray) -> float:
    """Return the share of real values between the 5th and the 95th percentile of the rendered ones."""
    low, high = np.nanpercentile(rendered, (5, 95))
    known = real[~np.isnan(real)]
    return float(((known >= low) & (known <= high)).mean()) if len(known) else np.nan


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rendered', type=Path, required=True)
    parser.add_argument('--split', default='val')
    parser.add_argument('--real', type=Path, nargs='+', required=True)
    parser.add_argument('--frames', type=int, default=100)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rendered = table_of(RenderedFrames(arguments.rendered, arguments.split), arguments.frames)
    real = [table_of(PartsFolder(folder), arguments.frames) for folder in arguments.real]
    names = [folder.resolve().name[:18] for folder in arguments.real]
    print(f'{"":34}{"rendered":^24}' + ''.join(f'{name:^24}{"covered":>8}' for name in names))
    for name, values in rendered.items():
        cells = [f'{_percentiles(of_real[name])}{covered(values, of_real[name]):8.2f}' for of_real in real]
        print(f'{name:34}{_percentiles(values)}{"".join(cells)}')


def _percentiles(values: np.ndarray) -> str:
    return ''.join(f'{value:8.3g}' for value in np.nanpercentile(values, (5, 50, 95)))


if __name__ == '__main__':
    main()
