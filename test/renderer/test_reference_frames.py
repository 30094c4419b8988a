"""The shipped domains draw the frames that they always drew: the shipped checkpoint has learned from them.

``reference_frames.npz`` holds thumbnails. After a change that is meant to alter frames, write them with
``python test/renderer/test_reference_frames.py``, and say in the change log that rendered data sets differ.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.sequence import render_sequence
from mt3dnet_ros.renderer.writing.write import render_frame

REFERENCE = Path(__file__).with_name('reference_frames.npz')
DATA = Path(__file__).parents[3] / 'shared' / 'data'
DOMAINS = ('endoscope', 'wide', 'laparoscopy', 'bench')
STILLS = 3
SIZE = (30, 24)  # columns and rows of a thumbnail


def thumbnails(domain: str, data: Path | None) -> np.ndarray:
    """Render still frames and a sequence; return (N, 24, 30, 4) uint8: red, green, blue and type."""
    still = RenderPlan(data, load_domain(domain), height=96, width=120)
    sequence = RenderPlan(data, load_domain(domain), height=96, width=120, frames_per_sequence=2, baseline=0.005)
    frames = [render_frame(still, 'train', index) for index in range(STILLS)] + render_sequence(sequence, 'val', 0)
    images = [cv2.resize(frame.image, SIZE, interpolation=cv2.INTER_AREA) for frame in frames]
    return np.stack([np.dstack([image, frame.types[2::4, 2::4]]) for image, frame in zip(images, frames, strict=True)])


@pytest.mark.parametrize('domain', DOMAINS)
@pytest.mark.parametrize('meshes', [False, True])
def test_a_shipped_domain_draws_the_frames_that_it_always_drew(domain, meshes):
    if meshes and not (DATA / 'dvrk_model').is_dir():
        pytest.skip('../shared/data/dvrk_model is not there')
    with np.load(REFERENCE) as reference:
        expected = reference[f'{domain}_{"meshes" if meshes else "simple"}'].astype(int)
    difference = np.abs(thumbnails(domain, DATA if meshes else None) - expected)
    assert difference[..., :3].mean() < 0.2  # of 255: other processors round a little differently
    assert (difference[..., 3] > 0).mean() < 0.002


if __name__ == '__main__':
    simple = {f'{domain}_simple': thumbnails(domain, None) for domain in DOMAINS}
    meshes = {f'{domain}_meshes': thumbnails(domain, DATA) for domain in DOMAINS}
    np.savez_compressed(REFERENCE, **simple, **meshes)
