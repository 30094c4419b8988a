"""A scene in words: what ``print(scene)`` and a notebook show."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mt3dnet_ros.perception.scene import Detection, Scene, Track


def one_line(scene: Scene) -> str:
    """Return what was found, without the pictures."""
    found = [f'nothing here: {scene.nothing}'] if scene.nothing else []
    if scene.detections is not None:
        found.append(', '.join(f'{item.class_name} {item.score:.2f}' for item in scene.detections) or 'no instrument')
    if scene.depth is not None:
        found.append(f'depth {_depth_range(scene.depth)}')
    return f'<Scene{_size(scene)}: {"; ".join(found) or "print it for more"}>'


def lines(scene: Scene) -> Iterator[str]:
    """Yield a line on the picture, each instrument, depth, and where to look; what is absent, and why."""
    yield f'scene{_size(scene)}'
    if scene.nothing:
        yield f'nothing here: {scene.nothing}'
    elif scene.view is not None:
        yield f'a view that the network knows, probability {scene.view:.2f}'
    if scene.detections is not None:
        yield _count(len(scene.detections), 'instrument')
        yield from (f'  {_detection(item)}' for item in scene.detections)
    if scene.tracks is not None and scene.tracks.living:
        yield _count(len(scene.tracks.living), 'track')
        yield from (f'  {_track(track)}' for track in scene.tracks.living)
    if scene.depth is not None:
        doubt = '' if scene.camera else '; its scale is a guess: no camera was given'
        yield f'depth {_depth_range(scene.depth)}{doubt}'
    if scene.scanpath is not None:
        first = f', first at pixel {scene.scanpath[0].pixel}' if scene.scanpath else ''
        yield f'{_count(len(scene.scanpath), "fixation")}{first}'
    for reason in dict.fromkeys(scene.absent.values()):
        names = [name for name, why in scene.absent.items() if why == reason]
        yield f'absent: {", ".join(names)} ({reason})'


def caption(class_name: str, score: float, track_id: int) -> str:
    """Return what is written beside an instrument in pictures and in space; its track's id goes first."""
    number = f'#{track_id} ' if track_id > 0 else ''
    return f'{number}{class_name} {score:.2f}'


def _size(scene: Scene) -> str:
    shapes = (output.shape for output in vars(scene).values() if isinstance(output, np.ndarray))
    return next((f' of {shape[1]} x {shape[0]} pixels' for shape in shapes), '')


def _count(number: int, noun: str) -> str:
    return f'{number or "no"} {noun}{"s" if number > 1 else ""}'


def _detection(item: Detection) -> str:
    box = item.box
    text = f'{item.class_name}, score {item.score:.2f}, columns {box.x} to {box.x + box.width - 1}'
    text += f', rows {box.y} to {box.y + box.height - 1}'
    if all(map(math.isfinite, item.position)):
        x, y, z = (1e3 * value for value in item.position)
        text += f', at x {x:.1f}, y {y:.1f}, z {z:.1f} mm'
    return text


def _track(track: Track) -> str:
    text = f'#{track.id} {track.class_name}, probability {track.class_probability:.2f}, since {track.age:.1f} s'
    if track.unseen:
        return f'{text}, not seen for {track.unseen:.1f} s'
    if all(map(math.isfinite, track.tip_velocity)):
        text += f', tip moves at {1e3 * math.hypot(*track.tip_velocity):.0f} mm/s'
    return text


def _depth_range(depth: np.ndarray) -> str:
    known = depth[np.isfinite(depth)]
    if not known.size:
        return 'unknown everywhere'
    least, largest = 1e3 * known.min(), 1e3 * known.max()
    return f'{least:.0f} to {largest:.0f} mm, known in {known.size / depth.size:.0%} of the pixels'
