"""The world of the guidance demo: its clock, and a scene before a moving camera, with a record of what happens.

Camera guidance and the simulated ECM run in processes of their own, on simulated time that this world makes. It goes on
by one step only when both have answered the last one, so that no load of the machine can change what happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from mt3dnet_ros.demo.guidance.link import GuidanceLink
from mt3dnet_ros.demo.guidance.steps import Step
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.simulated_perception import SimulatedPerception
from mt3dnet_ros.guidance.simulated_scene import SimulatedScene, seen_from
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.ros.messages.headers import SECOND

PERIOD = SECOND // 100  # nanoseconds of one step
FRAME_STEPS = 4  # from image to image: 25 Hz
LATENCY = 6  # steps from an image to what perception publishes of it
_TRUE_SCALE = 0.6  # metres per metre of the network, which no node is told: its depths are 1.7 times too large
_POLLING = 0.2  # seconds of real time to wait for answers before the time goes on without them


class GuidanceWorld:
    """Makes time go on, step by step, and keeps what happened; a context manager.

    :param camera: of the endoscope
    :param target: the place (3,) of the target at a time in seconds, metres in the arm's base frame
    :param check: called while the nodes are waited for; raises where one of them cannot go on
    :param timeout: seconds of real time that the nodes may take for a step
    """

    def __init__(
        self,
        camera: Camera,
        target: Callable[[float], np.ndarray],
        check: Callable[[], None],
        timeout: float = 60.0,
    ) -> None:
        self.target = target
        self.images_arrive = True  # and with them what perception publishes of them
        self.depth_is_known = True  # in what perception publishes
        self.scale_arrives = True  # of the depth that perception publishes
        self.perception = SimulatedPerception(_TRUE_SCALE, np.random.default_rng(0))
        self.on_frame: Callable[[np.ndarray, Step], None] = lambda picture, step: None
        self.steps: list[Step] = []
        self.link = GuidanceLink(check, timeout)
        self._scene, self._ecm = SimulatedScene(camera), Ecm()
        self._steps = 100  # the clock begins at one second: zero says that there is none
        # Step of an image, target and depth in it, and their scale.
        self._waiting: deque[tuple[int, np.ndarray, np.ndarray, DepthScale]] = deque()

    def __enter__(self) -> GuidanceWorld:
        return self

    def __exit__(self, *_: object) -> None:
        self.link.close()

    @property
    def now(self) -> float:
        """Simulated time in seconds."""
        return self._steps * PERIOD / SECOND

    @property
    def has_just_perceived(self) -> bool:
        """Whether perception published something at the last step."""
        return (self._steps - 1 - LATENCY) % FRAME_STEPS == 0

    def wait_for_nodes(self) -> None:
        """Wait until all topics have their ends: a message to a subscriber that is not there yet would be lost.

        :raises NodeError: they do not in time
        """
        self.link.wait_for_subscribers()
        self.link.wait_until(self._nodes_answer, 'camera_guidance and simulated_ecm to answer')
        self.link.wait_until(self._joints_arrive, 'camera_guidance to receive the joint state')

    def _nodes_answer(self) -> bool:
        """Let time go on without waiting and return whether both answer."""
        self._publish_time()
        return self.link.poll_answers(_POLLING)

    def _joints_arrive(self) -> bool:
        """Let time go on and return whether guidance has a joint state: the two nodes have discovered each other."""
        self.step()
        return 'nan' not in self.link.values.get('joints [rad, m]', 'nan')

    def run(self, seconds: float) -> None:
        """Let simulated time go on."""
        for _ in range(round(seconds * SECOND / PERIOD)):
            self.step()

    def step(self) -> None:
        """Let one period go by.

        :raises NodeError: a node does not answer in time
        """
        while self._waiting and self._waiting[0][0] + LATENCY <= self._steps:
            self._publish_perception(*self._waiting.popleft())
        self.link.repeat_dead_man()
        self._publish_time()
        joints, increments = self.link.wait_for_answers()
        self._record(np.array(joints.position), np.array(joints.velocity), increments)

    def _publish_time(self) -> None:
        self._steps += 1
        self.link.publish_time(self._steps * PERIOD)

    def _record(self, joints: np.ndarray, speeds: np.ndarray, increments: np.ndarray) -> None:
        pose, place = self._ecm.camera_pose(joints), self.target(self.now)
        reason, advance = (self.link.values.get(key, '') for key in ('reason', 'advance'))
        step = Step(self.now, seen_from(pose, place), joints, speeds, increments, reason, advance)
        self.steps.append(step)
        if self._steps % FRAME_STEPS == 0:
            picture, depth = self._scene.view(pose, place)
            self.on_frame(picture, step)
            perceived, scale = self.perception.perceive(depth, self._steps * PERIOD)
            seen = step.seen * (scale.factor / self.perception.factor)
            self._waiting.append((self._steps, seen, perceived, scale))

    def _publish_perception(self, step: int, seen: np.ndarray, depth: np.ndarray, scale: DepthScale) -> None:
        """Publish what perception would publish of the image of a step."""
        if self.images_arrive:
            known = depth if self.depth_is_known else np.full_like(depth, np.nan)
            self.link.publish_perception(step * PERIOD, seen, known, scale if self.scale_arrives else None)
