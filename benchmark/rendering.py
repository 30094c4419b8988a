"""Speed of rendering, and what each effect of the camera adds to its cost.

    python benchmark/rendering.py --data DIR [--domain wide] [--frames 12] [--width 320] [--height 256]

Each case renders the same scenes in this one process, one after another, and takes its time from the process's own
clock, so that other work on the machine counts for little. Cases: the domain as it is; its scenes before an ideal
camera; that camera with one effect alone, in every frame and at the domain's ranges; with all of them at once; and a
stereo pair. Ratios are to the ideal camera, the median over scenes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.camera_effects import CameraEffects
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.writing.write import render_frame

# The probabilities that stand for an effect: group and key.
EFFECTS = {
    'distortion': ('lens', 'distorted'),
    'depth of field': ('lens', 'defocused'),
    'circular view': ('view', 'masked'),
    'borders': ('view', 'bordered'),
    'smoke': ('air', 'plumes'),
    'drops': ('dirt', 'droplets'),
    'blood': ('dirt', 'blood'),
    'motion blur': ('shutter', 'moving'),
    'interlacing': ('shutter', 'woven'),
    'noise': ('sensor', 'noisy'),
    'mosaic': ('sensor', 'mosaic'),
    'flare': ('sensor', 'flared'),
    'soft video': ('recorder', 'softened'),
    'coarse colour': ('recorder', 'subsampled'),
    'compression': ('recorder', 'compressed'),
}
BASELINE = 0.005  # metres
IDEAL = 'ideal camera'


def switched(effects: CameraEffects, chosen: Iterable[str]) -> CameraEffects:
    """Return the effects with the chosen ones in every frame and the others in none."""
    effects = replace(
        effects,
        lens=replace(effects.lens, fringe=(0.0, 0.0)),
        shutter=replace(effects.shutter, blended=0.0, doubled=0.0),
    )
    for name, (group, key) in EFFECTS.items():
        values = replace(getattr(effects, group), **{key: float(name in chosen)})
        effects = replace(effects, **{group: values})
    return effects


def cases(plan: RenderPlan) -> dict[str, RenderPlan]:
    """Return the plans that are compared, by name."""

    def filmed(chosen: Iterable[str]) -> RenderPlan:
        return replace(plan, domain=replace(plan.domain, camera=switched(plan.domain.camera, chosen)))

    plans = {'domain as it is': plan, IDEAL: filmed([])}
    plans |= {name: filmed([name]) for name in EFFECTS}
    return plans | {'all effects': filmed(EFFECTS), 'stereo pair': replace(filmed([]), baseline=BASELINE)}


def seconds(plan: RenderPlan, index: int) -> float:
    """Return the processor time of one frame."""
    start = time.process_time()
    render_frame(plan, 'train', index)
    return time.process_time() - start


def main() -> None:
    """Measure all cases, frame by frame in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='folder that holds dvrk_model/')
    parser.add_argument('--domain', default='wide')
    parser.add_argument('--frames', type=int, default=12)
    parser.add_argument('--width', type=int, default=320)
    parser.add_argument('--height', type=int, default=256)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    domain = load_domain(arguments.domain)
    plans = cases(RenderPlan(arguments.data, domain, width=arguments.width, height=arguments.height))
    for index in range(arguments.frames):  # meshes are read once
        render_frame(plans[IDEAL], 'train', index)
    times = np.array([[seconds(plan, i) for plan in plans.values()] for i in range(arguments.frames)])
    ratios = np.median(times / times[:, [list(plans).index(IDEAL)]], axis=0)
    print(f'{"":16}{"ms":>7}{"frames/s":>10}{"ratio":>7}')
    for name, mean, ratio in zip(plans, times.mean(axis=0), ratios, strict=True):
        print(f'{name:16}{1e3 * mean:7.0f}{1 / mean:10.1f}{ratio:7.2f}')


if __name__ == '__main__':
    main()
