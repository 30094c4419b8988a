"""Sequences of frames: one scene in motion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mt3dnet_ros.renderer.camera.shutter import FLOW_INTERVAL
from mt3dnet_ros.renderer.domains.domain import Domain
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.render import RenderedFrame, Shot, render
from mt3dnet_ros.renderer.scene.motion import MotionRanges, MovingWorld, sample_motion
from mt3dnet_ros.renderer.scene.world import sample_world
from mt3dnet_ros.renderer.streams import GRAIN, LOOK, SCENE, plan_stream, stream


def sequence_world(plan: RenderPlan, split: str, sequence: int) -> MovingWorld:
    """Return a sequence's scene; the same plan always gives the same one."""
    rng = plan_stream(plan, split, sequence, SCENE)
    world = sample_world(rng, plan.domain, *plan.rendered_size(), plan.data, plan.dvrk_model)
    return sample_motion(rng, world, plan.frames_per_sequence / plan.rate, _motion(rng, plan.domain))


def _motion(rng: np.random.Generator, domain: Domain) -> MotionRanges:
    travel, handling = domain.camera.travel, domain.handling
    motion = MotionRanges(leaving=handling.leaving, away=handling.away)
    if stream(rng, 'travel').random() >= travel.travelling:
        return motion
    return replace(motion, camera_shift=travel.shift, camera_turn=travel.turn, camera_period=travel.period)


def render_sequence(plan: RenderPlan, split: str, sequence: int) -> list[RenderedFrame]:
    """Render the frames of a sequence of a split.

    They share tissue, tools, light, instance ids and the camera's settings; noise is drawn again for every frame.
    A longer sequence begins with the frames of a shorter one.
    """
    world = sequence_world(plan, split, sequence)
    return [sequence_frame(plan, split, sequence, world, frame) for frame in range(plan.frames_per_sequence)]


def sequence_frame(plan: RenderPlan, split: str, sequence: int, world: MovingWorld, frame: int) -> RenderedFrame:
    """Render one frame of a sequence whose scene is ``world``."""
    look = plan_stream(plan, split, sequence, LOOK)
    grain = plan_stream(plan, split, sequence, GRAIN, frame)
    time = frame / plan.rate
    shot = Shot(plan.width, plan.height, plan.baseline, grain, lambda: world.at(time + FLOW_INTERVAL), time)
    return replace(render(look, world.at(time), plan.domain, shot), pose=world.camera_pose(time))
