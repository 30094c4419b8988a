"""From a recording to the files that a person looks at."""

from __future__ import annotations

from pathlib import Path

import cv2
from tqdm import tqdm

from mt3dnet_ros.demo.moments import choose_views, moments
from mt3dnet_ros.demo.overview import draw_overview
from mt3dnet_ros.demo.recording import Summary
from mt3dnet_ros.media.ply import write_ply
from mt3dnet_ros.media.video_writer import VideoWriter


def write_results(recording: Path, summary: Summary, folder: Path) -> list[Path]:
    """Write overview.mp4, overview.png and scene.ply; return their paths.

    :raises EmptyRecordingError: no frame was processed to its end
    """
    best = summary.best_stamp()
    stamps = summary.complete_stamps()
    colors, view = choose_views(recording, stamps, summary.drawn)
    height, width = view.size
    video, picture, scene = (folder / name for name in ('overview.mp4', 'overview.png', 'scene.ply'))
    recorded = moments(recording, stamps, summary.drawn)
    with VideoWriter(video, _rate(stamps), (2 * height, 2 * width)) as writer:
        for moment, cloud in tqdm(recorded, 'drawing', len(stamps), unit='frame', disable=None):
            overview = draw_overview(moment, colors, view)
            writer.write(overview)
            if moment.stamp == best:
                cv2.imwrite(str(picture), cv2.cvtColor(overview, cv2.COLOR_RGB2BGR))
                write_ply(scene, cloud.xyz, cloud.rgb, cloud.labels)
    return [video, picture, scene]


def _rate(stamps: list[int]) -> float:
    """Return the pictures per second that let the video last as long as what it shows."""
    span = 1e-9 * (stamps[-1] - stamps[0])
    return min(100.0, max(1.0, (len(stamps) - 1) / span)) if span else 25.0
