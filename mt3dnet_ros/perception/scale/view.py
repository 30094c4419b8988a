"""What an estimator of scale looks at."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scale.evidence import NO_EVIDENCE, Evidence
from mt3dnet_ros.perception.scene import Detection
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.stopwatch import Stopwatch


@dataclass(frozen=True)
class ScaleView:
    """One frame, what the network says of it, and what is known beside it; depths are those of the network, unscaled.

    :param camera: of the frame's image
    :param letterbox: between the image and the network's output
    :param shown: what the network's outputs show
    :param evidence: what is known beside
    :param shape_deviation: standard deviation of the logarithm of the network's depth of a single tool, once the
        frame's scale is right: what is measured at one tool tells the scale no better than that
    :param stopwatch: of the frame; what is shown is computed when it is first asked for, which is postprocessing
    """

    frame: Frame
    camera: Camera
    letterbox: Letterbox
    shown: Interpretation
    settings: Settings
    evidence: Evidence = NO_EVIDENCE
    shape_deviation: float = MT3DNetConfig.tool_deviation
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def instances(self) -> np.ndarray:
        """Instance id per pixel of the image, (H, W) uint8, 0 is background."""
        with self._postprocessing():
            return self.shown.instances

    @property
    def instruments(self) -> list[Detection]:
        """The instruments, whose places are not looked for."""
        with self._postprocessing():
            return self.shown.instruments

    @property
    def detections(self) -> list[Detection]:
        """The instruments, positions by the network's depth."""
        with self._postprocessing():
            return self.shown.detections

    @property
    def cell_depth(self) -> np.ndarray:
        """The network's depth per cell of its output, (h, w) float32 metres, NaN where unknown."""
        with self._postprocessing():
            return self.shown.cell_depth

    @property
    def cell_instances(self) -> np.ndarray:
        """Instance id per cell of the network's output, (h, w) uint8."""
        with self._postprocessing():
            return self.shown.cell_instances

    @property
    def cell_parts(self) -> np.ndarray:
        """The most probable part per cell, instrument or not, (h, w): 1 and more, numbered as ``parts``."""
        with self._postprocessing():
            return self.shown.cell_parts

    @property
    def cell_rays(self) -> np.ndarray:
        """Rays of the cells' centres, (h, w, 3), optical frame, z = 1."""
        with self._postprocessing():
            found = self.shown.cell_rays
        assert found is not None, 'a view has a camera'
        return found

    @property
    def depth(self) -> np.ndarray:
        """The network's depth per pixel of the image, (H, W) float32 metres, NaN where unknown."""
        with self._postprocessing():
            return self.shown.depth

    def _postprocessing(self) -> AbstractContextManager[None]:
        return self.stopwatch.stage('postprocess')
