"""Judge the surface: rendered scenes with exact geometry, the network's depth, the same frames for every way.

    python benchmark/reconstruction.py [--seeds 3] [--first 0] [--frames 40] [--kinds still] [--jitter 0.1 0.1]

Each scene is filmed by a camera that travels over still tissue, by one that stands still while the tissue breathes
(5 mm, 15 times a minute), by one that travels over such tissue, and by one that stands still while the middle of the
tissue is pulled towards it and let go (6 mm, 15 times a minute). Errors are of the tissue's depth in each frame, in
millimetres, after one factor for the whole scene, which is given as *scale*: 1 is metric. *Behind tools* is where an
instrument hides the tissue in that frame; *in view* is where the network shows tissue in that frame, so that all ways
are judged by the same pixels; *complete* is how much of the tissue is within 2 mm of the surface; *flicker* is the
deviation of a pixel's error over time.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.metrics.trajectory_errors import absolute_trajectory_error, path_length
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.reconstruction.reconstructor import Reconstructor
from mt3dnet_ros.reconstruction.settings import GIVEN, ODOMETRY, ReconstructionSettings, SurfaceSettings
from mt3dnet_ros.reconstruction.tissue_view import TissueView, view_tissue
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.meshes import Mesh
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.raycast import Raycaster
from mt3dnet_ros.renderer.render import RenderedFrame, Shot, render
from mt3dnet_ros.renderer.scene.motion import MotionRanges, MovingWorld, sample_motion
from mt3dnet_ros.renderer.scene.world import World, sample_world
from mt3dnet_ros.renderer.streams import GRAIN, LOOK, SCENE, plan_stream
from speed.markdown import table

RATE = 10.0  # frames per second
WIDTH, HEIGHT, MARGIN = 400, 320, 0.02
STILL_TISSUE = MotionRanges(
    camera_shift=(0.006, 0.012), camera_turn=(0.02, 0.06), camera_period=(4.0, 8.0), breath=(0.0, 0.0)
)
BREATHING = MotionRanges(
    camera_shift=(0.0, 0.0), camera_turn=(0.0, 0.0), breath=(0.0025, 0.0025), breath_period=(4.0, 4.0)
)
TRAVELLING = replace(STILL_TISSUE, breath=BREATHING.breath, breath_period=BREATHING.breath_period)
STILL_CAMERA = replace(BREATHING, breath=(0.0, 0.0))
PULL, PULL_REACH, PULL_PERIOD = 0.006, 0.012, 4.0  # metres, and seconds
OURS, PLAIN = 'fused', 'plain TSDF'
SETTINGS = {
    OURS: ReconstructionSettings(GIVEN),
    PLAIN: ReconstructionSettings(
        GIVEN,
        align_scale=False,
        follow_tissue=False,
        use_parallax=False,
        patience=0,
        surface=SurfaceSettings(steadiness=1e6),
    ),
}
CLOSE = 2.0  # millimetres


@dataclass(frozen=True, eq=False)
class Moment:
    """One frame: what the network says of it, and what is true.

    :param tissue: (h, w) true depth of the tissue in metres, behind instruments too
    :param visible: (h, w) bool, where it is not hidden
    :param view: what the network shows of the tissue, and ``uncut`` with instruments in it
    """

    time: float
    pose: np.ndarray
    tissue: np.ndarray
    visible: np.ndarray
    view: TissueView
    uncut: TissueView
    exact: TissueView


@dataclass(frozen=True)
class Kind:
    """How a scene moves.

    :param pull: metres that its middle is pulled towards the camera
    """

    title: str
    motion: MotionRanges
    pull: float = 0.0


KINDS = {
    'still': Kind('Still tissue, a camera that travels, its pose known', STILL_TISSUE),
    'breathing': Kind('Breathing tissue, a camera that stands still', BREATHING),
    'travelling': Kind('Breathing tissue, a camera that travels, its pose known', TRAVELLING),
    'pulled': Kind('Tissue that is pulled, a camera that stands still', STILL_CAMERA, PULL),
}


def pulled(world: World, lift: float) -> World:
    """Return a scene whose tissue in the middle of the view has come nearer to the camera by some metres."""
    return replace(
        world, tissue=replace(world.tissue, meshes=tuple(_pulled(mesh, lift) for mesh in world.tissue.meshes))
    )


def _pulled(mesh: Mesh, lift: float) -> Mesh:
    across = mesh.vertices[:, :2]
    bump = lift * np.exp(-0.5 * (across**2).sum(-1, keepdims=True) / PULL_REACH**2)
    vertices, normals = mesh.vertices.copy(), mesh.normals.copy()
    vertices[:, 2:] -= bump
    normals[:, :2] -= across / PULL_REACH**2 * bump * normals[:, 2:]
    normals /= np.maximum(1e-9, np.linalg.norm(normals, axis=-1, keepdims=True))
    return replace(mesh, vertices=vertices, normals=normals)


def film(kind: Kind, seed: int, frames: int, data: Path) -> Iterator[tuple[RenderedFrame, np.ndarray, float]]:
    """Yield frames of a scene, the depth of what is behind the instruments, and the time."""
    plan = RenderPlan(
        data, load_domain('endoscope'), width=WIDTH, height=HEIGHT, frames_per_sequence=frames, rate=RATE, seed=seed
    )
    rng = plan_stream(plan, 'test', 0, SCENE)
    world: MovingWorld = sample_motion(
        rng, sample_world(rng, plan.domain, *plan.rendered_size(), data, None), frames / RATE, kind.motion
    )
    for number in range(frames):
        time, look = number / RATE, plan_stream(plan, 'test', 0, LOOK)
        shot = Shot(WIDTH, HEIGHT, grain=plan_stream(plan, 'test', 0, GRAIN, number), time=time)
        now = pulled(world.at(time), kind.pull * 0.5 * (1.0 - np.cos(2.0 * np.pi * time / PULL_PERIOD)))
        frame = replace(render(look, now, plan.domain, shot), pose=world.camera_pose(time))
        yield frame, Raycaster(replace(now, tools=(), camera=frame.camera)).hits().depth, time


def moments(kind: Kind, seed: int, frames: int, data: Path) -> list[Moment]:
    """Return what the shipped network sees of a scene."""
    perceiver, found = load('', 'cpu'), []
    for frame, behind, time in film(kind, seed, frames, data):
        scene = perceiver(Frame(frame.image, 1 + round(1e9 * time)), frame.camera, {'labels', 'depth'})
        assert scene.depth is not None and scene.labels is not None and frame.pose is not None
        nothing = np.zeros_like(scene.labels)

        def view(depth: np.ndarray, labels: np.ndarray, frame: RenderedFrame = frame) -> TissueView:
            return view_tissue(frame.image, depth, labels, frame.camera, 320, MARGIN)

        hidden = cv2.dilate((frame.types > 0).view(np.uint8), np.ones((3, 3), np.uint8))
        true = view(np.where(behind > 0, behind, np.nan), nothing)
        exact = view(np.where(frame.depth > 0, frame.depth, np.nan), frame.types)
        visible = view(np.where(hidden == 0, 1.0, np.nan), nothing).known & (true.depth > 0)
        seen = view(scene.depth, scene.labels), view(scene.depth, nothing)
        found.append(Moment(time, frame.pose, true.depth, visible, *seen, exact))
    return found


def scale_of(film: list[Moment], depths: list[np.ndarray]) -> float:
    """Return by what depth has to be multiplied, over a whole film, to be true where the network shows tissue."""
    seen = [moment.visible & moment.view.known & (depth > 0) for moment, depth in zip(film, depths, strict=True)]
    pairs = zip(film, depths, seen, strict=True)
    return float(np.median([np.median(moment.tissue[at] / depth[at]) for moment, depth, at in pairs if at.any()]))


def judge(film: list[Moment], depth_of: Callable[[Moment], np.ndarray]) -> dict[str, float]:
    """Return the errors of a way, in millimetres, means over all frames but the first quarter.

    :param depth_of: returns its depth in a moment, metres, 0 where it has none; called in their order
    """
    found: defaultdict[str, list[float]] = defaultdict(list)
    depths, first = [depth_of(moment) for moment in film], len(film) // 4
    scale = scale_of(film[first:], depths[first:])
    errors = []
    for moment, depth in zip(film[first:], depths[first:], strict=True):
        error = np.where(depth > 0, 1e3 * (scale * depth - moment.tissue), np.nan)
        off, hidden = np.abs(error), (moment.tissue > 0) & ~moment.visible
        found['tissue in view'].append(float(np.nanmean(off[moment.visible & moment.view.known])))
        found['behind tools'].append(float(np.nanmean(off[hidden])) if np.isfinite(off[hidden]).any() else np.nan)
        found['behind tools, filled [%]'].append(100.0 * float(np.isfinite(off[hidden]).mean()))
        found['complete [%]'].append(100.0 * float((off[moment.visible] < CLOSE).mean()))
        errors.append(np.where(moment.visible & moment.view.known, error, np.nan))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', RuntimeWarning)  # pixels, and frames, without an error are NaN
        found['flicker'] = [float(np.nanmean(np.nanstd(np.stack(errors), axis=0)))]
        return {name: float(np.nanmean(values)) for name, values in found.items()} | {'scale': scale}


def fused(name: str, jitter: tuple[float, float] = (0.0, 0.0)) -> Callable[[Moment], np.ndarray]:
    """Return what gives the depth of the surface of a way, to which each moment is added before.

    :param jitter: of the poses that are given: standard deviation along and about each axis, millimetres and degrees
    """
    reconstructor, chance = Reconstructor(SETTINGS[name]), np.random.default_rng(0)

    def depth_of(moment: Moment) -> np.ndarray:
        given = jittered(moment.pose, jitter, chance)
        update = reconstructor.add(moment.uncut if name == PLAIN else moment.view, moment.time, given)
        pose = moment.pose if update.pose is None else update.pose
        return reconstructor.surface.look(moment.view.camera, pose).depth

    return depth_of


def jittered(pose: np.ndarray, jitter: tuple[float, float], chance: np.random.Generator) -> np.ndarray:
    """Return a pose (4, 4) that is a little wrong."""
    wrong = pose.copy()
    wrong[:3, 3] += 1e-3 * jitter[0] * chance.standard_normal(3)
    wrong[:3, :3] = wrong[:3, :3] @ cv2.Rodrigues(np.radians(jitter[1]) * chance.standard_normal(3))[0]
    return wrong


def odometry_error(views: list[TissueView], film: list[Moment]) -> tuple[float, float]:
    """Return the ATE in millimetres of a camera that is followed, and the percentage of frames in which it is lost."""
    reconstructor = Reconstructor(ReconstructionSettings(ODOMETRY))
    found = [reconstructor.add(view, moment.time) for view, moment in zip(views, film, strict=True)]
    kept = [(update.pose, moment.pose) for update, moment in zip(found, film, strict=True) if update.pose is not None]
    estimated, true = (np.stack(poses) for poses in zip(*kept, strict=True))
    return 1e3 * absolute_trajectory_error(estimated, true), 100.0 * (1.0 - len(kept) / len(film))


def report(kind: Kind, arguments: argparse.Namespace, with_odometry: bool) -> None:
    """Print the tables of one kind of scene."""
    rows: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
    paths = []
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        film = moments(kind, seed, arguments.frames, arguments.data)
        rows['single frames'].append(judge(film, lambda moment: moment.view.depth))
        for name in SETTINGS:
            rows[name].append(judge(film, fused(name, tuple(arguments.jitter))))
        if with_odometry:
            factor = scale_of(film, [moment.view.depth for moment in film])
            exact = odometry_error([moment.exact for moment in film], film)
            scaled = [replace(moment.view, depth=np.float32(factor) * moment.view.depth) for moment in film]
            network = odometry_error(scaled, film)
            paths.append(
                [f'{1e3 * path_length(np.stack([m.pose for m in film])):.0f}', *map('{:.1f}'.format, exact + network)]
            )
    names = [name for name in rows['single frames'][0] if name != 'scale']
    each = [names[0], 'complete [%]', 'scale']
    body = [
        [way, *(_mean(found, name) for name in names), *(_each(found, name) for name in each)]
        for way, found in rows.items()
    ]
    print(f'\n{kind.title}\n', *table(['', *names, *(f'{name}, scene by scene' for name in each)], body), sep='\n')
    if paths:
        head = ['path [mm]', 'ATE, exact depth', 'lost [%]', "ATE, the network's", 'lost [%]']
        print('', *table(head, paths), sep='\n')


def _mean(found: list[dict[str, float]], name: str) -> str:
    values = [each[name] for each in found if np.isfinite(each[name])]
    return f'{np.mean(values):.2f}' if values else ''


def _each(found: list[dict[str, float]], name: str) -> str:
    return ', '.join(f'{each[name]:.2f}' for each in found)


def main() -> None:
    """Measure every kind of scene and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--first', type=int, default=0, help='the first seed')
    parser.add_argument('--frames', type=int, default=40)
    parser.add_argument('--kinds', nargs='+', choices=KINDS, default=list(KINDS))
    parser.add_argument('--jitter', type=float, nargs=2, default=(0.0, 0.0), metavar=('MM', 'DEGREES'), help='of poses')
    parser.add_argument('--data', type=Path, default=Path('../shared/data'))
    arguments = parser.parse_args()
    for name in arguments.kinds:
        report(KINDS[name], arguments, with_odometry=name == 'still')


if __name__ == '__main__':
    main()
