"""The graph of the guidance demo: camera_guidance and simulated_ecm as processes, and the world around them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mt3dnet_ros.demo.guidance.link import ARM, NAMESPACE
from mt3dnet_ros.demo.guidance.scenario import ScenarioResult, run_scenario, target_path
from mt3dnet_ros.demo.guidance.steps import Step
from mt3dnet_ros.demo.guidance.world import GuidanceWorld
from mt3dnet_ros.demo.interruption import INTERRUPTION
from mt3dnet_ros.demo.processes import NodeProcess, prepare_environment, running_nodes
from mt3dnet_ros.geometry.camera import Camera

_PARAMETERS = {
    # Without crtk_msgs, which no registry has, the simulated ECM cannot say that it is ready.
    'camera_guidance': {'dvrk.enabled': 'true', 'dvrk.arm': ARM, 'dvrk.operating_state': 'if_published'},
    'simulated_ecm': {'arm': ARM},
}


def endoscope(width: int) -> Camera:
    """Return the demo's camera: 60 degrees wide, of the shape of a dVRK's picture."""
    return Camera.from_field_of_view(width, 2 * round(0.4 * width), math.radians(60.0))


def run_demo(camera: Camera, logs: Path, on_frame: Callable[[np.ndarray, Step], None] | None = None) -> ScenarioResult:
    """Run everything over DDS, on simulated time.

    :param logs: folder for what the nodes print
    :param on_frame: called with every picture (H, W, 3) uint8 and the step it is of
    :raises NodeError: a node cannot do its work; all are ended then, as after any exception
    """
    prepare_environment()
    with running_nodes() as stack:
        processes = []
        for name, parameters in _PARAMETERS.items():
            with INTERRUPTION.held():
                process = NodeProcess(
                    name, {**parameters, 'use_sim_time': 'true'}, {'__ns': NAMESPACE}, logs / f'{name}.log'
                )
                stack.callback(process.stop, 5.0)
            processes.append(process)

        def check() -> None:
            for process in processes:
                process.check()

        world = stack.enter_context(GuidanceWorld(camera, target_path(math.inf), check))
        if on_frame:
            world.on_frame = on_frame
        return run_scenario(world, camera)
