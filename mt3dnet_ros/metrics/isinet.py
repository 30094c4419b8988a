"""IoU as published for EndoVis 2018: the definitions of ISINet's code, which later papers copied."""

from __future__ import annotations

import numpy as np


class IsinetScores:
    """IoU per frame, of classes that a frame shows or that were seen in it.

    Names collide across papers: "mIoU" is the cumulative IoU in the code of SurgicalSAM, and the Challenge IoU in the
    table of MATIS.

    :param classes: number of classes, the background included
    """

    def __init__(self, classes: int) -> None:
        self._frames: list[float] = []
        self._frames_challenge: list[float] = []
        self._class_sums = np.zeros(classes)
        self.class_frames = np.zeros(classes, np.int64)
        """Number of frames that count for each class, (C,)."""
        self._intersection = self._union = 0

    def update(self, counts: np.ndarray) -> None:
        """Add one frame by its confusion matrix (row: true class, column: predicted)."""
        shown, seen = counts.sum(axis=1) > 0, counts.sum(axis=0) > 0
        shown[0] = seen[0] = False
        if not seen.any():
            if shown.any():
                self._add(np.zeros(len(counts)), shown, shown)
            return
        intersection = counts.diagonal()
        union = counts.sum(axis=0) + counts.sum(axis=1) - intersection
        counted = shown | seen
        self._add(intersection / np.maximum(union, 1), shown, counted)
        self._intersection += int(intersection[counted].sum())  # as published, not of frames in which nothing was seen
        self._union += int(union[counted].sum())

    def _add(self, iou: np.ndarray, shown: np.ndarray, counted: np.ndarray) -> None:
        self._frames.append(float(iou[counted].mean()))
        if shown.any():
            self._frames_challenge.append(float(iou[shown].mean()))
        self._class_sums[counted] += iou[counted]
        self.class_frames += counted

    @property
    def frames(self) -> tuple[int, int]:
        """Number of frames that count for the ISI IoU and for the Challenge IoU."""
        return len(self._frames), len(self._frames_challenge)

    def challenge_iou(self) -> float:
        """Return the mean over frames of the mean over classes that the truth shows; NaN without such a frame."""
        return _mean(self._frames_challenge)

    def isi_iou(self) -> float:
        """Return the mean over frames of the mean over classes that truth or prediction show."""
        return _mean(self._frames)

    def mean_class_iou(self) -> float:
        """Return mcIoU: the mean over classes of the mean over the frames that count for the class."""
        return _mean(self.class_iou()[self.class_frames > 0].tolist())

    def cumulative_iou(self) -> float:
        """Return all intersections over all unions, classes and frames summed; NaN where nothing was seen."""
        return self._intersection / self._union if self._union else float('nan')

    def class_iou(self) -> np.ndarray:
        """Return the mean IoU of each class over its frames, (C,); NaN for the background and where there is none."""
        with np.errstate(invalid='ignore'):
            return self._class_sums / self.class_frames


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float('nan')
